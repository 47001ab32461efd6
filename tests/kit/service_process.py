"""A role of a service as the process that it is in production: `python -m SERVICE ROLE`."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from counterfoil import plain_http, ports, processes
from kit.patience import until

READY_SECONDS = 60.0


class ServiceProcess:
    """One running role, by its address and by its signals."""

    def __init__(self, child: processes.Child, url: str) -> None:
        self.child = child
        self.url = url

    async def get(self, path: str) -> httpx.Response:
        async with plain_http.client(base_url=self.url) as client:
            return await client.get(path)

    async def readyz(self) -> dict[str, Any]:
        """Return what it says about its dependencies; nothing while it does not listen."""
        try:
            answer = await self.get("/readyz")
        except httpx.TransportError:
            return {}
        body: dict[str, Any] = answer.json()
        assert (answer.status_code == 200) == body["ready"]
        return body

    async def missing(self) -> set[str]:
        """Name the dependencies that `/readyz` misses; "process" while it does not listen."""
        if not (body := await self.readyz()):
            return {"process"}
        return {name for name, state in body["dependencies"].items() if state != "ok"}

    async def listening(self) -> None:
        """Wait until it answers at all. Raises when it ends instead, with its last words."""
        await until(self._listens, seconds=READY_SECONDS)

    async def ready(self) -> None:
        """Wait until nothing is missing. Raises when it ends instead, with its last words."""

        async def is_ready() -> bool:
            self._assert_runs()
            return (await self.readyz()).get("ready") is True

        await until(is_ready, seconds=READY_SECONDS)

    async def _listens(self) -> bool:
        self._assert_runs()
        try:
            await self.get("/livez")
        except httpx.TransportError:
            return False
        return True

    def _assert_runs(self) -> None:
        if (code := self.child.exit_code) is not None:
            raise processes.ProgramError(self.child.program, code)

    async def stop(self) -> tuple[int, float]:
        """Stop it as a supervisor does; return its exit status and how long it took."""
        began = time.monotonic()
        status = await self.child.stop(grace=20)
        return status, time.monotonic() - began

    async def ended(self, seconds: float = 90) -> int:
        """Wait until it ends by itself; return its exit status."""
        return await asyncio.wait_for(self.child.wait(), seconds)

    def kill(self) -> None:
        """End it without any warning, and whatever it started."""
        self.child.kill()

    @property
    def log(self) -> str:
        return self.child.program.log.read_text()


@contextlib.asynccontextmanager
async def running(
    service: str,
    role: str,
    folder: Path,
    environment: dict[str, str],
    *,
    program: str | None = None,
) -> AsyncIterator[ServiceProcess]:
    """Run a role; it may not be ready yet, and it does not survive the block.

    Its log is in the folder. `program` is Python code to run in place of the service's own start.
    """
    with ports.Ports() as reserved:
        port = reserved.choose()
        start = ("-m", service, role) if program is None else ("-c", program)
        child = processes.start(
            processes.Program(
                name=f"{service} {role}",
                arguments=(sys.executable, *start),
                log=folder / f"{service}-{role}-{uuid4().hex[:6]}.log",
                environment=environment
                | {
                    "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # what the tests import
                    f"{service.upper()}_PORT": str(port),
                },
            )
        )
        try:
            yield ServiceProcess(child, f"http://{ports.HOST}:{port}")
        finally:
            child.kill()


def free_port() -> int:
    """Return a port for an engine of a test's own: none that a client's connection takes first."""
    with ports.Ports() as reserved:
        return reserved.choose()
