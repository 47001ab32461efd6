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
from pydantic import ValidationError

from contracts import ids, topics
from contracts.baskets import identity_of
from contracts.rollbacks import RollbackRequested
from redemption.reading.parsing import LARGEST_RECORD, UnreadableError, request_key
from redemption.reading.tracing import traceparent
from redemption.returns import Original, Rollback, Units
from servicekit import faults
from servicekit.repeated_names import refuse_repeated_names

TYPE: Final = RollbackRequested.model_fields["type"].default.encode()
ID: Final = re.compile(r"r_(?P<hex>[0-9a-f]{32})")


class WishedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many units of a line of the order."""

    quantity: int
    product_id: str | None = None
    sku_id: str | None = None


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
    items: tuple[WishedLine, ...] = ()


class Head(msgspec.Struct):
    """What tells of which kind a record is."""

    type: str


HEAD: Final = msgspec.json.Decoder(Head)


class AskedBack(NamedTuple):
    """A wish with its asker: all of a rollback but what was redeemed."""

    wish: Wish
    project_id: str
    request_id: str | None
    caller: str
    at: datetime
    traceparent: str | None = None
    reply: bool = False

    @property
    def of(self) -> tuple[str, UUID] | None:
        """Return the project, and the id that is looked for; None where it can be none of ours."""
        match = ID.fullmatch(self.wish.rollback_of)
        return match and (self.project_id, UUID(hex=match["hex"]))


_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def may_be_one(value: bytes | None) -> bool:
    """Tell in passing whether a record may ask to roll back."""
    return value is not None and TYPE in value


def read(value: bytes, topic: str, at: datetime, *, trace: str | None = None) -> AskedBack | None:
    """Read a record that may ask to roll back; None where it asks for something else.

    Raises UnreadableError for what can never be read, and for a project that is not the topic's.
    """
    try:
        if HEAD.decode(value).type.encode() != TYPE:
            return None  # it only says so somewhere
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if len(value) > LARGEST_RECORD:
        most = f"of which {LARGEST_RECORD:,} are allowed"
        raise UnreadableError(f"the record takes {len(value):,} bytes, {most}")
    try:
        refuse_repeated_names(value)
        event = RollbackRequested.model_validate_json(value)
        customer = event.data.customer
        identity = None if customer is None else identity_of(customer)
    except ValidationError as error:
        raise UnreadableError(faults.of_pydantic(error, RollbackRequested)) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    owner = topics.project_of(topic)
    if owner is not None and owner != event.projectid:
        raise UnreadableError(f"{topic} belongs to another project than {event.projectid}")
    data = event.data
    wish = Wish(
        rollback_of=data.redemption_id,
        amount_minor=data.amount_minor,
        customer=identity,
        order_id=data.order_id,
        reason=data.reason,
        tracking_id=data.tracking_id,
        metadata=data.metadata,
        items=tuple(
            [
                WishedLine(each.quantity, product_id=each.product_id, sku_id=each.sku_id)
                for each in data.items
            ]
        ),
    )
    return AskedBack(
        wish,
        event.projectid,
        data.request_id,
        topic,
        at,
        traceparent(trace, event.traceparent),
        data.reply,
    )


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
        units=tuple([Units(each.product_id, each.sku_id, each.quantity) for each in wish.items]),
        customer_id=wish.customer and ids.customer(customer_key, project_id, wish.customer),
        order_id=wish.order_id,
        reason=wish.reason,
        tracking_id=wish.tracking_id,
        metadata=wish.metadata,
        caller=asked.caller,
        at=asked.at,
        traceparent=asked.traceparent,
        reply=asked.reply,
    )
