"""Caddy: the one port that everything public is behind."""

import asyncio
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import httpx

from counterfoil.ports import HOST
from counterfoil.processes import Child, Program, ProgramError

READY_SECONDS = 20.0
CADDYFILE = Path(__file__).with_name("Caddyfile")
PAGES = Path(__file__).with_name("pages")


def url(port: int) -> str:
    return f"http://{HOST}:{port}"


def program(folder: Path, port: int, upstreams: Mapping[str, str], logs: Path) -> Program:
    """Describe the gateway; `upstreams` name each role's address as the Caddyfile does."""
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    own = {"GATEWAY_BIND": HOST, "GATEWAY_PORT": str(port), "GATEWAY_PAGES": str(PAGES)}
    private = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return Program(
        name="gateway",
        arguments=(str(caddy), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"),
        log=logs / "gateway.log",
        environment={**own, **upstreams, **private},
    )


async def ready(child: Child, url: str) -> None:
    async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient(trust_env=False) as client:
        while True:
            if (code := child.exit_code) is not None:
                raise ProgramError(child.program, code)
            try:
                (await client.get(f"{url}/livez")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
