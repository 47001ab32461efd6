"""Reads what checkouts send into requests. Pure.

Records are read by the fast twin of the contract's model: the hottest loop of all. What the model's
validators do is done here and in `spelling`, and a test holds the two together.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from contracts import ids, topics
from contracts.baskets import (
    Customer,
    Item,
    Order,
    check_all_metadata,
    check_amount,
    identity_of,
    to_email,
)
from contracts.codes import in_capitals
from contracts.currencies import check_currency
from contracts.redemptions import (
    JSON,
    RedemptionRequest,
    RedemptionRequested,
    check_media_type,
    codes_of,
)
from contracts.text import trim
from redemption.model import Request
from redemption.reading.instead import BY_KAFKA
from redemption.reading.spelling import (
    may_hold_blanks,
    may_repeat_names,
    trimmed,
    with_email,
    without_nulls,
)
from redemption.reading.tracing import traceparent
from servicekit import faults
from servicekit.repeated_names import refuse_repeated_names
from servicekit.structs import Manner, decoder, twin

LARGEST_RECORD: Final = 256_000  # bytes of JSON; 500 lines with the longest ids are 130,000

LEFT_TO_US: Final = (trim, to_email, check_media_type, check_currency)

_decode: Final = decoder(
    RedemptionRequested, required=("specversion", "type"), left_to_caller=LEFT_TO_US
)
# Like those that a record is read into, so that the same wish has the same fingerprint.
_AS_READ: Final = Manner(omits_defaults=True, left_to_caller=LEFT_TO_US)
_SHAPE: Final = twin(RedemptionRequested, manner=_AS_READ)
to_customer: Final = twin(Customer, manner=_AS_READ)
to_order: Final = twin(Order, manner=_AS_READ)
to_item: Final = twin(Item, manner=_AS_READ)

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder(order="deterministic").encode


class UnreadableError(Exception):
    """A record that can never become a request; its text says why."""


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked, whoever asks, by what way and by what name: what a fingerprint covers.

    What has its default is left out, so that a request that comes again across a deployment, which
    knows more fields, is still the same.
    """

    codes: tuple[str, ...]
    customer: Customer | None = None
    order: Order | None = None
    visit_id: str | None = None
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)
    tracking_id: str | None = None


def read(
    value: bytes | None,
    topic: str,
    at: datetime,
    customer_key: bytes,
    *,
    capitals: bool = False,
    trace: str | None = None,
) -> Request:
    """Turn a record into a request, to be judged at `at`; its codes as sent, or in capitals.

    `trace` is what its headers say of it: they win over the event's own.

    Raises UnreadableError for what can never be read, and for a project that is not the topic's.
    """
    value = value or b""
    if len(value) > LARGEST_RECORD:
        most = f"of which {LARGEST_RECORD:,} are allowed"
        raise UnreadableError(f"the record takes {len(value):,} bytes, {most}")
    try:
        event = _read(value)
        if may_repeat_names(value, event):
            refuse_repeated_names(value)
        if event.datacontenttype != JSON:
            check_media_type(event.datacontenttype)
        asked = trimmed(event.data) if may_hold_blanks(value) else event.data
        content = with_capitals(_content(asked)) if capitals else _content(asked)
    except msgspec.ValidationError as error:
        raise UnreadableError(faults.of_msgspec(str(error), _SHAPE, BY_KAFKA)) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UnreadableError(str(error)) from error
    owner = topics.project_of(topic)
    if owner is not None and owner != event.projectid:
        raise UnreadableError(f"{topic} belongs to another project than {event.projectid}")
    return request(
        content,
        event.projectid,
        asked.request_id,
        caller=topic,
        at=at,
        customer_key=customer_key,
        trace=traceparent(trace, event.traceparent),
        reply=asked.reply,
    )


def with_capitals(content: Content) -> Content:
    """Return what is asked of a project that tells no letter case.

    Raises ValueError where that names one code twice.
    """
    codes = codes_of(None, [in_capitals(code) for code in content.codes])
    return msgspec.structs.replace(content, codes=codes)


def request(
    content: Content,
    project_id: str,
    request_id: str | None,
    *,
    caller: str,
    at: datetime,
    customer_key: bytes,
    trace: str | None = None,
    reply: bool = False,
) -> Request:
    """Build the request that the decider judges. Without an id it is unlike every other one."""
    customer = content.customer
    return Request(
        project_id=project_id,
        key=request_key(project_id, request_id or f"\0{ids.uuid7()}"),
        fingerprint=fingerprint(content),
        request_id=request_id,
        code_keys=tuple([(project_id, code) for code in content.codes]),
        customer_id=None
        if customer is None
        else ids.customer(customer_key, project_id, identity_of(customer)),
        customer=customer,
        order=content.order,
        tracking_id=content.tracking_id,
        visit_id=content.visit_id,
        metadata=content.metadata,
        caller=caller,
        at=at,
        traceparent=trace,
        reply=reply,
    )


def request_key(project_id: str, request_id: str) -> bytes:
    """Name a request for ever, within its project."""
    return hashlib.sha256(f"{project_id}\0{request_id}".encode()).digest()[:16]


def fingerprint(content: Content) -> bytes:
    """Digest what is asked: one for HTTP and Kafka, whatever the spelling of its JSON."""
    return hashlib.sha256(_encode(content)).digest()[:16]


def tracked(tracking_id: str | None) -> Customer | None:
    """Return the customer whom a request names by `tracking_id` alone."""
    return None if tracking_id is None else to_customer(source_id=tracking_id)


def _read(value: bytes) -> RedemptionRequested:
    try:
        return _decode(value)
    except msgspec.ValidationError:
        if b"null" not in value:
            raise
        return _decode(msgspec.json.encode(without_nulls(msgspec.json.decode(value))))


def _content(asked: RedemptionRequest) -> Content:
    customer, order = asked.customer, asked.order
    check_all_metadata(asked.metadata, customer, order)
    if customer is None:
        customer = tracked(asked.tracking_id)
    elif customer.email is not None:
        customer = with_email(customer)
    else:
        identity_of(customer)
    if order is not None:
        check_amount(order)
        if order.currency is not None:
            check_currency(order.currency)
    code, together = asked.code, asked.redeemables
    return Content(
        codes_of(code, [each.code for each in together]) if together or not code else (code,),
        customer,
        order,
        asked.visit_id,
        asked.metadata,
        asked.tracking_id,
    )
