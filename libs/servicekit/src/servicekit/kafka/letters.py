r"""Dead letters: what becomes of a record that nobody can read. Pure.

A letter goes to `<topic>.dlq.<group>`, into the partition that its record came from where that
topic has it. Key, value and headers are the record's own; these headers are added:

    original-topic, original-partition, original-offset, original-timestamp
                          where the record is, and its timestamp in milliseconds
    original-last-offset  of a letter that stands for several records: the last one's offset
    group                 whose reader gave up on it
    error-class           what is wrong: ValidationError, NewerMajorError, UnknownTypeError, ...
    error-text            the same in words, 1,000 characters at most
    failed-at             when, RFC 3339 in UTC
    key-was-null          "true": the record had no key, and the letter has an empty one instead
    value-omitted-bytes   how large the value is that did not fit beside our headers, or that must
                          not be unpacked: the letter is a reference without key, value and headers
                          of its own, the original is still where ours say. Waiting for it to fit
                          would stop its partition.

Records that follow each other and are alike to the byte have one letter: a kilobyte may unpack to
a hundred thousand of them.

A header's own name that is not UTF-8 is written with \xNN in place of its bytes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from aiokafka import ConsumerRecord
from pydantic import BaseModel, ValidationError

from servicekit import faults
from servicekit.kafka.distrust import Unparsable

TEXT_LIMIT = 1000

Headers = list[tuple[str, bytes]]


class DeadLetter(NamedTuple):
    """A record, and why nobody can ever read it; or the last of several, from `first_offset` on."""

    record: ConsumerRecord
    error_class: str
    error_text: str
    first_offset: int | None = None

    @property
    def first(self) -> int:
        """Return the offset of the first record that it stands for."""
        if isinstance(self.record, Unparsable):
            return self.record.first
        offset: int = self.record.offset if self.first_offset is None else self.first_offset
        return offset

    @property
    def records(self) -> int:
        """Return how many it stands for."""
        return int(self.record.offset) - self.first + 1


def dead_letter(
    record: ConsumerRecord, error: Exception, model: type[BaseModel] | None = None
) -> DeadLetter:
    """Take the reason from an error, by its name and its words; `model` is what was to be read."""
    said = faults.of_pydantic(error, model) if isinstance(error, ValidationError) else str(error)
    return DeadLetter(record, type(error).__name__, said)


def dlq_topic(topic: str, group: str) -> str:
    """Name the topic where a group sets aside what it can never read."""
    return f"{topic}.dlq.{group}"


def put_together(letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """Return one letter for each run of records that are alike, in the order of their ends."""
    together: list[DeadLetter] = []
    last_of: dict[tuple[str, int], int] = {}
    for letter in letters:
        record = letter.record
        place = record.topic, record.partition
        at = last_of.get(place)
        if at is not None and _goes_on(together[at], letter):
            together[at] = letter._replace(first_offset=together[at].first)
        else:
            last_of[place] = len(together)
            together.append(letter)
    return together


def _goes_on(before: DeadLetter, letter: DeadLetter) -> bool:
    one, other = before.record, letter.record
    return (
        other.offset == one.offset + 1
        and not (isinstance(one, Unparsable) or isinstance(other, Unparsable))
        and (one.key, one.value, one.timestamp) == (other.key, other.value, other.timestamp)
        and tuple(one.headers) == tuple(other.headers)
        and before[1:3] == letter[1:3]
    )


def origin_headers(letter: DeadLetter, group: str, failed_at: datetime) -> Headers:
    """Say where the record came from and what is wrong with it."""
    record = letter.record
    facts = {
        "original-topic": record.topic,
        "original-partition": str(record.partition),
        "original-offset": str(letter.first),
        "original-timestamp": str(record.timestamp),
        "group": group,
        "error-class": letter.error_class,
        "error-text": letter.error_text[:TEXT_LIMIT],
        "failed-at": failed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if letter.records > 1:
        facts["original-last-offset"] = str(record.offset)
    # `replace`: half a surrogate pair, quoted from somebody's JSON, has no bytes.
    return [(name, text.encode(errors="replace")) for name, text in facts.items()]
