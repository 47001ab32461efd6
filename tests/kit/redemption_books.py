"""What must be true of redemption's database after anything at all, as the checks of an auditor."""

from collections import Counter
from typing import Any

import asyncpg
import orjson
from redemption.decisions import Request

from contracts import topics
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from redemption.store import Connection

Books = asyncpg.Pool | Connection


async def audit(books: Books, *, published: bool = False) -> int:
    """Prove ledger = counters = outbox = customers; return how many redemptions were accepted.

    `published` says that a relay may have emptied the outbox.
    """
    ledger = await books.fetch("SELECT * FROM ledger ORDER BY id")
    accepted = [row for row in ledger if row["accepted"]]
    await _uses_are_counted(books, accepted)
    await _customers_are_counted(books, accepted)
    if not published:
        await _every_decision_has_its_event(books, ledger)
    return len(accepted)


async def _uses_are_counted(books: Books, accepted: list[asyncpg.Record]) -> None:
    by_campaign = Counter((row["project_id"], row["campaign_id"]) for row in accepted)
    by_code = Counter((row["project_id"], row["code"]) for row in accepted)
    counters = await books.fetch("SELECT project_id, campaign_id, used FROM counters")
    codes = await books.fetch("SELECT project_id, code, uses, sequence FROM vouchers")

    assert {(r[0], r[1]): r[2] for r in counters if r[2]} == by_campaign
    assert {(r[0], r[1]): r[2] for r in codes if r[2]} == by_code
    assert all(row["sequence"] == row["uses"] for row in codes)


async def _customers_are_counted(books: Books, accepted: list[asyncpg.Record]) -> None:
    limited = {
        (row["project_id"], row["campaign_id"])
        for row in await books.fetch(
            "SELECT project_id, campaign_id FROM campaigns WHERE per_customer_limit IS NOT NULL"
        )
    }
    by_customer = Counter(
        (row["project_id"], row["campaign_id"], row["customer_id"])
        for row in accepted
        if row["customer_id"] and (row["project_id"], row["campaign_id"]) in limited
    )
    kept = await books.fetch("SELECT * FROM customer_uses")
    counted = {
        (r["project_id"], r["campaign_id"], r["customer_id"]): r["used"]
        for r in kept
        if (r["project_id"], r["campaign_id"]) in limited and r["used"]
    }
    assert counted == by_customer

    met = await books.fetch("SELECT project_id, customer_id, first_redemption_id FROM customers")
    customers = {(row["project_id"], row["customer_id"]) for row in accepted if row["customer_id"]}
    assert {(row[0], row[1]) for row in met} == customers
    assert {row[2] for row in met} <= {row["id"] for row in accepted}


async def _every_decision_has_its_event(books: Books, ledger: list[asyncpg.Record]) -> None:
    outbox = await books.fetch(
        "SELECT key, value FROM outbox WHERE topic = $1", topics.REDEMPTIONS.name
    )
    events = {str(event.id): event for event in map(outcome, (row["value"] for row in outbox))}
    assert len(events) == len(outbox)
    assert events.keys() == {str(row["id"]) for row in ledger}
    assert {row["key"].decode() for row in outbox} == {e.subject for e in events.values()}
    for row in ledger:
        agree(row, events[str(row["id"])])
    first = {str(row[0]) for row in await books.fetch("SELECT first_redemption_id FROM customers")}
    new = {
        event.id
        for event in events.values()
        if isinstance(event, RedemptionSucceeded) and event.data.customer_is_new
    }
    assert new == first


def outcome(value: bytes) -> RedemptionSucceeded | RedemptionFailed:
    """Read an outcome as its readers do."""
    kinds = {
        "coupons.redemption.succeeded.v1": RedemptionSucceeded,
        "coupons.redemption.failed.v1": RedemptionFailed,
    }
    kind: Any = kinds[orjson.loads(value)["type"]]
    event: RedemptionSucceeded | RedemptionFailed = kind.model_validate_json(value)
    return event


def agree(row: asyncpg.Record, event: RedemptionSucceeded | RedemptionFailed) -> None:
    """Compare a row of the ledger with its event."""
    data = event.data
    assert row["accepted"] == isinstance(event, RedemptionSucceeded)
    assert row["project_id"] == event.projectid
    assert row["at"].replace(microsecond=row["at"].microsecond // 1000 * 1000) == event.time
    assert (row["code"], row["campaign_id"]) == (data.code, data.campaign_id)
    assert (row["customer_id"], row["order_id"]) == (data.customer_id, data.order_id)
    assert (row["order_minor"], row["currency"]) == (data.order_minor, data.currency)
    assert row["campaign_version"] == data.campaign_version
    if isinstance(event, RedemptionSucceeded):
        assert row["discount_minor"] == event.data.discount_minor
    else:
        assert row["reason"] == event.data.reason.value


async def answers_kept(books: Books, request: Request) -> list[tuple[int, bytes]]:
    """Return the status and body of every answer that the ledger holds for this request."""
    rows = await books.fetch("SELECT status, body FROM ledger WHERE key = $1", request.key)
    return [(row["status"], row["body"]) for row in rows]


async def somebody_waits(books: Books, many: int = 1) -> bool:
    """Tell whether so many connections to this database wait for others' locks."""
    waiting: int = await books.fetchval(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
    )
    return waiting >= many
