"""Requests as they come by Kafka, and the letters that set those aside which get no decision."""

from typing import NamedTuple

import orjson
from aiokafka import ConsumerRecord

from contracts import topics
from redemption.guesses.counting import Limit
from redemption.model import Request
from redemption.outcomes import Response
from redemption.returns import Asked
from redemption.rollbacks.asking_back import AskedBack
from servicekit.kafka.letters import DeadLetter


class Sent(NamedTuple):
    """A request, and the record that it came in."""

    record: ConsumerRecord
    request: Asked


class Read(NamedTuple):
    """A record, and what it asks; of a rollback it is still to be looked up what it is of."""

    record: ConsumerRecord
    request: Request | AskedBack


def unanswerable(sent: Sent) -> DeadLetter:
    """Set aside what asks for a reply where there is no topic of them."""
    project_id = sent.request.project_id
    lacking, command = topics.answers_for(project_id), f"counterfoil topics --project {project_id}"
    text = f"there is no topic {lacking}: `{command}` makes it"
    return DeadLetter(sent.record, "NoTopicOfAnswersError", text)


def of_no_project(sent: Read) -> DeadLetter:
    """Set aside what names a project that does not exist."""
    text = f"there is no project {sent.request.project_id!r}"
    return DeadLetter(sent.record, "UnknownProjectError", text)


def too_many_guesses(sent: Sent, limit: Limit) -> DeadLetter:
    """Set aside what comes after too many wrong codes."""
    text = f"too many wrong codes of this {limit} before: nothing was tried"
    return DeadLetter(sent.record, "TooManyGuessesError", text)


def not_rolled_back(sent: Sent, response: Response) -> DeadLetter:
    """Set aside a rollback that was refused, by the key of its answer."""
    refused = orjson.loads(response.body)
    return DeadLetter(sent.record, refused["key"], f"{refused['message']}: {refused['details']}")


def key_reused(sent: Sent) -> DeadLetter:
    """Set aside what has the id of another request."""
    text = (
        f"request_id {sent.request.request_id!r} was used for another request: "
        "send the same content again, or a new id"
    )
    return DeadLetter(sent.record, "idempotency_key_reused", text)
