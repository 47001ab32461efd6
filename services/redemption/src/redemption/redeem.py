"""Decides a batch: lock, load, decide, render, write. One transaction, which the caller opened.

Or, of few, by what is read without a lock, or was left by the batch before: then one statement
locks, sees that nothing was changed since, and writes. That spares a lone request three or four of
five round trips, and is undone by a rival.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

from contracts import topics
from redemption import facts as loading
from redemption import recall
from redemption.decide import Facts, decide
from redemption.entries import Entry, entries_of
from redemption.limits import CAMPAIGN
from redemption.memory import Memory
from redemption.model import CampaignKey, CounterKey, CustomerKey, Decision, Request, Response
from redemption.purchases import Purchases
from redemption.render import events, redemption
from redemption.store import counters, customers, ledger, locks, orders, vouchers
from redemption.store import requests as answered
from redemption.store.vouchers import CodeUses
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import FEW, Rows, Statement, write, write_few


class Redeemed(NamedTuple):
    """The responses, and what is true once the transaction is committed.

    That are customers who have redeemed and, where nothing was locked before, the facts.
    """

    responses: list[Response]
    customers: Sequence[CustomerKey]
    facts: Facts | None


async def redeem(
    conn: Connection,
    requests: Sequence[Request],
    decided_at: datetime,
    memory: Memory,
    *,
    looks_back: bool = True,
    lock: bool = True,
    with_bodies: bool = True,
) -> Redeemed:
    """Answer each request in arrival order; who came first in the batch is served first.

    Unless it `looks_back` it takes every request for a new one, and raises UniqueViolationError
    where one was answered before. Without a `lock`, which is for few and in no transaction, it
    raises SerializationError where a rival has changed what they were decided by. Without bodies,
    responses to those that ask for no reply say only what became of a request.
    """
    answering = {request.key for request in requests if with_bodies or request.reply}
    facts = None if lock else await loading.what_is_left(conn, requests, memory)
    if facts is None:
        facts = await loading.load(conn, requests, memory, lock=lock)
    given: dict[bytes, Response] = {}
    if looks_back:
        given = await answered.responses_to(conn, {request.key for request in requests})
        if answering:
            given = await recall.with_bodies(conn, given, answering)
    decisions: dict[bytes, Decision] = {}
    for request in requests:
        if request.key not in given and request.key not in decisions:
            decisions[request.key] = decide(request, facts)
    fresh: dict[bytes, Response] = {}
    customers_seen: Sequence[CustomerKey] = ()
    if decisions:
        fresh, customers_seen = await _record(
            conn, decisions, facts, decided_at, lock=lock, answering=answering
        )
    return Redeemed(responses_for(requests, given, fresh), customers_seen, None if lock else facts)


def are_few(requests: Sequence[Request]) -> bool:
    """Tell whether one statement writes all that becomes of them."""
    return sum([1 + 2 * len(request.code_keys) for request in requests]) <= FEW


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
    *,
    lock: bool,
    answering: AbstractSet[bytes],
) -> tuple[dict[bytes, Response], Sequence[CustomerKey]]:
    """Write what was decided; return the responses, and customers who have redeemed."""
    of_request = {key: entries_of(decision) for key, decision in decisions.items()}
    entries = [entry for own in of_request.values() for entry in own]
    redeemed = [entry for entry in entries if entry.refusal is None]
    statements = _counters_of(redeemed, facts.used)
    statements += _purchases_of(facts.purchases)
    redeemers = facts.purchases.redeemers
    responses: dict[bytes, Response] = {}

    def make_responses() -> Rows:
        for key, decision in decisions.items():
            answered_by = redemption.response if key in answering else redemption.bare_response
            responses[key] = answered_by(decision)
        return answered.rows(decisions, responses, of_request)

    def make_messages() -> Rows:
        return outbox.rows(
            [
                outbox.Message(
                    topics.REDEMPTIONS.name,
                    entry.redemption_id.encode(),
                    events.outcome(entry, decided_at),
                )
                for entry in entries
            ]
        )

    additions = [lambda: ledger.rows(entries, decided_at), make_responses, make_messages]
    if lock:
        campaigns = {(e.offer.project_id, e.offer.campaign.id) for e in redeemed if e.offer}
        if campaigns:
            statements.append(locks.set_used(_used_of(campaigns, facts)))
        await write(conn, len(decisions) + 2 * len(entries), additions, statements)
    else:
        used = _used_of(facts.revisions, facts)
        unchanged = locks.set_used_if_unchanged(used, facts.revisions)
        await write_few(conn, additions, statements, unchanged)
        _move_on(facts)
    return responses, redeemers


def _purchases_of(purchases: Purchases) -> list[Statement]:
    """Keep the orders that were redeemed on, and what customers did."""
    statements: list[Statement] = []
    if purchases.paid:
        statements.append(orders.put(purchases.paid))
    if purchases.changes:
        statements.append(customers.add(purchases.changes))
    return statements


def _move_on(facts: Facts) -> None:
    """Leave the facts as the write has left them."""
    facts.purchases = Purchases()
    facts.revisions = {key: as_read + 1 for key, as_read in facts.revisions.items()}
    # What is counted beside is of too many to keep.
    facts.used = {c: uses for c, uses in facts.used.items() if c.kind in counters.ELSEWHERE}


def _used_of(campaigns: Iterable[CampaignKey], facts: Facts) -> dict[CampaignKey, int]:
    return {key: facts.used[CounterKey(*key, CAMPAIGN, "")] for key in campaigns}


def _counters_of(redeemed: Sequence[Entry], used: Mapping[CounterKey, int]) -> list[Statement]:
    """Set all counters that were claimed from, but campaigns', to what is used of them by now."""
    if not redeemed:
        return []
    changed = {claim.counter for entry in redeemed for claim in entry.claims}
    statements = [
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
