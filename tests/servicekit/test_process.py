"""The command line of every service: what it needs, how it ends."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from kit.patience import until
from kit.service_process import free_port

from counterfoil import plain_http

pytestmark = pytest.mark.process

SERVICE = """
import asyncio, contextlib, sys
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict
from starlette.applications import Starlette
from servicekit import health
from servicekit.lifecycle import background_task
from servicekit.metrics import Metrics
from servicekit.process import Command, Role, main
from servicekit.settings import FromEnvironment, Listening

class Settings(Listening):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    secret: SecretStr

class Migration(FromEnvironment):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    status: int

def make(work):
    @contextlib.asynccontextmanager
    async def lifespan(_app):
        async with background_task(work):
            yield
    app = Starlette(lifespan=lifespan)
    health.answer(app, Metrics("shop", "api"), {}, [])
    return app

def well(settings):
    return make(asyncio.Event().wait())

def dying(settings):
    async def die():
        await asyncio.sleep(0.3)
        raise KeyError("a bug")
    return make(die())

sys.exit(main("shop", {
    "api": Role(Settings, "__main__:well"),
    "worker": Role(Settings, "__main__:dying"),
    "migrate": Command(Migration, lambda settings: settings.status),
}, sys.argv[1:]))
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text(SERVICE)
    return path


async def start(program: Path, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        | environment,
    )


async def run(program: Path, *arguments: str, **environment: str) -> tuple[int | None, str]:
    process = await start(program, *arguments, **environment)
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest.mark.parametrize("arguments", [(), ("serve",), ("api", "worker")])
async def test_who_asks_for_no_role_is_told_which_there_are(
    program: Path, arguments: tuple[str, ...]
) -> None:
    usage = "usage: python -m shop api|worker|migrate\n"
    assert await run(program, *arguments) == (2, usage)


async def test_a_bad_setting_is_named_in_one_line_and_no_secret_is(program: Path) -> None:
    status, line = await run(program, "api", SHOP_SECRET="hunter2", SHOP_PORT="many")

    assert status == 2
    assert line.startswith("settings: port (")
    assert line.endswith("see docs/shop.md\n")
    assert len(line.splitlines()) == 1
    assert "hunter2" not in line


async def test_a_command_ends_with_its_own_status(program: Path) -> None:
    assert (await run(program, "migrate", SHOP_STATUS="7"))[0] == 7


async def test_as_many_may_connect_as_the_system_lets_in(program: Path) -> None:
    port = free_port()
    few = "import os, resource, sys; most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]; "
    few += "resource.setrlimit(resource.RLIMIT_NOFILE, (64, most)); "
    few += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", few, str(program), "api"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"SHOP_SECRET": "hunter2", "SHOP_PORT": str(port)},
    )
    try:
        async with plain_http.client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:

            async def alive() -> bool:
                return (await http.get("/livez")).is_success

            await until(alive, 60)
        silent = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", port) for _ in range(200))
        )
        async with plain_http.client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            assert (await http.get("/livez")).is_success
        for _, writer in silent:
            writer.close()
    finally:
        process.kill()
        await process.communicate()


async def test_a_role_that_is_told_to_stop_ends_well(program: Path) -> None:
    port = free_port()
    process = await start(program, "api", SHOP_SECRET="hunter2", SHOP_PORT=str(port))

    async def alive() -> bool:
        async with plain_http.client(base_url=f"http://127.0.0.1:{port}") as http:
            lag = "event_loop_lag_seconds" in (await http.get("/metrics")).text
            return lag and (await http.get("/livez")).status_code == 200

    await until(alive, 60)
    process.terminate()
    await process.communicate()

    assert process.returncode == 0


async def test_a_role_whose_task_dies_ends_as_a_failure_and_says_why(program: Path) -> None:
    status, lines = await run(program, "worker", SHOP_SECRET="hunter2", SHOP_PORT="0")

    assert status == 1
    assert '"event": "task_died"' in lines
    assert '"service": "shop", "role": "worker"' in lines
