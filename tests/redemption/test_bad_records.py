"""Whatever is wrong with a record is set aside by name as it came, and the batch goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from kit.redemption_handler import Shelf, handled
from kit.redemption_samples import CUSTOMER_KEY, campaign_changed, project_changed, voucher_changed
from kit.wrong_documents import RAW, Document, at, but, places, written

from contracts import topics
from contracts.topics import Topic
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.kafka import request_records
from redemption.kafka.order_records import Dependencies, on_orders
from redemption.kafka.projects import KnownProjects

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
PROJECT, CODE = "proj_9yX2", "SUMMER-7F3K"
WRONG_AMOUNTS: tuple[Any, ...] = (-1, 1.5, 2**53, "100", True, [], 10**30)


class Door(NamedTuple):
    """A kind of record, with all that may be said, and where its money and its moments stand."""

    topic: Topic
    golden: str
    amounts: tuple[str, ...]
    needed: frozenset[str]
    moments: tuple[str, ...] = ()

    @property
    def event(self) -> Document:
        golden = (GOLDEN / f"{self.golden}.json").read_text()
        document: Document = json.loads(golden.replace('"USD"', '"EUR"'))
        return document


OF_LINES = ("items.0.amount_minor", "items.0.quantity")
REQUESTS = topics.REDEMPTION_REQUESTS
NEEDED = frozenset({"data", "type", "specversion", "id", "source", "projectid"})
DOORS = {
    "requests": Door(
        REQUESTS,
        "coupons.redemption.requested.v1",
        ("data.order.amount_minor", *(f"data.order.{name}" for name in OF_LINES)),
        NEEDED
        | {
            "data.request_id",
            "data.code",
            "data.order.amount_minor",
            "data.order.items.0.product_id",
            "data.order.items.0.amount_minor",
        },
    ),
    "rollbacks": Door(
        REQUESTS,
        "coupons.redemption.rollback_requested.v1",
        ("data.amount_minor",),
        NEEDED
        | {
            "data.request_id",
            "data.redemption_id",
            "data.customer.source_id",
            "data.items.0.product_id",
            "data.items.0.quantity",
        },
    ),
    "orders": Door(
        topics.ORDERS,
        "coupons.order.changed.v1",
        (
            "data.amount_minor",
            "data.refunded_minor",
            "data.version",
            *(f"data.{name}" for name in OF_LINES),
        ),
        NEEDED
        | {
            "time",
            "data.order_id",
            "data.status",
            "data.amount_minor",
            "data.customer.source_id",
            "data.items.0.product_id",
            "data.items.0.amount_minor",
        },
        ("time", "data.paid_at"),
    ),
}


class Case(NamedTuple):
    """What is sent, and what the letter names."""

    id: str
    sent: bytes
    names: str


def wrong(door: Door) -> Iterator[Case]:
    yield from wrong_amounts(door)
    yield from wrong_texts(door)
    yield from wrong_bodies(door)


def wrong_amounts(door: Door) -> Iterator[Case]:
    for place in door.amounts:
        name = place.rpartition(".")[2]
        for value in WRONG_AMOUNTS:
            yield Case(f"{place}={value!r}", written(but(door.event, place, value)), name)
        for raw in ("NaN", "Infinity", "01"):
            yield Case(f"{place}={raw}", written(but(door.event, place, RAW), raw), "")
    for place in door.moments:
        for moment in ("2026-11-23T12:00:00", "2026-11-23", "", 1, 1.5, "1700000000", "-1"):
            name = place.rpartition(".")[2]
            yield Case(f"{place}={moment!r}", written(but(door.event, place, moment)), name)


def wrong_texts(door: Door) -> Iterator[Case]:
    for place in places(door.event["data"], "data."):
        holder, name = at(door.event, place)
        if isinstance(holder[name], str):
            for text in ("x" * 10_000, "a\0b", ""):
                sent = written(but(door.event, place, text))
                yield Case(f"{place}: {text[:3]!r}", sent, str(name))
        if name == "currency":
            for value in ("eur", "EURO", "ZZZ", "€UR", 978):
                yield Case(repr(value), written(but(door.event, place, value)), "currency")
        if name == "metadata":
            for size in (100_000, 1_000_000):
                sent = written(but(door.event, place, {"a": "x" * size}))
                yield Case(f"{place} of {size}", sent, "")
            deep = '{"deeper": ' * 1_000 + "1" + "}" * 1_000
            yield Case(f"{place}, deep", written(but(door.event, place, RAW), deep), "")


def wrong_bodies(door: Door) -> Iterator[Case]:
    event = door.event
    yield Case("no JSON", b"{", "")
    yield Case("a list", b"[1]", "")
    yield Case("deep", b"[" * 1_000 + b"]" * 1_000, "")
    unknown = but(event, "data", event["data"] | {"discuont": 1})
    yield Case("an unknown name", written(unknown), "discuont")
    twice = written(but(event, "data", RAW), json.dumps(event["data"])[:-1] + ', "metadata": {}}')
    if "metadata" in event["data"]:
        yield Case("a name twice", twice, "metadata")
    for place in places(event["data"], "data."):
        if place.endswith("items"):
            many = [{"product_id": "p", "quantity": 1, "amount_minor": 1}] * 10_000
            yield Case("10,000 items", written(but(event, place, many)), "")
    for place in door.needed - {"type"}:
        yield Case(f"{place} is null", written(but(event, place, None)), place.rpartition(".")[2])


def a_record(topic: Topic, offset: int, value: bytes) -> ConsumerRecord:
    return ConsumerRecord(
        topic.name, 0, offset, 0, request_records.BROKER_TIME, b"key", value, None, 0, 0, ()
    )


@pytest.fixture
async def shelf(pool: asyncpg.Pool) -> Shelf:
    definitions = (project_changed(PROJECT), campaign_changed(project=PROJECT))
    await snapshots.apply(pool, [*definitions, voucher_changed(CODE, project=PROJECT)])
    return Shelf()


async def read(pool: asyncpg.Pool, decider: Decider, shelf: Shelf, *records: Any) -> None:
    """Have a batch read by whoever reads its topic."""
    projects = KnownProjects(pool)
    if records[0].topic == REQUESTS.name:
        await handled(shelf, decider, projects, *records)
        return

    class Consumer:
        async def commit(self, _offsets: Any) -> None: ...

    anything: Any = shelf
    consumer: Any = Consumer()
    message: Any = SimpleNamespace(raw_message=records)
    known = Dependencies(pool, decider, projects, anything, CUSTOMER_KEY)
    await on_orders(None, message, consumer, known)


async def became(pool: asyncpg.Pool) -> int:
    """Count what was decided, and what was kept of orders that were told."""
    of_both = "SELECT (SELECT count(*) FROM requests) + (SELECT count(*) FROM orders)"
    return int(await pool.fetchval(of_both))


@pytest.mark.parametrize("name", DOORS)
async def test_whatever_is_wrong_is_set_aside_by_name_and_the_batch_goes_on(
    pool: asyncpg.Pool, decider: Decider, shelf: Shelf, name: str
) -> None:
    door = DOORS[name]
    cases = list(wrong(door))
    good = written(door.event)
    records = [a_record(door.topic, n, case.sent) for n, case in enumerate(cases)]
    records.insert(len(cases) // 2, a_record(door.topic, len(cases), good))

    await read(pool, decider, shelf, *records)

    letters = {letter.record.offset: letter for letter in shelf.letters}
    unnamed = [
        (case.id, letters[n].error_text[:200] if n in letters else "was taken")
        for n, case in enumerate(cases)
        if n not in letters or case.names not in letters[n].error_text
    ]
    assert unnamed == []
    texts = [letter.error_text for letter in letters.values()]
    assert [each for each in texts if "pydantic" in each or "validation error" in each] == []
    unknown = next(n for n, case in enumerate(cases) if case.id == "an unknown name")
    assert "known are " in letters[unknown].error_text
    assert all(letters[n].record.value == case.sent for n, case in enumerate(cases))
    if name == "rollbacks":  # of what nobody has redeemed: read, and refused
        assert letters[len(cases)].error_class == "not_found"
    else:
        assert len(cases) not in letters
        assert await became(pool)


@pytest.mark.parametrize("name", DOORS)
async def test_null_is_as_good_as_absent_wherever_a_field_is_optional(
    pool: asyncpg.Pool, decider: Decider, shelf: Shelf, name: str
) -> None:
    door = DOORS[name]
    optional = [place for place in places(door.event) if place not in door.needed]
    sent = [written(but(door.event, place, None)) for place in optional]

    await read(
        pool, decider, shelf, *(a_record(door.topic, n, value) for n, value in enumerate(sent))
    )

    refused = {
        optional[letter.record.offset]: letter.error_text
        for letter in shelf.letters
        if letter.error_class not in {"not_found", "idempotency_key_reused"}
    }
    assert refused == {}


@pytest.mark.parametrize("code", ["SUMM\u0415R-7F3K", "\uff33UMMER-7F3K", "5UMMER-7F3K"])
async def test_a_code_with_letters_that_look_alike_is_nobodys(
    pool: asyncpg.Pool, decider: Decider, shelf: Shelf, code: str
) -> None:
    sent = written(but(DOORS["requests"].event, "data.code", code))

    await read(pool, decider, shelf, a_record(REQUESTS, 0, sent))

    assert shelf.letters == []
    assert await pool.fetchval("SELECT reason FROM ledger") == "not_found"


async def test_an_order_in_another_currency_is_set_aside(
    pool: asyncpg.Pool, decider: Decider, shelf: Shelf
) -> None:
    foreign = written(but(DOORS["orders"].event, "data.currency", "USD"))

    await read(pool, decider, shelf, a_record(topics.ORDERS, 0, foreign))

    assert [each.error_class for each in shelf.letters] == ["OtherCurrencyError"]
    assert "currency" in shelf.letters[0].error_text
    assert await became(pool) == 0
