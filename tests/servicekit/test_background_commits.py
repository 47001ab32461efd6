"""What is committed behind the handlers, when, and what becomes of it while Kafka is away."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaConnectionError

from servicekit.kafka import background_commits
from servicekit.kafka.background_commits import BackgroundCommits

ZERO, ONE = TopicPartition("t", 0), TopicPartition("t", 1)


class Group:
    """A consumer that only commits."""

    def __init__(self) -> None:
        self.committed: list[dict[TopicPartition, int]] = []
        self.has_committed = asyncio.Event()
        self.fails_with: Exception | None = None
        self.hangs = False
        self.ours = {ZERO, ONE}

    def assignment(self) -> set[TopicPartition]:
        return self.ours

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails_with is not None:
            raise self.fails_with
        self.committed.append(dict(offsets))
        self.has_committed.set()

    def as_consumer(self) -> AIOKafkaConsumer:
        return cast("AIOKafkaConsumer", self)


def records(*places: tuple[int, int]) -> list[ConsumerRecord]:
    return [SimpleNamespace(topic="t", partition=p, offset=o) for p, o in places]


async def test_nothing_is_committed_until_something_is_dealt_with() -> None:
    commits, group = BackgroundCommits(), Group()
    await commits.flush()
    commits.note(group.as_consumer(), records((0, 4), (1, 9), (0, 5)))
    await commits.flush()
    await commits.flush()

    assert group.committed == [{ZERO: 6, ONE: 10}]


async def test_batches_of_a_moment_are_one_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_commits, "EVERY_SECONDS", 0.01)
    commits, group = BackgroundCommits(), Group()
    commits.note(group.as_consumer(), records((0, 1)))
    commits.note(group.as_consumer(), records((0, 2)))
    async with commits.running():
        await asyncio.wait_for(group.has_committed.wait(), 5)

    assert group.committed == [{ZERO: 3}]


async def test_the_end_commits_what_is_left() -> None:
    commits, group = BackgroundCommits(), Group()
    async with commits.running():
        commits.note(group.as_consumer(), records((0, 1)))

    assert group.committed == [{ZERO: 2}]


async def test_the_end_does_not_wait_for_a_group_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background_commits, "LAST_SECONDS", 0.05)
    commits, group = BackgroundCommits(), Group()
    group.hangs = True
    async with asyncio.timeout(5), commits.running():
        commits.note(group.as_consumer(), records((0, 1)))


@pytest.mark.parametrize("outage", [KafkaConnectionError(), OSError(), TimeoutError()])
async def test_what_kafka_did_not_take_is_committed_later(outage: Exception) -> None:
    commits, group = BackgroundCommits(), Group()
    group.fails_with = outage
    commits.note(group.as_consumer(), records((0, 1), (1, 1)))
    await commits.flush()
    group.fails_with = None
    commits.note(group.as_consumer(), records((0, 7)))
    await commits.flush()

    assert group.committed == [{ZERO: 8, ONE: 2}]


async def test_partitions_that_moved_on_are_their_new_owners() -> None:
    commits, group = BackgroundCommits(), Group()
    commits.note(group.as_consumer(), records((0, 1), (1, 1)))
    group.fails_with = CommitFailedError()  # the group agrees anew
    await commits.flush()
    group.fails_with, group.ours = None, {ONE}
    await commits.flush()

    assert group.committed == [{ONE: 2}]


async def test_a_bug_is_not_swallowed() -> None:
    commits, group = BackgroundCommits(), Group()
    group.fails_with = cast("Any", ValueError("a bug"))
    commits.note(group.as_consumer(), records((0, 1)))

    with pytest.raises(ValueError, match="a bug"):
        await commits.flush()


async def test_a_commit_that_is_answered_as_the_block_ends_does_not_keep_it_from_ending() -> None:
    asked, answer = asyncio.Event(), asyncio.get_running_loop().create_future()
    commits, group = BackgroundCommits(), Group()

    async def commit(_offsets: dict[TopicPartition, int]) -> None:
        asked.set()
        await answer

    group.commit = commit  # type: ignore[method-assign, assignment]
    async with asyncio.timeout(5) as limit, commits.running():
        commits.note(group.as_consumer(), records((0, 1)))
        await asked.wait()
        answer.set_result(None)  # and now, in the same moment, told to stop
    assert not limit.expired()
