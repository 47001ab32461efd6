"""Kafka out: answers to who asked for them, each on the topic of his project.

They are acknowledged before the request's offset is committed, and not left in the outbox: who dies
in between reads the request again, which is a repeat by then and is answered the same.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aiokafka import ConsumerRecord

from contracts.topics import answers_for
from redemption.metrics import Metrics
from redemption.outcomes import Response
from redemption.render.answers import answer
from redemption.returns import Asked
from servicekit.kafka.producing import Producing
from servicekit.kafka.publishing import publish


class Answered(NamedTuple):
    """A request that asks for a reply, the record that it came in, and what became of it."""

    record: ConsumerRecord
    request: Asked
    response: Response


class Answers:
    """The way to the topics of answers; a class because it remembers which there are."""

    def __init__(self, producing: Producing, metrics: Metrics) -> None:
        self._producing = producing
        self._metrics = metrics
        self._there: set[str] = set()

    async def lacking(self, requests: Iterable[Asked]) -> set[str]:
        """Return the projects that ask for replies and have no topic which we may write to."""
        asking = {request.project_id for request in requests if request.reply}
        unsure = {answers_for(each) for each in asking} - self._there
        if not unsure:
            return set()
        async with self._producing.lent() as producer:
            found = await producer.client.fetch_all_metadata()
        self._there |= unsure & set(found.topics())
        return {each for each in asking if answers_for(each) not in self._there}

    async def send(self, answered: Sequence[Answered]) -> None:
        """Return when all are acknowledged; raise an outage otherwise, and of a topic that went."""
        if not answered:
            return
        messages = [_message(each) for each in answered]
        self._there.clear()  # until it is known better
        async with self._producing.lent() as producer:
            await publish(producer, messages)
        self._there |= {topic for topic, _, _ in messages}
        self._metrics.answers.inc(len(messages))

    async def stop(self) -> None:
        """Let go of the broker, in bounded time."""
        await self._producing.stop()


def _message(answered: Answered) -> tuple[str, bytes, bytes]:
    record, request, response = answered
    asked_by = f"{record.topic}:{record.partition}:{record.offset}"
    key = (request.request_id or "").encode()
    return answers_for(request.project_id), key, answer(request, response, asked_by)
