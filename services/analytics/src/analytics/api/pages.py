"""Pages by cursor: where one stopped, the next goes on, whatever has come since."""

import base64
import binascii
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from pydantic import BaseModel
from starlette.responses import Response

from analytics.api.answers import MOST_OF_A_FILE, Wish, told
from analytics.api.asked import Asked
from analytics.api.dependencies import Dependencies
from analytics.api.parameters import all_time, invalid
from analytics.grains import EPOCH, milliseconds
from analytics.reports import attempts
from analytics.reports.attempts import Position, Wanted
from servicekit.http.errors import ApiError

LATEST_MILLISECOND: Final = 32_503_680_000_000  # of the year 3000: what no fact is after


class Found(NamedTuple):
    """Attempts of a page, and whether older ones are left."""

    rows: Sequence[dict[str, Any]]
    has_more: bool

    def newest(self) -> str | None:
        return _cursor(self.rows[0]) if self.rows else None

    def told(
        self, form: Wish, row: type[BaseModel], page: type[BaseModel], **more: Any
    ) -> Response:
        """Answer with what such a row shows of each.

        Raises ApiError 400 where a file would be cut: it has no cursor to go on by.
        """
        if form.csv and self.has_more and len(self.rows) >= MOST_OF_A_FILE:
            most = f"a file has {MOST_OF_A_FILE:,} rows, and there are more"
            raise ApiError(
                400, "Too many rows", f"{most}: name a shorter time", key="too_many_rows"
            )
        shown = [row.model_validate(each) for each in self.rows]
        content = page(
            data=shown,
            has_more=self.has_more,
            more_cursor=_cursor(self.rows[-1]) if self.has_more else None,
            **more,
        )
        return told(
            form,
            content.model_dump_json,
            tuple(row.model_fields),
            lambda: (each.model_dump() for each in shown),
        )


async def read(dependencies: Dependencies, asked: Asked, wanted: Wanted) -> Found:
    """Read the page, and one more to know whether there is another."""
    caller = asked.caller
    query = asked.query(all_time(asked.dates))
    one_more = wanted._replace(limit=wanted.limit + 1)
    async with dependencies.asking(caller.project_id) as client:
        rows = await attempts.fetch(client, query, one_more, caller.currency)
    return Found(rows[: wanted.limit], len(rows) > wanted.limit)


def position(name: str, cursor: str | None) -> Position | None:
    """Read a cursor. Raises ApiError for what none of ours is."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        stamp, _, event_id = text.partition(":")
        number = int(stamp)
    except (binascii.Error, ValueError) as error:
        raise invalid(name, "is no cursor of this list") from error
    if not event_id or not 0 <= abs(number) < LATEST_MILLISECOND:
        raise invalid(name, "is no cursor of this list")
    return Position(EPOCH + timedelta(milliseconds=number), event_id)


def _cursor(row: dict[str, Any]) -> str:
    text = f"{milliseconds(row['occurred_at'])}:{row['event_id']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
