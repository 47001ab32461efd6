"""The demo is right, a kill -9 of anything changes none of its figures, and it cleans up."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import clickhouse_connect
import httpx
import psutil
import pytest
from kit import engines, platforms
from kit.commands import counterfoil
from kit.demo_figures import figures
from kit.patience import until

from counterfoil.demo.assumptions import PROJECT
from counterfoil.folder import Folder
from counterfoil.platform import Platform
from counterfoil.ports import is_free

GOLDEN = json.loads(Path(__file__).with_name("demo_figures.json").read_text())
DECISIONS = GOLDEN["checked"]["decisions"]["ledger"]
CODES = 1202
UP_SECONDS = 120
END_SECONDS = 200

THE_REST = (
    *("analytics-worker", "campaigns", "campaigns-worker", "campaigns-applied", "campaigns-relay"),
    *("redemption", "redemption-definitions", "analytics", "gateway", "console"),
)

pytestmark = [pytest.mark.fault, pytest.mark.long, pytest.mark.timeout(400)]


class Demo:
    """One `counterfoil demo --json` and everything that it starts."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = Folder(folder)
        self.said = folder / "demo.json"
        self.told = folder / "demo.err"
        with self.said.open("wb") as said, self.told.open("wb") as told:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "counterfoil", "demo", "--json"),
                    *("--data", str(folder), *options),
                ],
                stdout=said,
                stderr=told,
                start_new_session=True,
            )
        self.family: dict[int, psutil.Process] = {}

    def alive(self) -> None:
        assert self.process.poll() is None, self.told.read_text()

    async def platform(self) -> Platform:
        async def up() -> bool:
            self.alive()
            state = self.folder.state()
            return self.folder.is_locked() and state.get("state") == "running"

        await until(up, UP_SECONDS, what="the demo's platform")
        self.meet()
        return Platform.of(self.folder)

    def meet(self) -> None:
        """Remember who runs, to look for them when all is over."""
        parent = psutil.Process(self.process.pid)
        self.family |= {each.pid: each for each in [parent, *parent.children(recursive=True)]}

    async def kill(self, part: str) -> None:
        """End a part as nothing would, and wait until the supervisor has started another."""
        self.alive()
        before = self.folder.state()["parts"][part]
        os.kill(before["pid"], signal.SIGKILL)

        async def started_again() -> bool:
            now = self.folder.state()["parts"][part]
            return now["pid"] is not None and int(now["restarts"]) > int(before["restarts"])

        await until(started_again, every=0.02, what=f"{part} started again")
        self.meet()

    async def ended(self) -> int:
        async def over() -> bool:
            return self.process.poll() is not None

        await until(over, END_SECONDS, what="the end of the demo")
        return int(self.process.returncode)

    def left(self) -> list[str]:
        """Name every process and every port that should be gone."""
        ports = self.folder.state()["ports"]
        return [
            *platforms.left(list(self.family.values())),
            *(name for name, port in ports.items() if not is_free(port)),
            *with_a_file_of(self.folder.path),
        ]


def with_a_file_of(folder: Path) -> Iterator[str]:
    """Name processes that were started for this folder or have a file of it open."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            files = [str(each.readlink()) for each in Path(f"/proc/{process.pid}/fd").iterdir()]
        except (psutil.Error, OSError):
            continue  # it ended meanwhile
        if process.pid != os.getpid() and any(str(folder) in each for each in words + files):
            yield " ".join(words)


@pytest.fixture(scope="module")
def demo_folder() -> Iterator[Path]:
    with engines.temporary_folder("demo") as folder:
        yield folder


@asynccontextmanager
async def playing(folder: Path, *options: str) -> AsyncIterator[Demo]:
    demo = Demo(folder, *options)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.kill()  # its children die with it
            demo.process.wait()


async def test_killing_every_service_in_the_middle_changes_no_figure(demo_folder: Path) -> None:
    async with playing(demo_folder) as demo:
        platform = await demo.platform()
        redemption = await asyncpg.connect(platform.views["redemption"])
        warehouse = await clickhouse_connect.get_async_client(dsn=platform.views["analytics"])

        async def codes() -> int:
            return int(await redemption.fetchval("SELECT count(*) FROM known_codes"))

        async def decided() -> int:
            demo.alive()
            return int(await redemption.fetchval("SELECT count(*) FROM reconciliation_entries"))

        async def all_taken() -> bool:
            return not await redemption.fetchval("SELECT count(*) FROM reconciliation_outbox")

        async def stored() -> int:
            sql = "SELECT count() FROM reconciliation_entries"
            return int((await warehouse.query(sql)).result_rows[0][0])

        await until(codes, 120, what="the first codes")
        for part in ("campaigns", "campaigns-relay"):
            await demo.kill(part)  # while they create and tell
        assert await codes() < CODES

        await until(decided, 120, every=0.005, what="the first decisions")
        await demo.kill("redemption-relay")  # while it takes the first outcomes
        await demo.kill("redemption-worker")
        await until(all_taken, every=0.005, what="outcomes taken from the outbox")
        await demo.kill("redemption-relay")  # with all of them in its hands, were it careless
        at_the_kill = await decided()
        assert 0 < at_the_kill < DECISIONS
        await until(stored, what="the first outcomes in ClickHouse")
        for part in THE_REST:
            await demo.kill(part)
        assert await stored() < DECISIONS
        assert await decided() < DECISIONS
        await redemption.close()
        await warehouse.close()

        assert await demo.ended() == 0, demo.told.read_text()
        outcome = json.loads(demo.said.read_text())
        assert figures(outcome) == GOLDEN
        assert all(row["accepted"] == row["expected"] for row in outcome["campaigns"])
        assert outcome["differences"] == []
        parts: dict[str, Any] = demo.folder.state()["parts"]
        killed = {name: part["restarts"] for name, part in parts.items() if part["restarts"]}
        twice = dict.fromkeys(["campaigns", "campaigns-relay", "redemption-relay"], 2)
        assert killed == dict.fromkeys(["redemption-worker", *THE_REST], 1) | twice
        assert demo.left() == []


async def test_ctrl_c_in_the_middle_ends_a_demo_and_leaves_its_kept_platform_with_all_data(
    demo_folder: Path,
) -> None:
    """Also the keys to those of earlier demos in this folder: the first one's are all there."""
    data = ("--data", str(demo_folder))
    async with playing(demo_folder, "--keep") as demo:
        try:
            platform = await demo.platform()

            campaigns = await asyncpg.connect(platform.views["campaigns"])
            sql = "SELECT count(*) FROM issued_codes"
            before = await campaigns.fetchval(sql)

            async def creating_codes() -> bool:
                demo.alive()
                return int(await campaigns.fetchval(sql)) > int(before)

            await until(creating_codes, 120, what="the demo at work")
            await campaigns.close()
            demo.process.send_signal(signal.SIGINT)
            assert await demo.ended() == 130, demo.told.read_text()
            assert "Traceback" not in demo.told.read_text()
            assert demo.said.read_text() == ""
            assert demo.folder.is_locked()

            found = json.loads(counterfoil("status", "--json", *data).stdout)
            first, *demos = found["projects"]
            assert (first["id"], len(demos)) == (platform.project["id"], 2)
            assert {each["name"] for each in demos} == {PROJECT}
            keys = {"X-App-Id": demos[0]["app_id"], "X-App-Token": demos[0]["app_token"]}
            async with httpx.AsyncClient(trust_env=False, headers=keys) as client:
                report = (await client.get(f"{found['gateway']}/v1/reports/partners")).json()
            redeemed = sum(line["redemptions"] for line in report["data"])
            assert redeemed == sum(line["redemptions"] for line in GOLDEN["partners"])
            reader = await clickhouse_connect.get_async_client(dsn=demos[0]["clickhouse_reader"])
            seen = await reader.query("SELECT sum(redemptions) FROM partner_performance")
            assert seen.result_rows == [(redeemed,)]
            await reader.close()
        finally:
            stopped = counterfoil("down", *data)
        assert (stopped.returncode, demo.left()) == (0, [])
