"""A new key as the API takes it. Pure: what contradicts itself is told at its field."""

import re
from typing import Any, Final

from console.design.words import say
from console.format import instants
from console.pages.settings.keys.view import PUBLISHABLE
from console.web.terms import Typed

EXPIRES: Final = "expires_at"
ORIGIN: Final = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?")


def body(typed: Typed) -> dict[str, Any]:
    form = typed.form
    scopes, origins = form.many("scopes"), _lines(form.one("origins"))
    publishable = [each for each in scopes if each in PUBLISHABLE]
    if form.text("name") is None:
        typed.faults["name"] = say("apikeys.no_name")
    if not scopes:
        typed.faults["scopes"] = say("apikeys.no_scopes")
    elif publishable and len(publishable) < len(scopes):
        typed.faults["scopes"] = say("apikeys.mixed")
    elif publishable and not origins:
        typed.faults["origins"] = say("apikeys.no_origins")
    elif origins and not publishable:
        typed.faults["origins"] = say("apikeys.not_publishable")
    for each in origins:
        if not ORIGIN.fullmatch(each):
            typed.faults["origins"] = say("apikeys.no_origin", text=each)
    found = {"name": form.one("name"), "scopes": list(scopes), EXPIRES: _expires(typed)}
    return found | {"origins": origins} if origins else found


def _expires(typed: Typed) -> str | None:
    given = typed.form.text(EXPIRES)
    if given is None:
        return None
    try:
        return instants.of_field(given, typed.zone)
    except ValueError:
        typed.faults[EXPIRES] = say("apikeys.no_time")
        return None


def _lines(text: str) -> list[str]:
    """Read origins, a line each; as browsers write them they have no path."""
    lines = (line.strip().rstrip("/").lower() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))
