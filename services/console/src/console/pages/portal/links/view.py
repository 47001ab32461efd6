"""What a partner sees of their links, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.words import say
from console.query import Query
from console.web import deals, listing, qr
from console.web.listing import Pager

NAMES: Final = (query.page(),)
PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Link:
    """A link, what it leads to, and how often it was followed; empty while it leads nowhere."""

    deal: str
    status: str
    note: str
    link: str
    picture: str
    visits: str


@dataclass(frozen=True, slots=True)
class View:
    links: Sequence[Link]
    pager: Pager
    has_more: bool


def view(
    asks: Query,
    answer: Mapping[str, Any],
    visits: Mapping[str, int] | None,
    public: str,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> View:
    found = answer["links"]
    page, total = int(asks.one("page")), answer["total"]
    before = (page - 1) * PAGE
    has_next = before + len(found) < total
    return View(
        [_link(each, visits, public, now, zone) for each in found],
        Pager(
            listing.shown_range(before, len(found), total),
            listing.link(asks.changed("page", "1")) if page > 1 else "",
            listing.link(asks.changed("page", str(page - 1))) if page > 1 else "",
            listing.link(asks.changed("page", str(page + 1))) if has_next else "",
            (),
        ),
        total > PAGE,
    )


def _link(
    told: Mapping[str, Any],
    visits: Mapping[str, int] | None,
    public: str,
    now: datetime,
    zone: ZoneInfo,
) -> Link:
    link = public + told["path"] if told["path"] else ""
    # A link tells when its deal ends; when it starts is the codes' to say.
    note = deals.status_note({"start_date": None, **told}, 0, None, now, zone)
    counted = "" if visits is None else say("portal.link_visits", n=visits[told["deal_id"]])
    picture = qr.picture(link) if link else ""
    return Link(told["deal"], told["status"], note, link, picture, counted)
