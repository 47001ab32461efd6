"""Reads what shops ask to have rolled back, and names it as redemptions are named. Pure.

Records are read by the contract's model itself: rollbacks are few.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from contracts import ids
from redemption.parsing import request_key
from redemption.returns import Original, Rollback

ID: Final = re.compile(r"r_(?P<hex>[0-9a-f]{32})")


class Wish(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked, whoever asks and by what way: what a fingerprint covers.

    What has its default is left out, so that a rollback that comes again across a deployment, which
    knows more fields, is still the same.
    """

    rollback_of: str
    amount_minor: int | None = None
    customer: str | None = None  # as the shop knows it
    order_id: str | None = None
    reason: str | None = None
    tracking_id: str | None = None
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)


class AskedBack(NamedTuple):
    """A wish with its asker: all of a rollback but what was redeemed."""

    wish: Wish
    project_id: str
    request_id: str | None
    caller: str
    at: datetime

    @property
    def of(self) -> tuple[str, UUID] | None:
        """Return the project, and the id that is looked for; None where it can be none of ours."""
        match = ID.fullmatch(self.wish.rollback_of)
        return match and (self.project_id, UUID(hex=match["hex"]))


_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def rollback(asked: AskedBack, originals: Sequence[Original], customer_key: bytes) -> Rollback:
    """Build what the decider judges. Without an id it is unlike every other one."""
    wish, project_id = asked.wish, asked.project_id
    return Rollback(
        project_id=project_id,
        key=request_key(project_id, asked.request_id or f"\0{ids.uuid7()}"),
        fingerprint=hashlib.sha256(_encode(wish)).digest()[:16],
        request_id=asked.request_id,
        redemption_id=wish.rollback_of,
        originals=tuple(originals),
        amount_minor=wish.amount_minor,
        customer_id=wish.customer and ids.customer(customer_key, project_id, wish.customer),
        order_id=wish.order_id,
        reason=wish.reason,
        tracking_id=wish.tracking_id,
        metadata=wish.metadata,
        caller=asked.caller,
        at=asked.at,
    )
