"""Reads what checkouts send into requests. Pure.

Records are read by the fast twin of the contract's model: the hottest loop of all.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from contracts import ids, topics
from contracts.redemptions import Order, RedemptionRequested, check_metadata, codes_of
from redemption.model import Request
from servicekit.structs import decoder

_decode: Final = decoder(RedemptionRequested, required=("specversion", "type"))
_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder(order="deterministic").encode


class UnreadableError(Exception):
    """A record that can never become a request; its text says why."""


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked, whoever asks and by what name: what a fingerprint covers.

    What has its default is left out, so that a request that comes again across a deployment, which
    knows more fields, is still the same.
    """

    codes: tuple[str, ...]
    customer_source_id: str | None = None
    order: Order | None = None
    visit_id: str | None = None
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)


def read(value: bytes | None, topic: str, at: datetime, customer_key: bytes) -> Request:
    """Turn a record into a request, to be judged at `at`.

    Raises UnreadableError for what can never be read, and for a project that is not the topic's.
    """
    try:
        event = _decode(value or b"")
        asked = event.data
        codes = codes_of(asked.code, asked.redeemables)
        if asked.metadata:
            check_metadata(asked.metadata)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UnreadableError(str(error)) from error
    owner = topics.project_of(topic)
    if owner is not None and owner != event.projectid:
        raise UnreadableError(f"{topic} belongs to another project than {event.projectid}")
    customer = None if asked.customer is None else asked.customer.source_id
    content = Content(codes, customer, asked.order, asked.visit_id, asked.metadata)
    return request(
        content,
        event.projectid,
        asked.request_id,
        caller=topic,
        at=at,
        customer_key=customer_key,
    )


def request(
    content: Content,
    project_id: str,
    request_id: str | None,
    *,
    caller: str,
    at: datetime,
    customer_key: bytes,
    asked: bytes | None = None,
) -> Request:
    """Build the request that the decider judges. Without an id it is unlike every other one.

    `asked` is the fingerprint of all that was sent, where that is more than the content.
    """
    source_id = content.customer_source_id
    return Request(
        project_id=project_id,
        key=request_key(project_id, request_id or f"\0{ids.uuid7()}"),
        fingerprint=asked or fingerprint(content),
        request_id=request_id,
        codes=content.codes,
        customer_id=source_id and ids.customer(customer_key, project_id, source_id),
        order=content.order,
        visit_id=content.visit_id,
        metadata=content.metadata,
        caller=caller,
        at=at,
    )


def request_key(project_id: str, request_id: str) -> bytes:
    """Name a request for ever, within its project."""
    return hashlib.sha256(f"{project_id}\0{request_id}".encode()).digest()[:16]


def fingerprint(asked: object) -> bytes:
    """Digest what is asked, whatever the spelling of its JSON."""
    return hashlib.sha256(_encode(asked)).digest()[:16]
