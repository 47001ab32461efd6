"""The worker's handler, with records that a test makes and a shelf in place of Kafka."""

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaConnectionError

from contracts import topics
from kit.redemption_deciders import a_sieve
from kit.redemption_samples import CODE, CUSTOMER_KEY, PROJECT
from redemption import handlers
from redemption.batches.decider import Decider
from redemption.guesses.counting import Guesses
from redemption.kafka import request_records
from redemption.kafka.answers import Answered
from redemption.kafka.projects import KnownProjects
from redemption.returns import Asked
from servicekit.kafka.letters import DeadLetter


class Shelf:
    """What was set aside, in place of Kafka."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []
        self.noted: list[ConsumerRecord] = []
        self.is_away = False
        self.answered: list[Answered] = []
        self.lacks: set[str] = set()

    async def lacking(self, requests: Sequence[Asked]) -> set[str]:
        return self.lacks & {request.project_id for request in requests if request.reply}

    async def send(self, answered: Sequence[Answered]) -> None:
        self.answered += answered

    async def send_to_dlq(self, letters: Sequence[DeadLetter]) -> None:
        if self.is_away and letters:
            raise KafkaConnectionError
        self.letters += letters

    def seek(self, *_place: Any) -> None: ...

    def pause(self, *_partitions: Any) -> None: ...

    def resume(self, *_partitions: Any) -> None: ...

    def note(self, _consumer: Any, records: Sequence[ConsumerRecord]) -> None:
        self.noted += records


def a_rollback_record(
    offset: int, redemption_id: str, project: str = PROJECT, **data: Any
) -> ConsumerRecord:
    asked = {"request_id": str(offset), "redemption_id": redemption_id} | data
    return _record(offset, "coupons.redemption.rollback_requested.v1", project, asked)


def a_record(offset: int, project: str = PROJECT, **data: Any) -> ConsumerRecord:
    asked = {"request_id": str(offset), "code": CODE, "order": {"amount_minor": 5000}} | data
    return _record(offset, "coupons.redemption.requested.v1", project, asked)


def _record(offset: int, type_: str, project: str, data: dict[str, Any]) -> ConsumerRecord:
    event = {
        "specversion": "1.0",
        "id": str(offset),
        "source": "/till",
        "type": type_,
        "projectid": project,
        "data": data,
    }
    name, value = topics.REDEMPTION_REQUESTS.name, json.dumps(event).encode()
    by_broker = request_records.BROKER_TIME
    return ConsumerRecord(name, 0, offset, 0, by_broker, b"", value, None, 0, 0, ())


async def handled(
    shelf: Shelf,
    decider: Decider,
    projects: KnownProjects,
    *records: Any,
    guesses: Guesses | None = None,
) -> None:
    anything: Any = shelf
    sieve = a_sieve(projects._pool, guesses)
    dependencies = handlers.Dependencies(
        decider, projects, sieve, anything, anything, anything, CUSTOMER_KEY, projects._pool
    )
    message: Any = SimpleNamespace(raw_message=records)
    await handlers.on_redemption_requests(None, message, anything, dependencies)
