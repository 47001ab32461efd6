"""What lists share: which rows are shown, of how many, and where the neighbours are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.format import numbers
from console.query import SIZES, Query

ABOUT_DIGITS: Final = 2
LAST_PAGE: Final = 99


@dataclass(frozen=True, slots=True)
class Pager:
    """As design/components/pager.html draws it; a href that is empty leads nowhere."""

    range: str
    first: str
    previous: str
    next: str
    sizes: tuple[Option, ...]


def pager(
    asks: Query, shown: int, total: int, *, is_estimate: bool = False, next_href: str | None = None
) -> Pager:
    """Page by numbers; `next_href` is where it goes on where numbers end (a cursor)."""
    page, size = int(asks.one("page")), int(asks.one("limit"))
    before = (page - 1) * size
    has_next = before + shown < total and page < LAST_PAGE
    return Pager(
        shown_range(before, shown, total, is_estimate=is_estimate),
        link(asks.changed("page", "1")) if page > 1 else "",
        link(asks.changed("page", str(page - 1))) if page > 1 else "",
        next_href
        if next_href is not None
        else link(asks.changed("page", str(page + 1)))
        if has_next
        else "",
        sizes(asks),
    )


def shown_range(before: int, shown: int, total: int, *, is_estimate: bool = False) -> str:
    """Write 51-100 of 2,418, or of about 2.4 million."""
    if not shown:
        return say("listing.none")
    found = {"first": before + 1, "last": before + shown}
    if is_estimate:
        return say("listing.of_about", **found, total=about(total))
    return say("listing.of", **found, total=total)


def about(total: int) -> str:
    """Write an estimate by its first two digits: 2.4 million, 13,000."""
    places = len(str(total)) - ABOUT_DIGITS
    rounded = round(total, -places) if places > 0 else total
    if rounded < numbers.MILLION:
        return numbers.number(rounded)
    return say("listing.million", count=f"{rounded / numbers.MILLION:g}")


def sizes(asks: Query) -> tuple[Option, ...]:
    """Return how many rows a page may have."""
    chosen = asks.one("limit")
    return tuple(
        Option(size, size, chosen=size == chosen, href=link(asks.changed("limit", size)))
        for size in SIZES
    )


def link(asks: Query) -> str:
    """Write a view as a link from within its own page."""
    return asks.written() or "?"


def by_cursor(asks: Query, answer: Mapping[str, Any], shown: int) -> Pager:
    """Page by numbers as far as they go, then by the cursors of the API's list."""
    more, after = answer["more_cursor"], asks.one("after")
    goes_on = after or int(asks.one("page")) >= LAST_PAGE
    onward = link(asks.changed("after", more)) if more and goes_on else None
    total, is_estimate = answer["total"], bool(answer["total_estimated"])
    paged = pager(asks, shown, total, is_estimate=is_estimate, next_href=onward)
    if not after:
        return paged
    said = say("listing.after_pages", total=about(total))
    return Pager(said, link(asks.changed("page", "1")), "", onward or "", paged.sizes)
