"""Dead letters are put back once, and as they came."""

from typing import Any

import pytest
from conftest import MakeTopic
from kit.desks import OWN, Desk

from counterfoil.bench.odd_batches import a_batch, a_bomb, a_record, append
from counterfoil.dlq import replaying
from counterfoil.dlq.replayed import Replayed, parse
from counterfoil.dlq.shelf import opened


def became(told: Any) -> list[tuple[int, str]]:
    return [(letter["offset"], letter["became"]) for letter in told["letters"]]


@pytest.mark.parametrize(
    ("key", "value"), [(b"k", b"{}"), (None, b"\xff"), (b"k", None)], ids=["text", "no-key", "null"]
)
async def test_a_letter_is_put_back_as_it_came(
    desk: Desk, key: bytes | None, value: bytes | None
) -> None:
    await desk.letter(value, key=key)

    told = desk.type("replay", desk.letters, "--partition", "0", "--offset", "0")

    [record] = await desk.arrived(desk.topic)
    assert (record.key, record.value, record.partition) == (key, value, 1)
    assert (list(record.headers), record.timestamp) == (OWN, 1_700_000_000_000)
    assert told["letters"][0]["to_offset"] == record.offset


async def test_a_letter_is_put_back_once_unless_told_again(desk: Desk) -> None:
    for value in (b"0", b"1", b"2"):
        await desk.letter(value)
    one = ["replay", desk.letters, "--partition", "0", "--offset", "1"]

    assert became(desk.type(*one)) == [(1, "replayed")]
    assert became(desk.type(*one)) == [(1, "already replayed")]
    assert became(desk.type("replay", desk.letters, "--all")) == [
        (0, "replayed"),
        (1, "already replayed"),
        (2, "replayed"),
    ]
    assert desk.type("list")["topics"][0]["replayed"] == 3
    assert became(desk.type(*one, "--again")) == [(1, "replayed")]
    assert sorted(record.value for record in await desk.arrived(desk.topic)) == [
        b"0",
        b"1",
        b"1",
        b"2",
    ]


async def test_a_letter_that_only_refers_is_fetched_from_where_it_came(desk: Desk) -> None:
    large = b"x" * 2_000
    sent = await desk.producer.send_and_wait(desk.topic, large, b"key", 1, headers=[("h", b"1")])
    await desk.letter(None, key=b"", offset=sent.offset, facts={"value-omitted-bytes": "2000"})

    desk.type("replay", desk.letters, "--all")

    _, again = await desk.arrived(desk.topic)
    assert (again.key, again.value, list(again.headers)) == (b"key", large, [("h", b"1")])


async def test_a_letter_that_refers_to_a_batch_is_put_back_once_that_can_be_read(
    desk: Desk,
) -> None:
    good = a_batch(a_record(0, b"0"), a_record(1, b"1"))
    await append(desk.kafka, desk.topic, a_bomb(100, "zstd"), good, partition=1)
    refers = {"value-omitted-bytes": "2000"}
    await desk.letter(None, key=b"", offset=0, facts=refers)
    await desk.letter(None, key=b"", offset=1, facts=refers | {"original-last-offset": "2"})

    told = desk.type("replay", desk.letters, "--all", status=1)

    assert became(told) == [(0, "unparsable"), (1, "replayed")]
    assert [r.value for r in (await desk.arrived(desk.topic))[-2:]] == [b"0", b"1"]


async def test_a_letter_of_records_that_are_alike_puts_back_as_many(desk: Desk) -> None:
    await desk.letter(b"{", offset=4, facts={"original-last-offset": "6"})

    told = desk.type("replay", desk.letters, "--all")

    assert became(told) == [(0, "replayed")]
    assert [record.value for record in await desk.arrived(desk.topic)] == [b"{"] * 3


async def test_a_letter_names_no_other_topic_than_its_shelfs(
    desk: Desk, kafka_topic: MakeTopic
) -> None:
    other = await kafka_topic("keys", partitions=2)
    await desk.letter(b"forged", facts={"original-topic": other, "original-partition": "0"})

    told = desk.type("replay", desk.letters, "--all", status=1)

    assert became(told) == [(0, "no letter of ours")]
    assert await desk.arrived(other) == []


async def test_what_services_write_is_put_back_as_it_stands_there_and_not_as_a_letter_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A service that was broken into writes letters, and its operator may write everything.
    monkeypatch.setattr(replaying, "OF_SERVICES", frozenset((desk.topic,)))
    sent = await desk.producer.send_and_wait(desk.topic, b"as it was", b"k", 1)
    await desk.letter(b"forged", offset=sent.offset)
    await desk.letter(b"forged", offset=sent.offset + 7)
    async with opened(desk.kafka) as shelf:
        chosen = await shelf.partitions(desk.letters)
        outcomes = [each.became async for each in replaying.replay(shelf, chosen, again=False)]

    assert outcomes == ["replayed", "original gone"]
    assert [each.value for each in await desk.arrived(desk.topic)] == [b"as it was"] * 2


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"value-omitted-bytes": "9", "original-offset": "99"}, "original gone"),
        ({"original-topic": "no-such-topic"}, "original gone"),
        ({"original-partition": "x"}, "no letter of ours"),
        ({"key-was-null": "true"}, "empty"),
    ],
    ids=["too-old", "no-topic", "no-origin", "no-key-no-value"],
)
async def test_what_cannot_be_put_back_is_told_and_stays_open(
    desk: Desk, facts: dict[str, str], expected: str
) -> None:
    await desk.letter(None, key=b"", facts=facts)

    for _ in range(2):
        assert became(desk.type("replay", desk.letters, "--all", status=1)) == [(0, expected)]


def test_what_was_replayed_is_read_as_it_was_written() -> None:
    done = Replayed(3)
    for offset in (7, 5, 8, 12):
        done = done.adding(offset)

    assert done.metadata == "5,7-8,12"
    assert parse(done.below, done.metadata, 0) == done
    assert [offset for offset in range(14) if offset in done] == [0, 1, 2, 5, 7, 8, 12]
    assert done.adding(3).adding(4) == Replayed(6, frozenset({7, 8, 12}))
    assert done.adding(1) == done


def test_what_kafka_no_longer_keeps_counts_as_done() -> None:
    assert parse(3, "5,7-8,12", 7) == Replayed(9, frozenset({12}))
