"""`counterfoil demo`: a real retailer's year on a platform of its own, or on the one that runs."""

import asyncio
import base64
import shutil
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from contracts.principals import IMPORTER
from counterfoil import logins, projects
from counterfoil.commands import Json
from counterfoil.demo.assumptions import CURRENCY, PROJECT, TIME_ZONE
from counterfoil.demo.gateway import Gateway, UnexpectedAnswerError
from counterfoil.demo.run import run
from counterfoil.demo.tables import Outcome, everything
from counterfoil.demo.target import StuckError, Target
from counterfoil.detaching import detach_up
from counterfoil.errors import PlatformError
from counterfoil.folder import DEFAULT, Folder, chosen
from counterfoil.hints import typed
from counterfoil.log_files import tail
from counterfoil.platform import Platform, running_platform
from counterfoil.processes import TAIL_LINES
from counterfoil.progress import Display
from counterfoil.projects import Project
from counterfoil.reconcile.reconciling import FAULTS
from counterfoil.showing import print_json, show_access, wide_console
from counterfoil.status import status

OWN = DEFAULT / "demo"
INTERRUPTED = 130


async def demo(
    *,
    keep: Annotated[
        bool,
        Parameter(negative="", help="Leave the platform running, and print how to look at it"),
    ] = False,
    json: Json = False,
    data: Annotated[
        Path | None,
        Parameter(help=f"Play on the platform in this folder; {OWN}, emptied first, if none"),
    ] = None,
) -> int:
    """Replay a retailer's year of coupons and print what each partner earned.

    Exit status 1 when anything differs from the data set, or ledger, Kafka and ClickHouse differ.
    """
    console = Console(stderr=True, highlight=False)
    folder = Folder(chosen(emptied(OWN) if data is None else data))
    if keep:
        await detach_up(folder)
    stays = folder.is_locked()
    try:
        with Display() as display:
            async with running_platform(folder.path, progress=display) as platform:
                display.finish()
                outcome = await played(platform, console)
    except asyncio.CancelledError:
        console.print("stopped")
        return INTERRUPTED
    finally:
        if keep:
            console.print(f"the platform goes on; `{typed('down', folder.path)}` stops it")
    running = await status(folder) if keep else None
    if json:
        print_json(as_json(outcome) | ({"platform": running} if running else {}))
    else:
        out = wide_console()
        out.print(*everything(outcome), sep="\n")
        if running:
            out.print()
            show_access(out, running)
    if not stays:
        console.print(f"`{typed('up', folder.path)}` shows these data again, and the keys to them")
    return 1 if outcome.differences else 0


async def played(platform: Platform, console: Console) -> Outcome:
    """Play, and say which part failed and what it logged last."""
    try:
        return await run(await target(platform), console)
    except StuckError as stuck:
        raise PlatformError(f"{stuck}{_said(platform, stuck)}") from stuck
    except (UnexpectedAnswerError, *FAULTS) as error:
        raise PlatformError(f"the demo failed: {type(error).__name__}: {error}") from error


def emptied(folder: Path) -> Path:
    """Throw away what the last demo left there, so that every run starts alike."""
    if Folder(folder.absolute()).is_locked():
        down = typed("down", folder.absolute())
        raise PlatformError(
            f"a demo already runs in {folder}: stop it (`{down}`), or join it by --data"
        )
    if folder.exists():
        shutil.rmtree(folder)
    return folder


async def target(platform: Platform) -> Target:
    """Open a project of the demo's own, so that nobody else's figures are touched."""
    keys = {
        "X-Management-Id": platform.management_id,
        "X-Management-Token": platform.management_token,
    }
    async with Gateway(platform.gateway, keys) as gateway:
        _, project = await gateway.call(
            "POST",
            "/management/v1/projects",
            {"name": PROJECT, "currency": CURRENCY, "time_zone": TIME_ZONE},
        )
        await gateway.call("POST", logins.path(project["id"]), logins.OWNER)
    own = Project(id=project["id"], app_id=project["app_id"], app_token=project["app_token"])
    projects.keep(platform.folder, PROJECT, own)
    return Target(
        gateway=platform.gateway,
        kafka=platform.kafka,
        importer=platform.principals[IMPORTER],
        redemption_dsn=platform.views["redemption"],
        clickhouse_url=platform.views["analytics"],
        project_id=own["id"],
        app_id=own["app_id"],
        app_token=own["app_token"],
        customer_key=platform.customer_id_key.encode(),
    )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Write the outcome for a script; bytes as base64, because they may be no text."""
    return {
        "currency": outcome.currency,
        "partners": outcome.partners,
        "campaigns": outcome.campaigns,
        "failures": outcome.failures,
        "differences": outcome.differences,
        "dead_letters": [
            {**letter, "value": base64.b64encode(letter["value"]).decode()}
            for letter in outcome.dead_letters
        ],
        "checked": outcome.checked,
        "assumptions": list(outcome.assumptions),
        "made_up": list(outcome.made_up),
    }


def _said(platform: Platform, stuck: StuckError) -> str:
    told = ""
    for part in stuck.parts:
        log = platform.folder.logs / f"{part}.log"
        if log.exists():
            told += f"\n{part} said last ({log}):\n{tail(log, TAIL_LINES)}"
    return told
