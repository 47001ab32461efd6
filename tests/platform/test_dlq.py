"""Dead letters by command, on a real broker: looked at, and what makes no sense refused."""

from collections.abc import Sequence

import pytest
from kit.commands import counterfoil_process
from kit.desks import Desk


async def test_topics_are_listed_with_their_counts_newest_first(desk: Desk) -> None:
    await desk.letter(b"one")
    await desk.letter(b"two")

    [newest, *_] = desk.type("list")["topics"]

    assert (newest["topic"], newest["letters"], newest["replayed"]) == (desk.letters, 2, 0)
    assert newest["newest_at"]


async def test_the_letters_of_a_topic_are_listed_with_the_newest_first(desk: Desk) -> None:
    for value in (b"one", b"two", b"three"):
        await desk.letter(value)

    listed = desk.type("list", desk.letters)["letters"]
    two = desk.type("list", desk.letters, "--limit", "2")["letters"]

    assert [letter["offset"] for letter in listed] == [2, 1, 0]
    assert {letter["error_class"] for letter in listed} == {"ValidationError"}
    assert two == listed[:2]


async def test_a_letter_tells_where_it_came_from_why_and_what_it_holds(desk: Desk) -> None:
    await desk.letter(b"first", offset=7)
    await desk.letter(b"\xff\x00")

    first = desk.type("show", desk.letters, "--partition", "0", "--offset", "0")
    newest = desk.type("show", desk.letters)

    assert first["facts"]["original-offset"] == "7"
    assert first["facts"]["error-class"] == "ValidationError"
    assert first["value"] == {"text": "first"}
    assert first["headers"] == [
        {"name": "trace", "text": "1-2"},
        {"name": "group", "text": "the sender's"},
    ]
    assert newest["value"] == {"hex": "ff00"}


async def test_a_letter_for_people_moves_no_cursor(desk: Desk) -> None:
    await desk.letter(b"\x1b[2J")

    done = counterfoil_process("dlq", "show", desk.letters, **desk.kafka.environment())

    assert done.returncode == 0
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["list", "no.such.topic"],
        ["list", "{letters}", "--limit", "0"],
        ["list", "--limit", "5"],
        ["show", "no.such.topic"],
        ["show", "{letters}", "--offset", "0"],
        ["show", "{letters}"],
        ["show", "{letters}", "--partition", "9", "--offset", "0"],
        ["replay", "{letters}"],
        ["replay", "{letters}", "--partition", "0", "--offset", "5"],
        ["replay", "{letters}", "--all", "--partition", "0", "--offset", "0"],
        ["replay", "{letters}", "--partition", "zero"],
        ["replay"],
        ["skip", "group", "no.such.topic", "0", "0"],
        ["skip", "group", "{topic}", "0", "0"],
        ["skip", "group", "{topic}", "7", "0"],
        ["skip", "group", "{topic}", "0"],
        ["skip", "group", "{topic}", "0", "0", "--through", "first"],
    ],
    ids=" ".join,
)
async def test_what_makes_no_sense_is_refused_in_one_line(desk: Desk, words: Sequence[str]) -> None:
    told = desk.type(
        *(word.format(letters=desk.letters, topic=desk.topic) for word in words), status=2
    )

    assert told.count("\n") == 1
