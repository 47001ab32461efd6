"""`counterfoil bench pages`: how long people wait for the console's pages, with the demo's year.

Server time is from the request to its last byte, through the gateway, over one connection and warm.
What jumps is asked of Chromium, where it is there.
"""

import re
import time
from collections.abc import Sequence
from itertools import product
from typing import Any, Final, NamedTuple
from uuid import uuid4

import httpx
from rich.console import Console

from counterfoil import logins, plain_http, projects
from counterfoil.bench import shifts
from counterfoil.bench.path import Say
from counterfoil.bench.results import Baseline, Result, at_most
from counterfoil.bench.shifts import WIDTHS, Login
from counterfoil.demo.assumptions import PROJECT
from counterfoil.demo.command import played
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.projects import Project

WARM: Final = 5
SERVER_MILLISECONDS: Final = 200.0
OWN_KILOBYTES: Final = 100.0
MOST_SHIFT: Final = 0.05
LEAST_SHIFT: Final = 0.0001  # what is less is none: no ratio is of nothing
SESSION: Final = "__Host-sid"  # the console's cookie
YEAR: Final = "period=custom&from=2017-01-01&to=2017-12-31"
ALL_BY_USE: Final = "status=all&sort=-redemptions"
OWN: Final = re.compile(r'(?:href|src)="(/static/[^"]+)"')
# What staff and partners see, below the project; {…} is something that is there.
STAFF: Final = {
    "dashboard": f"/?{YEAR}",
    "campaigns": f"/campaigns?{ALL_BY_USE}",
    "campaign": f"/campaigns/{{campaign}}?{YEAR}",
    "codes": f"/codes?{ALL_BY_USE}",
    "redemptions": "/redemptions",
    "refusals": f"/failures?{YEAR}",
    "partners": "/partners",
    "partner": f"/partners/{{partner}}?{YEAR}",
}
PORTAL: Final = {
    "portal": "/",
    "portal, codes": "/codes",
    "portal, earnings": f"/earnings?{YEAR}",
}


class Visitor(NamedTuple):
    """Somebody who is signed in, and the pages that this person is shown."""

    login: Login
    secret: str
    pages: dict[str, str]


async def bench_pages(platform: Platform, count: int, say: Say) -> list[Result]:
    """Ask for each page `count` times, and let Chromium look at each."""
    say("playing the year", 0, 1)
    project = await _project_of_the_year(platform)
    async with plain_http.client(base_url=platform.gateway, timeout=30) as client:
        visitors = await _visitors(client, platform, project)
        results = [
            await _server_time(client, visitor, name, count, say)
            for visitor in visitors
            for name in visitor.pages
        ]
        results.append(await _own_weight(client, visitors[0]))
    return results + await _shifts(platform, visitors, say)


async def _project_of_the_year(platform: Platform) -> Project:
    """Return the demo's project, which is played once and kept."""

    def found() -> Project | None:
        kept = projects.kept(platform.folder)
        return next((each for each in kept if each["name"] == PROJECT), None)

    if found() is None:
        await played(platform, Console(stderr=True, quiet=True))
    project = found()
    if project is None:
        raise PlatformError(f"the demo left no project in {platform.folder.path}")
    return project


async def _visitors(
    client: httpx.AsyncClient, platform: Platform, project: Project
) -> list[Visitor]:
    """Let somebody in who may see everything, and somebody of the partner that sells most."""
    keys = {"X-App-Id": project["app_id"], "X-App-Token": project["app_token"]}
    listed = await _asked(client, "GET", "/v1/campaigns?order=-redemptions&limit=1", headers=keys)
    [best] = listed["campaigns"]
    begin = f"/p/{project['id']}"
    staff = {
        name: begin + path.format(campaign=best["id"], partner=best["partner_id"])
        for name, path in STAFF.items()
    }
    return [
        await _let_in(client, platform, project, {"role": "owner"}, staff),
        await _let_in(
            client,
            platform,
            project,
            {"role": "partner", "partner_id": best["partner_id"]},
            {name: f"/portal/{project['id']}{path}" for name, path in PORTAL.items()},
        ),
    ]


async def _let_in(
    client: httpx.AsyncClient,
    platform: Platform,
    project: Project,
    person: dict[str, str],
    pages: dict[str, str],
) -> Visitor:
    keys = {
        "X-Management-Id": platform.management_id,
        "X-Management-Token": platform.management_token,
    }
    email = f"bench-{uuid4().hex[:12]}@counterfoil.local"
    path, body = logins.path(project["id"]), {"email": email, **person}
    made = await _asked(client, "POST", path, json=body, headers=keys)
    login = Login(email, made["password"])
    session = await _asked(client, "POST", "/v1/sessions", json=login._asdict())
    return Visitor(login, session["secret"], pages)


async def _asked(client: httpx.AsyncClient, method: str, path: str, **how: Any) -> dict[str, Any]:
    answer = await client.request(method, path, **how)
    if not answer.is_success:
        raise PlatformError(f"{method} {path} was answered {answer.status_code}: {answer.text}")
    content: dict[str, Any] = answer.json()
    return content


async def _page(client: httpx.AsyncClient, visitor: Visitor, path: str) -> str:
    answer = await client.get(path, headers={"Cookie": f"{SESSION}={visitor.secret}"})
    if answer.status_code != httpx.codes.OK:
        raise PlatformError(f"{path} was answered {answer.status_code}")
    return answer.text


async def _server_time(
    client: httpx.AsyncClient, visitor: Visitor, name: str, count: int, say: Say
) -> Result:
    waits = []
    for number in range(-WARM, count):
        say(name, number, count)
        began = time.perf_counter()
        await _page(client, visitor, visitor.pages[name])
        if number >= 0:
            waits.append((time.perf_counter() - began) * 1000)
    waits.sort()
    p50 = Baseline(waits[len(waits) // 2], "p50")
    p95 = waits[min(len(waits) - 1, len(waits) * 95 // 100)]
    return at_most(f"pages.{name}", p95, "ms p95", p50, largest=SERVER_MILLISECONDS)


async def _own_weight(client: httpx.AsyncClient, visitor: Visitor) -> Result:
    """Add up our own scripts and styles of a page: as files, and as they are sent."""
    page = await _page(client, visitor, visitor.pages["dashboard"])
    files = sent = 0
    for path in sorted(set(OWN.findall(page))):
        async with client.stream("GET", path) as answer:
            sent += sum([len(part) async for part in answer.aiter_raw()])
        files += len((await client.get(path, headers={"Accept-Encoding": "identity"})).content)
    name = "pages.own script and style"
    return at_most(
        name, files / 1000, "kB", Baseline(sent / 1000, "as sent"), largest=OWN_KILOBYTES
    )


async def _shifts(platform: Platform, visitors: Sequence[Visitor], say: Say) -> list[Result]:
    """Ask Chromium how far each page's parts moved while it loaded; the most is the result."""
    say("looking by Chromium", 0, 1)
    if not shifts.can_look():
        return []
    found = {
        f"{name}, {width} px": shift
        for visitor, width in product(visitors, WIDTHS)
        for name, shift in (
            await shifts.of_pages(platform.gateway, visitor.login, visitor.pages, width)
        ).items()
    }
    worst = max(found, key=lambda name: found[name])
    goal = Baseline(MOST_SHIFT, f"at most; the worst is {worst}")
    moved = max(found[worst], LEAST_SHIFT)
    return [at_most("pages.layout shift", moved, "", goal, largest=MOST_SHIFT)]
