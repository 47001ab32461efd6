"""Who changed what and when, as components/history.html draws it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from console import query
from console.design.parts import Happening
from console.design.words import say
from console.format import instants
from console.query import Query
from console.web import changes
from console.web.changes import Reader

NAMES: Final = (query.cursor("after"),)
SHOWN: Final = 50
VERBS: Final = frozenset(
    (
        *("created", "updated", "enabled", "disabled", "deleted", "restored", "purged"),
        *("codes_issued", "invited", "joined", "removed", "revoked", "rotated", "withdrawn"),
        *("held_back", "released", "shared", "accepted"),
        *("password_reset", "feed_opened", "feed_closed", "published"),
    )
)
KINDS: Final = (
    *("campaign", "voucher", "partner", "category", "segment", "share"),
    *("validation_rule", "product", "sku", "products_collection"),
    *("key", "user", "invitation", "project"),
)
DOORS: Final = frozenset(("user", "key", "operator", "job", "system"))


def asked(asks: Query) -> dict[str, Any]:
    """Write which entries the API is asked for."""
    return {"limit": SHOWN, "cursor": asks.one("after") or None}


def happenings(entries: Sequence[Mapping[str, Any]], reader: Reader) -> tuple[Happening, ...]:
    """Write the entries of a history, the newest first as they come."""
    return tuple(
        Happening(
            when=time(entry["at"], reader.zone),
            actor=actor(entry["actor"]),
            door=_door(entry),
            what=what(entry),
            differences=changes.differences(entry["changes"], reader),
            since=_since(entry["enforced_at"], reader.zone),
        )
        for entry in entries
    )


def what(entry: Mapping[str, Any]) -> str:
    """Write campaign.disabled of Autumn as a sentence; an action of a later version as it is."""
    kind, _, verb = entry["action"].partition(".")
    name = entry["target"]["name"] or entry["target"]["id"]
    if kind not in KINDS or verb not in VERBS:
        return f"{entry['action']} {name}"
    told = say(f"history.{verb}", kind=say(f"history.kind_{kind}"), name=name)
    return say("history.again", told=told) if stood_so(entry) else told


def stood_so(entry: Mapping[str, Any]) -> bool:
    """Tell whether somebody asked for what another had done already."""
    changes = entry["changes"]
    return bool(changes) and all(each["before"] == each["after"] for each in changes)


def _since(at: str | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    day, clock = instants.day(at, zone), instants.exactly(at, zone)
    label = instants.zone_label(zone, instants.read(at))
    return say("history.in_force", day=day, clock=clock, zone=label)


def _door(entry: Mapping[str, Any]) -> str:
    """Say how it was done, unless who did it says so."""
    door, by = entry["door"], entry["actor"]
    is_said = by is not None and by["kind"] == door and door in ("operator", "system")
    return say(f"history.door_{door}") if door in DOORS and not is_said else ""


def actor(told: Mapping[str, Any] | None) -> str:
    """Name who did it: a person, a program by its key, the operator, the platform itself."""
    if told is None:
        return say("history.nobody")
    name = told["name"]
    if told["kind"] == "key":
        return say("history.key", name=name or told["id"])
    if told["kind"] in ("operator", "system"):
        return say(f"history.{told['kind']}")
    return str(name or told["id"])


def overtaken(told: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Say of what somebody else changed first who did, and when."""
    at = instants.moment(told["changed_at"], zone) if told["changed_at"] else ""
    return say("history.changed_since", who=actor(told["changed_by"]), at=at)


def time(at: str, zone: ZoneInfo) -> Markup:
    """Write an instant as a <time>."""
    written = Markup('<time datetime="{}">{}</time>')
    return written.format(instants.utc(at), instants.moment(at, zone))
