"""Which entries of the ledger a list is of, and where in it one stands. Pure."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from contracts.redemptions import Reason

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
REDEEMED: Final = ""  # the reason of what was not refused
ROLLED_BACK: Final = "rolled_back"  # that of what gave something back
EVERY_REASON: Final[tuple[str, ...]] = (
    REDEEMED,
    ROLLED_BACK,
    *(reason.value for reason in Reason),
)


class Criteria(NamedTuple):
    """Of one project; None is "any". `since` is inclusive, `until` exclusive: by what is `at`."""

    project_id: str
    reasons: tuple[str, ...] = EVERY_REASON
    campaign_ids: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    customer_ids: tuple[str, ...] | None = None
    order_ids: tuple[str, ...] | None = None
    request_keys: tuple[bytes, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def are_of_nothing(self) -> bool:
        """Tell whether no entry can be meant, whatever the ledger holds."""
        named = (
            self.reasons,
            self.campaign_ids,
            self.codes,
            self.customer_ids,
            self.order_ids,
            self.request_keys,
        )
        reversed_ = self.since is not None and self.until is not None and self.since >= self.until
        return reversed_ or any(each is not None and not each for each in named)


class Wanted(NamedTuple):
    """Criteria, with campaigns and codes also by what only the store can tell."""

    criteria: Criteria
    campaign_names: tuple[str, ...] | None = None
    partner_ids: tuple[str, ...] | None = None
    voucher_ids: tuple[str, ...] | None = None


class Position(NamedTuple):
    """An entry's place in a list: entries have an order by `at`, and then by id."""

    at: datetime
    id: UUID


class NotOfThisListError(Exception):
    """A cursor that was not given for this list."""


def cursor(last: Position, of: str) -> str:
    """Write down where the next page begins of the list that `of` tells from all others."""
    microseconds = (last.at - EPOCH) // timedelta(microseconds=1)
    content = json.dumps([microseconds, last.id.hex, _digest(of)])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def position(cursor: str, of: str) -> Position:
    """Read a cursor again. Raises NotOfThisListError for one of another list, or none at all."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        microseconds, hex_, digest = json.loads(base64.urlsafe_b64decode(padded.encode()))
        found = Position(EPOCH + timedelta(microseconds=microseconds), UUID(hex=hex_))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise NotOfThisListError from error
    if digest != _digest(of):
        raise NotOfThisListError
    return found


def _digest(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()[:16]
