"""Decides a batch: lock, load, decide, render, write. One transaction, which the caller opened."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contracts import topics
from redemption import facts as loading
from redemption.decide import Facts, decide
from redemption.entries import Entry, entries_of
from redemption.limits import CAMPAIGN
from redemption.memory import Memory
from redemption.model import CounterKey, CustomerKey, Decision, Request, Response
from redemption.render import events, redemption
from redemption.store import counters, customers, ledger, locks, vouchers
from redemption.store import requests as answered
from redemption.store.vouchers import CodeUses
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection


async def redeem(
    conn: Connection,
    requests: Sequence[Request],
    decided_at: datetime,
    memory: Memory,
    *,
    looks_back: bool = True,
) -> list[Response]:
    """Answer each request in arrival order; who came first in the batch is served first.

    Unless it `looks_back` it takes every request for a new one, and raises UniqueViolationError
    where one was answered before.
    """
    facts = await loading.load(conn, requests, memory, lock=True)
    given: dict[bytes, Response] = {}
    if looks_back:
        given = await answered.responses_to(conn, {request.key for request in requests})
    decisions: dict[bytes, Decision] = {}
    for request in requests:
        if request.key not in given and request.key not in decisions:
            decisions[request.key] = decide(request, facts)
    fresh = {key: redemption.response(decision) for key, decision in decisions.items()}
    if decisions:
        await answered.write(
            conn, {key: (decisions[key].request.project_id, fresh[key]) for key in fresh}
        )
        await record(conn, list(decisions.values()), facts, decided_at, memory)
    return responses_for(requests, given, fresh)


def responses_for(
    requests: Sequence[Request], given: dict[bytes, Response], fresh: dict[bytes, Response]
) -> list[Response]:
    """Give each request its response; who repeats a key, also within the batch, gets a replay."""
    known, responses = dict(given), []
    for request in requests:
        response = fresh.pop(request.key, None)
        if response is not None:
            known[request.key] = response
        else:
            response = known[request.key]._replace(replayed=True)
        same = response.fingerprint == request.fingerprint
        responses.append(response if same else redemption.key_reused(request))
    return responses


async def record(
    conn: Connection,
    decisions: Sequence[Decision],
    facts: Facts,
    decided_at: datetime,
    memory: Memory,
) -> None:
    """Write what was decided: all of it or, should the caller's transaction fail, nothing."""
    entries = [entry for decision in decisions for entry in entries_of(decision)]
    redeemed = [entry for entry in entries if entry.refusal is None]
    new = await _new_customers(conn, redeemed, memory)
    await ledger.write(conn, entries, decided_at)
    await outbox.write(
        conn,
        [
            outbox.Message(
                topics.REDEMPTIONS.name,
                entry.redemption_id.encode(),
                events.outcome(entry, customer_is_new=entry.id in new, decided_at=decided_at),
            )
            for entry in entries
        ],
    )
    if redeemed:
        await _set_counters(conn, redeemed, facts.used)


async def _new_customers(conn: Connection, redeemed: Sequence[Entry], memory: Memory) -> set[UUID]:
    """Return the entries that are a customer's first: of several codes at once, the first one."""
    first: dict[CustomerKey, UUID] = {}
    for entry in redeemed:
        customer_id = entry.request.customer_id
        if customer_id is not None:
            first.setdefault((entry.request.project_id, customer_id), entry.id)
    unsure = {customer: first[customer] for customer in memory.unknown_customers(first)}
    if not unsure:
        return set()
    new = await customers.insert_new_customers(conn, unsure)
    memory.remember_customers(unsure.keys() - new)
    return {unsure[customer] for customer in new}


async def _set_counters(
    conn: Connection, redeemed: Sequence[Entry], used: dict[CounterKey, int]
) -> None:
    changed = {claim.counter for entry in redeemed for claim in entry.claims}
    await locks.set_used(
        conn, {(c.project_id, c.campaign_id): used[c] for c in changed if c.kind == CAMPAIGN}
    )
    await vouchers.set_uses(
        conn,
        {
            (entry.request.project_id, entry.code): CodeUses(entry.uses, entry.sequence)
            for entry in redeemed
        },
    )
    others = {c: used[c] for c in changed if c.kind not in counters.ELSEWHERE}
    if others:
        await counters.set_used(conn, others)
