"""Who asks for a reply by Kafka gets what HTTP would have said, byte for byte, on a repeat too."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from kit import outboxes
from kit.redemption_books import audit
from kit.redemption_deciders import deciding
from kit.redemption_handler import Shelf, a_record, handled
from kit.redemption_http import a_body, a_key, serving
from kit.redemption_samples import (
    PROJECT,
    campaign_changed,
    project_changed,
    voucher_changed,
)

from contracts import topics
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.kafka.projects import KnownProjects

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
HOP = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"


@pytest.fixture
async def deciding_worker(redemption_db: str, pool: asyncpg.Pool) -> AsyncIterator[Decider]:
    """The decider of a worker, whose callers read no answers unless they ask for one."""
    key = a_key("key_a", "redemptions")
    await snapshots.apply(pool, [project_changed(PROJECT, 1, key), campaign_changed()])
    await snapshots.apply(pool, [voucher_changed(quantity=1)])
    async with deciding(redemption_db, with_bodies=False) as decider:
        yield decider


def told(shelf: Shelf) -> list[tuple[int, int, bytes]]:
    """Return who was answered what: offset, status and body."""
    return [
        (each.record.offset, each.response.status, each.response.body) for each in shelf.answered
    ]


async def by_http(dsn: str, request_id: str, *codes: str, amount: int = 5000) -> bytes:
    async with serving(dsn) as client:
        key = {"Idempotency-Key": request_id}
        body = a_body(*codes, amount=amount)
        return (await client.post("/v1/redemptions", json=body, headers=key)).content


async def test_who_asks_is_answered_and_nobody_else(
    pool: asyncpg.Pool, deciding_worker: Decider, redemption_db: str
) -> None:
    shelf, projects = Shelf(), KnownProjects(pool)
    quiet, taken, refused = (
        a_record(1, code="OTHER"),
        a_record(2, reply=True),
        a_record(3, reply=True),
    )

    await handled(shelf, deciding_worker, projects, quiet, taken, refused)

    assert told(shelf) == [
        (2, 200, await by_http(redemption_db, "2")),
        (3, 400, await by_http(redemption_db, "3")),
    ]
    assert json.loads(shelf.answered[1].response.body)["key"] == "quantity_exceeded"
    kept = await pool.fetch("SELECT body IS NOT NULL FROM requests ORDER BY body IS NOT NULL")
    assert [row[0] for row in kept] == [False, True, True]
    assert await audit(pool) == 1


async def test_a_repeat_is_answered_the_same_whether_or_not_the_first_was(
    pool: asyncpg.Pool, deciding_worker: Decider, redemption_db: str
) -> None:
    shelf, projects = Shelf(), KnownProjects(pool)

    await handled(
        shelf, deciding_worker, projects, a_record(1), a_record(2, request_id="1", reply=True)
    )
    await handled(shelf, deciding_worker, projects, a_record(3, request_id="1", reply=True))
    await handled(shelf, deciding_worker, projects, a_record(4, request_id="1"))

    body = await by_http(redemption_db, "1")
    assert told(shelf) == [(2, 200, body), (3, 200, body)]


async def test_who_reuses_a_key_is_answered_as_by_http(
    pool: asyncpg.Pool, deciding_worker: Decider, redemption_db: str
) -> None:
    shelf, projects = Shelf(), KnownProjects(pool)
    other = a_record(2, request_id="1", order={"amount_minor": 1}, reply=True)

    await handled(shelf, deciding_worker, projects, a_record(1), other)

    assert told(shelf) == [(2, 422, await by_http(redemption_db, "1", amount=1))]
    assert [letter.error_class for letter in shelf.letters] == ["idempotency_key_reused"]


async def test_without_a_topic_to_be_answered_on_a_request_is_set_aside_undecided(
    pool: asyncpg.Pool, deciding_worker: Decider
) -> None:
    shelf, projects = Shelf(), KnownProjects(pool)
    shelf.lacks = {PROJECT}
    asking, quiet = a_record(1, reply=True), a_record(2)

    await handled(shelf, deciding_worker, projects, asking, quiet)

    [letter] = shelf.letters
    assert (letter.record, letter.error_class) == (asking, "NoTopicOfAnswersError")
    assert topics.answers_for(PROJECT) in letter.error_text
    assert f"`counterfoil topics --project {PROJECT}`" in letter.error_text
    assert shelf.answered == []
    assert await pool.fetchval("SELECT count(*) FROM ledger") == 1
    assert shelf.noted == [asking, quiet]


def traced(record: ConsumerRecord, *, header: str | None, extension: str | None) -> ConsumerRecord:
    event = json.loads(record.value) | ({"traceparent": extension} if extension else {})
    headers = [("traceparent", header.encode())] if header else []
    return replace(record, value=json.dumps(event).encode(), headers=headers)


async def traces(pool: asyncpg.Pool) -> list[str | None]:
    found = [m.value for m in await outboxes.taken(pool) if m.topic == topics.REDEMPTIONS.name]
    return [json.loads(each)["traceparent"] for each in found]


async def test_a_trace_goes_from_the_request_to_the_outcome(
    pool: asyncpg.Pool, deciding_worker: Decider, redemption_db: str
) -> None:
    shelf, projects = Shelf(), KnownProjects(pool)
    sent: list[tuple[str | None, str | None]] = [
        (None, TRACE),
        (HOP, TRACE),
        ("no trace", TRACE),
        (None, None),
        (None, "00-abc-def-01"),
    ]
    for offset, (header, extension) in enumerate(sent):
        record = traced(a_record(offset), header=header, extension=extension)
        await handled(shelf, deciding_worker, projects, record)
    async with serving(redemption_db) as client:
        for header in (HOP, "nonsense"):
            headers = {"traceparent": header}
            await client.post("/v1/redemptions", json=a_body(), headers=headers)
        entry = await pool.fetchval("SELECT id FROM ledger WHERE kind = 'redeemed' LIMIT 1")
        path = f"/v1/redemptions/r_{entry.hex}/rollback"
        await client.post(path, headers={"traceparent": TRACE})

    assert await traces(pool) == [TRACE, HOP, TRACE, None, None, HOP, None, TRACE]
    assert shelf.letters == []
