import os
import subprocess
import sys

import httpx
import pytest
from kit.campaigns_samples import MANAGEMENT, a_process, environment

pytestmark = pytest.mark.process

NOWHERE = "postgresql://somebody:secret@127.0.0.1:1/nothing"


async def test_without_postgres_the_api_says_so_and_blames_nobody() -> None:
    async with a_process("api", NOWHERE) as process, httpx.AsyncClient(timeout=20) as http:
        ready = await http.get(f"{process.url}/readyz")
        alive = await http.get(f"{process.url}/livez")
        refused = await http.get(f"{process.url}/management/v1/projects", headers=MANAGEMENT)
        assert (await process.stop())[0] == 0

    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert "ConnectionRefusedError" in ready.json()["dependencies"]["postgres"]
    assert alive.status_code == 200
    assert (refused.status_code, refused.json()["key"]) == (503, "service_unavailable")
    assert refused.headers["Retry-After"] == "1"


@pytest.mark.parametrize("role", ["worker", "applied"])
async def test_without_both_engines_a_reader_waits_and_stops_when_told(role: str) -> None:
    async with a_process(role, NOWHERE) as process, httpx.AsyncClient(timeout=20) as http:
        ready = await http.get(f"{process.url}/readyz")
        assert (await process.stop())[0] == 0

    assert ready.status_code == 503
    assert set(ready.json()["dependencies"]) == {"postgres", "kafka"}


def test_a_missing_setting_is_named_and_no_secret_is_printed() -> None:
    settings = {**os.environ, **environment(NOWHERE)}
    del settings["CUSTOMER_ID_KEY"]

    done = subprocess.run(
        [sys.executable, "-m", "campaigns", "api"],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert "CUSTOMER_ID_KEY" in done.stderr
    assert "secret" not in done.stdout + done.stderr
