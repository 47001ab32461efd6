"""Answers by Kafka: what a request would have been answered by HTTP, to who asked for it."""

from typing import Literal

from pydantic import JsonValue

from contracts.event import Event, Identifier, Model
from contracts.money import Count


class Answer(Model):
    """The answer to a request: its HTTP status and, byte for byte, its body.

    The same on a repeat. Without a body it would not fit into a record: the same request by HTTP,
    with the `request_id` as its `Idempotency-Key`, gets it.
    """

    request_id: Identifier
    status: Count
    body: dict[str, JsonValue] | None


class RequestAnswered(Event):
    """`id` names the record that asked, so it is the same on every redelivery of that one.

    `time` is that record's own, `subject` the request's id.
    """

    type: Literal["coupons.redemption.answered.v1"] = "coupons.redemption.answered.v1"
    data: Answer
