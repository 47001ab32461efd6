"""What a client asks to be published, and by what a wish that comes again is known. Pure."""

import hmac
from dataclasses import dataclass

from pydantic_core import to_json

from campaigns.model import Metadata


@dataclass(frozen=True, slots=True)
class Wish:
    """One code that is named, or so many of a campaign's, for a customer.

    `source_id` is whoever's own id of the publication; the same one asks for the same thing.
    """

    customer_id: str
    voucher: str | None
    campaign: str | None
    count: int
    channel: str
    metadata: Metadata
    source_id: str | None
    join_once: bool


def digest_of(wish: Wish, key: bytes, project_id: str) -> bytes:
    """Return a digest of what is asked for, by which nobody learns it who has not the key."""
    asked = {
        "project": project_id,
        "customer": wish.customer_id,
        "voucher": wish.voucher,
        "campaign": wish.campaign,
        "count": wish.count,
        "channel": wish.channel,
        "metadata": wish.metadata,
    }
    return hmac.digest(key, b"publication\0" + to_json(_ordered(asked)), "sha256")


def digest_of_source(source_id: str, key: bytes, project_id: str) -> bytes:
    """Return a digest of a client's own id of a publication, which may name a person."""
    return hmac.digest(key, f"publication\0{project_id}\0{source_id}".encode(), "sha256")


def _ordered(value: object) -> object:
    """Return the same with the names of all objects in one order."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    return value
