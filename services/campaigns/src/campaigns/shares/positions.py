"""Where a list of codes goes on, and how a cursor says so. Pure."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError

BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Position:
    """The code behind which a page begins; codes stand deal by deal, oldest first."""

    campaign_id: str
    issued_at: datetime
    voucher_id: str


_WRITTEN: Final = TypeAdapter(tuple[str, AwareDatetime, str])


def cursor(position: Position) -> str:
    """Write it as text that means nothing to whoever sends it back."""
    written = (position.campaign_id, position.issued_at, position.voucher_id)
    return urlsafe_b64encode(_WRITTEN.dump_json(written)).decode().rstrip("=")


def read(cursor: str) -> Position:
    """Return what `cursor` wrote. Raises ValueError for anything else."""
    try:
        decoded = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = Position(*_WRITTEN.validate_json(decoded))
    except (ValidationError, ValueError) as error:
        raise ValueError("is no cursor of this list") from error
    if "\0" in position.campaign_id + position.voucher_id:
        raise ValueError("is no cursor of this list")
    return position
