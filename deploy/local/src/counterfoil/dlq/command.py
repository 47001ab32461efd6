"""`counterfoil dlq`: records that a service set aside, or that it stands at."""

import json as json_text
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from aiokafka import TopicPartition
from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from counterfoil.commands import Data, Json, operated_kafka
from counterfoil.dlq.letters import as_json, in_brief
from counterfoil.dlq.replaying import Outcome
from counterfoil.dlq.replaying import replay as replay_letters
from counterfoil.dlq.shelf import Shelf, opened
from counterfoil.dlq.skipping import skip as skip_record
from counterfoil.errors import PlatformError
from counterfoil.hints import named_by_shell
from counterfoil.partitions import Kept
from counterfoil.showing import print_json, print_table

dlq = App(name="dlq", help="Look at records that were set aside, put them back, pass one by")

LETTERS = 50

Topic = Annotated[str, Parameter(help="A dead-letter topic, as `list` names it")]
Partition = Annotated[int | None, Parameter(help="Of the dead-letter topic")]
Offset = Annotated[int | None, Parameter(help="Of the letter in its partition")]


@dlq.command(name="list")
async def list_(
    topic: Annotated[str | None, Parameter(help="List this topic's letters instead")] = None,
    /,
    *,
    limit: Annotated[
        int | None, Parameter(help=f"How many letters, the newest; {LETTERS} if none")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """List the dead-letter topics with their counts, or the letters of one; the newest first."""
    if topic is not None:
        return await _list_letters(topic, LETTERS if limit is None else limit, json, data)
    if limit is not None:
        raise PlatformError("--limit is for the letters of a topic: name the topic too")
    async with _shelf(data) as shelf:
        topics = await shelf.topics()
        if not topics:  # there is one for each topic: who sees none may not see them
            who = f"{shelf.kafka.username or 'who asks'} sees no dead-letter topic"
            raise PlatformError(f"{who} in the Kafka at {shelf.kafka.servers}{named_by_shell()}")
        piles = [await shelf.pile(topic) for topic in topics]
    piles.sort(key=lambda pile: (pile.newest_at is not None, pile.newest_at), reverse=True)
    if json:
        told = [
            {
                **pile._asdict(),
                "newest_at": pile.newest_at and pile.newest_at.isoformat(timespec="milliseconds"),
            }
            for pile in piles
        ]
        print_json({"topics": told})
        return 0
    right = [Column(name, justify="right") for name in ("letters", "replayed")]
    table = Table("topic", *right, "newest", box=None, pad_edge=False)
    for pile in piles:
        at = f"{pile.newest_at:%Y-%m-%d %H:%M:%S} UTC" if pile.newest_at else ""
        table.add_row(pile.topic, f"{pile.letters:,}", f"{pile.replayed:,}", at)
    print_table(table)
    return 0


async def _list_letters(topic: str, limit: int, json: bool, data: Path | None) -> int:
    if limit < 1:
        raise PlatformError(f"--limit is {limit}: ask for one letter or more")
    async with _shelf(data) as shelf:
        letters = await shelf.newest(topic, limit)
    if json:
        print_json({"letters": [in_brief(letter) for letter in letters]})
        return 0
    right = [Column(name, justify="right") for name in ("partition", "offset")]
    table = Table(*right, "at", "why", box=None, pad_edge=False)
    for each in map(in_brief, letters):
        why = f"{each['error_class']}: {each['error_text']}"
        plain = "".join(sign if sign.isprintable() else " " for sign in why)  # moves no cursor
        table.add_row(str(each["partition"]), str(each["offset"]), each["at"], escape(plain))
    print_table(table)
    return 0


@dlq.command
async def show(
    topic: Topic,
    /,
    *,
    partition: Partition = None,
    offset: Offset = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Show one letter, the newest unless told which: where it came from, why, its content."""
    async with _shelf(data) as shelf:
        kept = await _chosen(shelf, topic, partition, offset)
        letters = [
            await shelf.letter(where, between.end - 1)
            for where, between in kept.items()
            if between.end > between.first
        ]
    if not letters:
        raise PlatformError(f"{topic} holds no letter")
    told = as_json(max(letters, key=lambda letter: letter.at))
    if json:
        print_json(told)
        return 0
    console = Console(highlight=False)
    for name, value in told.items():
        text = value if isinstance(value, str | int) else json_text.dumps(value, indent=2)
        if isinstance(value, dict) and "text" in value:
            text = value["text"]
        console.print(f"{name + ':':<11}{text}", markup=False, soft_wrap=True)
    return 0


@dlq.command
async def replay(
    topic: Topic,
    /,
    *,
    partition: Partition = None,
    offset: Offset = None,
    all_letters: Annotated[
        bool, Parameter(name="--all", negative="", help="All that were not replayed yet")
    ] = False,
    again: Annotated[bool, Parameter(negative="", help="Also what was replayed before")] = False,
    json: Json = False,
    data: Data = None,
) -> int:
    """Append letters to the topics that they came from, bytes and headers as they were.

    Each is replayed once: what was done is kept on Kafka, as the offsets of a group. Exit status 1
    when one that was asked for could not be replayed.
    """
    if all_letters == (offset is not None):
        raise PlatformError("say which letters: either --partition and --offset, or --all")
    async with _shelf(data) as shelf:
        chosen = await _chosen(shelf, topic, partition, offset)
        outcomes = [each async for each in replay_letters(shelf, chosen, again=again)]
    if offset is not None and not outcomes:
        raise PlatformError(f"there is no letter at offset {offset} of {topic}")
    counts = Counter(outcome.became for outcome in outcomes)
    if json:
        print_json({"counts": counts, "letters": [outcome._asdict() for outcome in outcomes]})
    else:
        told = outcomes if not all_letters else [o for o in outcomes if not _was_before(o)]
        print(*map(_line, told), sep="\n", end="\n" * bool(told))  # noqa: T201
        said = ", ".join(f"{count:,} {became}" for became, count in counts.items())
        print(said or "there is no letter")  # noqa: T201
    return 0 if counts.keys() <= {"replayed", "already replayed"} else 1


@dlq.command
async def skip(
    group: str,
    topic: str,
    partition: int,
    offset: int,
    /,
    *,
    through: Annotated[int | None, Parameter(help="Pass all records up to this offset")] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Move a group past the record at which it stands; nobody of that group reads it any more.

    Refused unless OFFSET is where the group stands, and while the group has members.
    """
    async with _shelf(data) as shelf:
        where = TopicPartition(topic, partition)
        last = await skip_record(shelf, group, where, offset, through)
    count, stands = last - offset + 1, last + 1
    if json:
        place = {"group": group, "topic": topic, "partition": partition}
        skipped = {"first": offset, "last": last, "count": count}
        print_json({**place, "skipped": skipped, "stands_at": stands})
    else:
        which = f"1 record, {offset}" if count == 1 else f"{count:,} records, {offset} to {last}"
        print(f"passed over: {which}")  # noqa: T201
        print(f"{group} stands at {stands} in partition {partition} of {topic}")  # noqa: T201
    return 0


def _was_before(outcome: Outcome) -> bool:
    return outcome.became == "already replayed"


def _line(outcome: Outcome) -> str:
    letter = f"partition {outcome.partition} offset {outcome.offset}: {outcome.became}"
    if outcome.to_topic is None:
        return letter
    place = f"{outcome.to_topic}, partition {outcome.to_partition} offset {outcome.to_offset}"
    return f"{letter} to {place}"


async def _chosen(
    shelf: Shelf, topic: str, partition: int | None, offset: int | None
) -> dict[TopicPartition, Kept]:
    """Return which letters were meant: of all partitions, of one, or a single one."""
    kept = await shelf.partitions(topic)
    if partition is None and offset is None:
        return kept
    where = TopicPartition(topic, partition or 0)
    if partition is None and len(kept) > 1:
        raise PlatformError(f"{topic} has {len(kept)} partitions: say --partition too")
    if where not in kept:
        raise PlatformError(f"{topic} has no partition {partition}")
    if offset is None:
        return {where: kept[where]}
    if not kept[where].first <= offset < kept[where].end:
        raise PlatformError(
            f"there is no letter at offset {offset} of partition {where.partition} of {topic}"
        )
    return {where: Kept(offset, offset + 1)}


@asynccontextmanager
async def _shelf(data: Path | None) -> AsyncIterator[Shelf]:
    async with operated_kafka(data) as kafka, opened(kafka) as shelf:
        yield shelf
