"""What records on the topics of requests ask, and by which moment they are judged."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Final

from aiokafka import ConsumerRecord

from contracts import topics
from redemption.kafka.aside import Read
from redemption.reading import parsing, tracing
from redemption.rollbacks import asking_back
from servicekit.kafka.letters import DeadLetter

LATEST_MILLISECONDS: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)
BROKER_TIME: Final = 1  # Kafka's timestamp type LogAppendTime


def read_request(record: ConsumerRecord, customer_key: bytes, *, capitals: bool = False) -> Read:
    live = record.topic != topics.REDEMPTION_REQUESTS_HISTORY.name
    if live and record.timestamp_type != BROKER_TIME:
        # Judging by it would let the sender choose the moment.
        wrong = f"{record.topic} must have message.timestamp.type=LogAppendTime"
        if topics.project_of(record.topic) is not None:
            raise parsing.UnreadableError(wrong)  # nobody else's requests wait until it is mended
        raise RuntimeError(wrong)  # it is everybody's: stop
    if not 0 <= record.timestamp < LATEST_MILLISECONDS:
        raise parsing.UnreadableError(f"timestamp {record.timestamp} is not within 1970 to 2200")
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    trace = tracing.of_record(record.headers)
    if record.value is not None and asking_back.may_be_one(record.value):
        rollback = asking_back.read(record.value, record.topic, at, trace=trace)
        if rollback is not None:
            return Read(record, rollback)
    request = parsing.read(
        record.value, record.topic, at, customer_key, capitals=capitals, trace=trace
    )
    return Read(record, request)


def with_capitals(
    read: Sequence[Read], projects: AbstractSet[str], customer_key: bytes
) -> tuple[list[Read], list[DeadLetter]]:
    """Read those again whose project tells no letter case, which nobody knew until it was asked."""
    spelt, letters = list[Read](), list[DeadLetter]()
    for each in read:
        if each.request.project_id not in projects:
            spelt.append(each)
            continue
        try:
            spelt.append(read_request(each.record, customer_key, capitals=True))
        except parsing.UnreadableError as error:
            letters.append(DeadLetter(each.record, type(error).__name__, str(error)))
    return spelt, letters
