"""Caddy: the one port that everything public is behind, and the files of others that pages load."""

import asyncio
import shutil
import sysconfig
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from counterfoil import plain_http
from counterfoil.engines import jars
from counterfoil.ports import HOST
from counterfoil.processes import Child, Program, ProgramError

READY_SECONDS = 20.0
CADDYFILE = Path(__file__).with_name("Caddyfile")
PAGES = Path(__file__).with_name("pages")
# The files of each jar that pages load, and no others, by where they are below /assets. An address
# with a version in it is kept by browsers for ever.
SERVED: Final[Mapping[str, tuple[str, ...]]] = {
    "swagger-ui": ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt"),
    "htmx/2.0.10": ("htmx.min.js",),
    "uplot/1.6.30": ("uPlot.iife.min.js", "uPlot.min.css"),
}


def url(port: int) -> str:
    return f"http://{HOST}:{port}"


async def prepare(folder: Path, logs: Path) -> None:
    """Lay out what pages load. Without it API pages lead to documents, and the console works."""
    try:
        await jars.fetch_missing(jars.PAGES, logs)
    except OSError:
        return
    await asyncio.to_thread(_unpack, assets(folder))


def assets(folder: Path) -> Path:
    return folder / "assets"


def _unpack(assets: Path) -> None:
    for jar, (place, files) in zip(jars.paths(jars.PAGES), SERVED.items(), strict=True):
        into = assets / place
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                file = name.rpartition("/")[2]
                if file in files:
                    with archive.open(name) as packed, (into / file).open("wb") as unpacked:
                        shutil.copyfileobj(packed, unpacked)


def program(folder: Path, port: int, upstreams: Mapping[str, str], logs: Path) -> Program:
    """Describe the gateway; `upstreams` name each role's address as the Caddyfile does."""
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    own = {
        "GATEWAY_BIND": HOST,
        "GATEWAY_PORT": str(port),
        "GATEWAY_PAGES": str(PAGES),
        "GATEWAY_ASSETS": str(assets(folder)),
    }
    private = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return Program(
        name="gateway",
        arguments=(str(caddy), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"),
        log=logs / "gateway.log",
        environment={**own, **upstreams, **private},
    )


async def ready(child: Child, url: str) -> None:
    async with asyncio.timeout(READY_SECONDS), plain_http.client() as client:
        while True:
            if (code := child.exit_code) is not None:
                raise ProgramError(child.program, code)
            try:
                (await client.get(f"{url}/livez")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
