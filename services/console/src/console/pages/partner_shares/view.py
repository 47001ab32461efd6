"""What the page of a partner's shared codes shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Column, Option, Tab
from console.design.words import say
from console.query import Query
from console.web import listing
from console.web.listing import Pager

STATES: Final = ("shared", "held_back", "withdrawn")
KINDS: Final = ("allotment", "campaign", "codes")
COLUMNS: Final = ("campaign", "what", "state", "created_at")
CARDS: Final[Mapping[str, Any]] = {"campaign": "title", "state": "status", "what": "figure"}
# The status that looks like it, and what one may do with it.
LOOKS: Final = {"shared": "live", "held_back": "pending", "withdrawn": "disabled"}
ACTS: Final = {
    "shared": ("hold-back", "withdraw"),
    "held_back": ("release", "withdraw"),
    "withdrawn": ("release",),
}
NAMES: Final = (query.choice("state", STATES), query.size(), query.page())

Things = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """What a partner was given, the newest first."""

    partner: Mapping[str, Any]
    tabs: tuple[Tab, ...]
    query: Query
    columns: tuple[Column, ...]
    shares: Things
    states: tuple[Option, ...]
    pager: Pager


@dataclass(frozen=True, slots=True)
class Giving:
    """The form to give a partner more."""

    partner: Mapping[str, Any]
    kinds: tuple[Option, ...]
    campaigns: tuple[Option, ...]


def view(
    partner: Mapping[str, Any], tabs: tuple[Tab, ...], asks: Query, answer: Mapping[str, Any]
) -> View:
    shares = [_told(each) for each in answer["shares"]]
    return View(
        partner,
        tabs,
        asks,
        tuple(
            Column(
                name, say(f"shares.{name}"), cut=name == "campaign", card=CARDS.get(name, "rest")
            )
            for name in COLUMNS
        ),
        shares,
        tuple(
            Option(each, say(f"shares.{each or 'any'}"), each == asks.one("state"))
            for each in ("", *STATES)
        ),
        listing.pager(asks, len(shares), answer["total"]),
    )


def giving(partner: Mapping[str, Any], campaigns: Things, kind: str) -> Giving:
    return Giving(
        partner,
        tuple(Option(each, say(f"shares.kind_{each}"), each == kind) for each in KINDS),
        tuple(Option(each["id"], each["name"]) for each in campaigns),
    )


def _told(share: Mapping[str, Any]) -> dict[str, Any]:
    count = share["codes_count"]
    what = say("shares.all_codes") if count is None else say("shares.codes", n=count)
    state = share["state"]
    return {**share, "what": what, "looks": LOOKS[state], "acts": ACTS[state]}
