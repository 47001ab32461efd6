"""How a batch is read: nothing is lost to a header, an outage or a bug."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaConnectionError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from kit.analytics_samples import a_record, a_success, records

from analytics.consuming import lenient, until_done
from analytics.handlers import BIG_BLOCK, SOURCES, pause, subscribe
from contracts import topics

TOPIC = topics.REDEMPTIONS.name


def with_headers(*headers: tuple[str, bytes | None]) -> ConsumerRecord:
    record = a_record(TOPIC, a_success())
    record.headers = headers
    return record


async def test_a_header_that_is_not_text_does_not_drop_its_batch() -> None:
    shown: list[Any] = []

    async def parse(batch: tuple[ConsumerRecord, ...]) -> SimpleNamespace:
        shown.extend({name: value.decode() for name, value in r.headers} for r in batch)
        return SimpleNamespace(raw_message=batch)

    batch = (
        with_headers(("bad", b"\xff"), ("good", b"yes")),
        with_headers(("none", None)),
        with_headers(),
    )

    message = await lenient(batch, parse)

    assert shown == [{"good": "yes"}, {}, {}]
    assert message.raw_message is batch  # a dead letter keeps every header


def test_every_subscription_commits_by_hand_and_reads_the_history() -> None:
    broker = KafkaBroker(logger=None)
    subscribe(broker, "analytics", lambda: None)

    assert {s.ack_policy for s in broker.subscribers} == {AckPolicy.MANUAL}
    (subscriber,) = broker.subscribers
    assert subscriber.group_id == "analytics"  # type: ignore[attr-defined]
    options = subscriber._connection_args  # type: ignore[attr-defined]
    assert options["auto_offset_reset"] == "earliest"
    assert options["enable_auto_commit"] is False


def test_what_contracts_say_analytics_reads_is_read() -> None:
    expected = {topic.name for topic in topics.TOPICS if "analytics" in topic.readers}
    assert {source.topic for source in SOURCES} == expected


async def test_an_outage_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.consuming.FIRST_PAUSE_SECONDS", 0.001)
    outages: list[Exception] = [KafkaConnectionError(), ConnectionRefusedError(), TimeoutError()]

    async def handler(*_: Any) -> None:
        if outages:
            raise outages.pop()

    await until_done(handler, give_up=lambda: pytest.fail("gave up"))()
    assert not outages


async def test_a_bug_ends_the_process_before_the_next_batch() -> None:
    given_up = []

    async def handler(*_: Any) -> None:
        raise KeyError("a bug")

    with pytest.raises(SystemExit):
        await until_done(handler, give_up=lambda: given_up.append(1))()
    assert given_up == [1]


class Consumer:
    """What aiokafka's does with a fetch."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def getmany(self, **_: Any) -> dict[Any, Any]:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header's name"),
        CorruptRecordException("Invalid CRC"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_record_that_does_not_parse_ends_the_process_and_reads_no_further(
    error: Exception,
) -> None:
    given_up: list[int] = []
    broker = KafkaBroker(logger=None)
    subscribe(broker, "analytics", lambda: given_up.append(1))
    (subscriber,) = broker.subscribers

    # FastStream's loop ends at this, and does not start anew as after any other error.
    with pytest.raises(ConsumerStoppedError):
        await subscriber.get_msg(Consumer(error))  # type: ignore[attr-defined]  # of Kafka's kind

    assert given_up == [1]


@pytest.mark.parametrize(
    "error", [KafkaConnectionError("away"), ConsumerStoppedError()], ids=["outage", "stopping"]
)
async def test_an_outage_or_a_stop_while_reading_is_left_to_faststream(error: Exception) -> None:
    broker = KafkaBroker(logger=None)
    subscribe(broker, "analytics", lambda: pytest.fail("gave up"))
    (subscriber,) = broker.subscribers

    with pytest.raises(type(error)):
        await subscriber.get_msg(Consumer(error))  # type: ignore[attr-defined]  # of Kafka's kind


def test_small_blocks_come_at_most_four_a_second_and_table() -> None:
    one = records(TOPIC, [a_success()])
    four = [a_record(TOPIC, a_success(), partition=n) for n in range(4)]
    other = records(topics.VISITS.name, [a_success()])
    assert pause(one) == 0.25
    assert pause(four) == 1.0
    assert pause(four + other) == 1.0
    assert pause(records(TOPIC, [b""] * BIG_BLOCK)) == 0.0
