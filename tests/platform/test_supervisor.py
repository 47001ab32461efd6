import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from kit.patience import until_true

from counterfoil import processes
from counterfoil.ports import Ports
from counterfoil.processes import Child, Program
from counterfoil.progress import Step
from counterfoil.supervisor import Supervisor

pytestmark = pytest.mark.process

FOR_EVER = "import time; print('here', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOR_EVER}"

APlatform = Callable[[str], Program]


@pytest.fixture
def a_program(tmp_path: Path) -> APlatform:
    def make(code: str) -> Program:
        return Program("part", (sys.executable, "-c", code), tmp_path / "part.log")

    return make


@pytest.fixture
async def told() -> list[Step]:
    return []


@pytest.fixture
async def supervisor(told: list[Step]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(told.append, lambda: None, first_pause=0.001)
    yield supervisor
    await supervisor.stop()


async def at_once(child: Child) -> None:
    del child


async def test_a_part_that_dies_is_reported_with_its_last_words_and_started_again(
    supervisor: Supervisor, told: list[Step], a_program: APlatform
) -> None:
    await supervisor.up("service", a_program(FOR_EVER), "url", at_once)
    killed = supervisor.parts()["part"]["pid"]
    await until_true(lambda: "here" in a_program("").tail())

    psutil.Process(killed).kill()
    await until_true(lambda: supervisor.parts()["part"]["restarts"] == 1)

    part = supervisor.parts()["part"]
    assert (part["state"], part["last_exit"]) == ("running", "signal SIGKILL")
    [died] = [step for step in told if step.state == "died"]
    assert "SIGKILL" in died.detail
    assert "| here" in died.detail


async def test_a_part_that_keeps_dying_is_left_failed(
    supervisor: Supervisor, told: list[Step], a_program: APlatform
) -> None:
    await supervisor.up("service", a_program("raise SystemExit(3)"), "url", at_once)

    await until_true(lambda: supervisor.parts()["part"]["state"] == "failed")

    part = supervisor.parts()["part"]
    assert (part["restarts"], part["last_exit"], part["pid"]) == (5, "status 3", None)
    assert told[-1].state == "failed"


SERVES = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        self.send_response(503 if {stuck} else 200)
        self.end_headers()
        self.wfile.write(b"no progress")
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


async def test_a_service_that_says_it_is_stuck_is_started_again(
    told: list[Step], a_program: APlatform
) -> None:
    supervisor = Supervisor(told.append, lambda: None, first_pause=0.001, ask_every=0.3)
    with Ports() as ports:
        port = ports.choose()
        program = a_program(SERVES.format(port=port, stuck="True"))
        await supervisor.up("service", program, f"http://127.0.0.1:{port}", at_once)

        await until_true(lambda: supervisor.parts()["part"]["restarts"] == 1)

        part = supervisor.parts()["part"]
        assert part["last_exit"] == "signal SIGTERM (was stuck: no progress)"
        assert "was stuck: no progress" in next(s.detail for s in told if s.state == "died")
        await supervisor.stop()


@pytest.mark.parametrize(
    ("stuck", "suspended"),
    [
        pytest.param("Handler.asked % 7", False, id="stuck now and then"),
        pytest.param("True", True, id="suspended"),
    ],
)
async def test_a_service_is_left_alone(a_program: APlatform, stuck: str, suspended: bool) -> None:
    supervisor = Supervisor(lambda _: None, lambda: None, ask_every=0.1)
    with Ports() as ports:
        port = ports.choose()
        program = a_program(SERVES.format(port=port, stuck=stuck))
        await supervisor.up("service", program, f"http://127.0.0.1:{port}", at_once)
        process = psutil.Process(supervisor.parts()["part"]["pid"])
        await until_true(lambda: " 503 " in program.tail())
        if suspended:
            process.suspend()

        await asyncio.sleep(2)

        part = supervisor.parts()["part"]
        assert (part["pid"], part["restarts"]) == (process.pid, 0)
        process.resume()
        await supervisor.stop()


async def test_stop_ends_also_what_does_not_listen(a_program: APlatform) -> None:
    child = processes.start(a_program(DEAF))
    await until_true(lambda: "here" in child.program.tail())

    with pytest.raises(TimeoutError):
        await child.stop(grace=0.2)

    assert child.exit_code == -signal.SIGKILL


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from counterfoil.processes import Program, start
log = Path({str(tmp_path)!r}) / "part.log"
child = start(Program("part", (sys.executable, "-c", {FOR_EVER!r}), log))
print(child.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    gives_up = time.monotonic() + 60
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < gives_up
        time.sleep(0.01)


async def test_what_fails_at_once_says_why(a_program: APlatform) -> None:
    with pytest.raises(processes.ProgramError, match=r"status 1(.|\n)*no such luck"):
        await processes.run(a_program("raise SystemExit('no such luck')"))
