"""Decides a batch: lock, load, decide, render, write. One transaction, which the caller opened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts import topics
from redemption import facts as loading
from redemption import recall
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
from servicekit.postgres.writing import Rows, Statement, write


class Redeemed(NamedTuple):
    """The responses, and the customers who have redeemed once the transaction is committed."""

    responses: list[Response]
    customers: Sequence[CustomerKey]


async def redeem(
    conn: Connection,
    requests: Sequence[Request],
    decided_at: datetime,
    memory: Memory,
    *,
    looks_back: bool = True,
    with_bodies: bool = True,
) -> Redeemed:
    """Answer each request in arrival order; who came first in the batch is served first.

    Unless it `looks_back` it takes every request for a new one, and raises UniqueViolationError
    where one was answered before. Without bodies, responses say only what became of a request.
    """
    facts = await loading.load(conn, requests, memory, lock=True)
    given: dict[bytes, Response] = {}
    if looks_back:
        given = await answered.responses_to(conn, {request.key for request in requests})
        if with_bodies:
            given = await recall.with_bodies(conn, given)
    decisions: dict[bytes, Decision] = {}
    for request in requests:
        if request.key not in given and request.key not in decisions:
            decisions[request.key] = decide(request, facts)
    fresh: dict[bytes, Response] = {}
    customers_seen: Sequence[CustomerKey] = ()
    if decisions:
        fresh, customers_seen = await _record(
            conn, decisions, facts, decided_at, memory, with_bodies=with_bodies
        )
    return Redeemed(responses_for(requests, given, fresh), customers_seen)


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


async def _record(
    conn: Connection,
    decisions: Mapping[bytes, Decision],
    facts: Facts,
    decided_at: datetime,
    memory: Memory,
    *,
    with_bodies: bool,
) -> tuple[dict[bytes, Response], Sequence[CustomerKey]]:
    """Write what was decided; return the responses, and who has redeemed and is not remembered."""
    of_request = {key: entries_of(decision) for key, decision in decisions.items()}
    entries = [entry for own in of_request.values() for entry in own]
    redeemed = [entry for entry in entries if entry.refusal is None]
    unsure = _first_redemptions(redeemed, memory)
    new = await customers.insert_new_customers(conn, unsure) if unsure else set()
    firsts = {unsure[customer] for customer in new}
    responses: dict[bytes, Response] = {}
    rendered = redemption.response if with_bodies else redemption.bare_response

    def make_responses() -> Rows:
        for key, decision in decisions.items():
            responses[key] = rendered(decision)
        return answered.rows(decisions, responses, of_request)

    def make_messages() -> Rows:
        return outbox.rows(
            [
                outbox.Message(
                    topics.REDEMPTIONS.name,
                    entry.redemption_id.encode(),
                    events.outcome(
                        entry, customer_is_new=entry.id in firsts, decided_at=decided_at
                    ),
                )
                for entry in entries
            ]
        )

    await write(
        conn,
        len(decisions) + 2 * len(entries),
        [lambda: ledger.rows(entries, decided_at), make_responses, make_messages],
        _counters_of(redeemed, facts.used),
    )
    return responses, list(unsure)


def _first_redemptions(redeemed: Sequence[Entry], memory: Memory) -> dict[CustomerKey, UUID]:
    """Return the entries that may be a customer's first: of several codes at once, the first."""
    first: dict[CustomerKey, UUID] = {}
    for entry in redeemed:
        customer_id = entry.request.customer_id
        if customer_id is not None:
            first.setdefault((entry.request.project_id, customer_id), entry.id)
    return {customer: first[customer] for customer in memory.unknown_customers(first)}


def _counters_of(redeemed: Sequence[Entry], used: Mapping[CounterKey, int]) -> list[Statement]:
    """Set all counters that were claimed from, to what is used of them by now."""
    if not redeemed:
        return []
    changed = {claim.counter for entry in redeemed for claim in entry.claims}
    statements = [
        locks.set_used(
            {(c.project_id, c.campaign_id): used[c] for c in changed if c.kind == CAMPAIGN}
        ),
        vouchers.set_uses(
            {
                entry.offer.voucher.number: CodeUses(entry.uses, entry.sequence)
                for entry in redeemed
                if entry.offer is not None
            }
        ),
    ]
    others = {c: used[c] for c in changed if c.kind not in counters.ELSEWHERE}
    if others:
        statements.append(counters.set_used(others))
    return statements
