"""Paging by the API's cursors: it knows what follows, and does not count it. Pure."""

from console.design.words import say
from console.query import Query
from console.web import listing
from console.web.listing import Pager


def onward(asks: Query, shown: int, more: str | None) -> Pager:
    """Lead on to what comes `after`, and back to the first."""
    after = asks.one("after")
    if more:
        said = say("portal.rows_and_more", n=shown)
    else:
        said = say("portal.last_rows" if after else "portal.rows", n=shown)
    first = listing.link(asks.changed("after")) if after else ""
    following = listing.link(asks.changed("after", more)) if more else ""
    return Pager(said, first, "", following, listing.sizes(asks))
