"""A dead letter: the untouched record, and behind its own headers what the service says of it.

Every service writes them alike: first the headers that the record came with, then the service's
own, of which `original-topic` is the first. A record too large for these additions is only referred
to (`value-omitted-bytes`): its key, value and headers are where it came from, while Kafka keeps it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition

FIRST_OF_OURS = "original-topic"
NAME = re.compile(r"^(?P<original>.+)\.dlq\.(?P<group>[^.]+)$")

Headers = Sequence[tuple[str, bytes]]


class Letter(NamedTuple):
    """One record of a dead-letter topic. `facts` is what the service says of it."""

    topic: str
    partition: int
    offset: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers
    facts: dict[str, str]

    @property
    def is_reference(self) -> bool:
        return "value-omitted-bytes" in self.facts

    @property
    def origin(self) -> tuple[TopicPartition, int] | None:
        """Name the place that the record came from, or None where no service of ours wrote this."""
        facts = self.facts
        try:
            partition = TopicPartition(facts[FIRST_OF_OURS], int(facts["original-partition"]))
            return partition, int(facts["original-offset"])
        except (KeyError, ValueError):
            return None

    @property
    def shelved_from(self) -> str | None:
        """Name the topic whose dead letters these are, whatever the letter says of itself."""
        named = NAME.match(self.topic)
        return named["original"] if named else None

    @property
    def last_offset(self) -> int:
        """Say up to where the letter stands for records; 0 where it stands for one."""
        told = self.facts.get("original-last-offset", "")
        return int(told) if told.isdecimal() else 0

    @property
    def records(self) -> int:
        """Say for how many records the letter stands."""
        return 1 if self.origin is None else max(1, self.last_offset - self.origin[1] + 1)

    @property
    def original_timestamp(self) -> int | None:
        told = self.facts.get("original-timestamp", "")
        return int(told) if told.isdecimal() else None


def of_record(record: ConsumerRecord) -> Letter:
    """Tell a record's own headers from those that the service added behind them."""
    names = [name for name, _ in record.headers]
    own = len(names) - names[::-1].index(FIRST_OF_OURS) - 1 if FIRST_OF_OURS in names else None
    added = record.headers[own:] if own is not None else []
    facts = {name: (value or b"").decode(errors="replace") for name, value in added}
    return Letter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        # Kafka's client can write no record without key and value: the key had to be made up.
        key=None if record.value is None and "key-was-null" in facts else record.key,
        value=record.value,
        headers=list(record.headers[:own]),
        facts=facts,
    )


def shown(content: bytes | None) -> dict[str, Any]:
    """Show bytes as text where they are printable text, else in hexadecimal."""
    if content is None:
        return {"null": True}
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return {"hex": content.hex()}
    # Nothing that a stranger wrote may move the cursor of whoever reads it.
    plain = all(letter.isprintable() or letter in "\n\t" for letter in text)
    return {"text": text} if plain else {"hex": content.hex()}


def as_json(letter: Letter) -> dict[str, Any]:
    return {
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "at": letter.at.isoformat(timespec="milliseconds"),
        "facts": letter.facts,
        "headers": [{"name": name, **shown(value)} for name, value in letter.headers],
        "key": shown(letter.key),
        "value": shown(letter.value),
    }


def in_brief(letter: Letter) -> dict[str, Any]:
    """Say where a letter is and why, as a list shows it."""
    return {
        "partition": letter.partition,
        "offset": letter.offset,
        "at": letter.at.isoformat(timespec="milliseconds"),
        "error_class": letter.facts.get("error-class"),
        "error_text": letter.facts.get("error-text"),
        "records": letter.records,
    }
