"""Acts that can be taken back: switches and the bin, of campaigns, codes and partners.

A switch that is thrown and not known to hold yet is no success, and is said so.
"""

from typing import Any, Final

from starlette.responses import Response

from console.api.refusals import OutageError
from console.design.words import say
from console.format import instants
from console.web.forms import whole
from console.web.frame import Notice
from console.web.visit import Visit

NOT_ENFORCED: Final = "not_enforced_yet"
OFF: Final = {"disabled", "not_enforced"}
BACK: Final = {"disable": "enable", "enable": "disable"}


async def switch(visit: Visit, of_api: str, place: str, act: str) -> Response:
    """Throw a switch of the API's. Undo is for who was not followed by somebody else.

    What is enabled and yet redeems nothing, since something above it is off, is said to.
    """
    try:
        answer = await visit.api.post(f"{of_api}/{act}", seen(visit))
    except OutageError as error:
        return not_enforced(visit, error)
    undo = undo_of(answer, f"{place}/{BACK[act]}")
    done = _done(visit, act, answer)
    if act == "enable" and answer["status"] in OFF:
        why = say(f"switching.off_with_{answer['status_reason']}")
        return visit.redirect(visit.back, Notice("warn", f"{done} {why}", undo))
    return visit.redirect(visit.back, Notice("ok", done, undo))


def seen(visit: Visit) -> dict[str, int]:
    """Return the version that an undo takes back, as the API is told."""
    version = whole(visit.request.query_params.get("version", ""))
    return {} if version is None else {"version": version}


def undo_of(answer: Any, back: str) -> str | None:
    """Return where a form takes back what was done; nothing where it stood so already."""
    told = answer.get("undo")
    return None if told is None else f"{back}?version={told['body']['version']}"


async def delete(visit: Visit, of_api: str, place: str, name: str) -> Response:
    """Put something into the bin, where nothing of it redeems any more."""
    try:
        answer = await visit.api.discard(of_api)
    except OutageError as error:
        return not_enforced(visit, error)
    undo = undo_of(answer, f"{place}/restore")
    return visit.redirect(visit.back, Notice("ok", say("switching.deleted", name=name), undo))


def not_enforced(visit: Visit, error: OutageError) -> Response:
    if error.key != NOT_ENFORCED:
        raise error
    return visit.redirect(visit.back, Notice("warn", say("switching.not_enforced")))


def _done(visit: Visit, act: str, answer: Any) -> str:
    at = answer.get("enforced_at")
    if at is None:
        return say(f"switching.{act}d")
    return say(f"switching.{act}d_at", at=instants.exactly_where(at, visit.zone))
