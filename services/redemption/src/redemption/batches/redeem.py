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
from redemption.batches import recall
from redemption.batches.collisions import NeedsLocksError
from redemption.claims.limits import CAMPAIGN
from redemption.customers.purchases import Purchases
from redemption.decide import decide
from redemption.decide.facts import Facts
from redemption.ledger.entries import Entry, entries_of, rollback_id
from redemption.loading import facts as loading
from redemption.loading.memory import Memory
from redemption.model import CampaignKey, CounterKey, CustomerKey
from redemption.outcomes import Decision, Response
from redemption.render import events, redemption, rollback
from redemption.returns import Asked, Part, Returned, Rollback
from redemption.rollbacks.giving_back import roll_back
from redemption.store import (
    counters,
    customer_changes,
    ledger,
    locks,
    purchases,
    rollbacks,
    vouchers,
)
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
    requests: Sequence[Asked],
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
    raises SerializationError where a rival has changed what they were decided by, and
    NeedsLocksError where what becomes of them is written behind locks alone. Without bodies,
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
    to_give_back = {o.id for r in requests if isinstance(r, Rollback) for o in r.originals}
    if to_give_back:
        # Read like all facts: behind the locks, or after the revisions that the write compares.
        facts.given_back = await rollbacks.given_back(conn, to_give_back)
    decisions: dict[bytes, Decision | Returned] = {}
    for request in requests:
        if request.key not in given and request.key not in decisions:
            if isinstance(request, Rollback):
                decisions[request.key] = roll_back(request, facts)
            else:
                decisions[request.key] = decide(request, facts)
    fresh: dict[bytes, Response] = {}
    customers_seen: Sequence[CustomerKey] = ()
    if decisions:
        fresh, customers_seen = await _record(
            conn, decisions, facts, decided_at, lock=lock, answering=answering
        )
    return Redeemed(responses_for(requests, given, fresh), customers_seen, None if lock else facts)


def are_few(requests: Sequence[Asked]) -> bool:
    """Tell whether one statement writes all that becomes of them."""
    return sum([1 + 2 * len(request.code_keys) for request in requests]) <= FEW


def responses_for(
    requests: Sequence[Asked], given: dict[bytes, Response], fresh: dict[bytes, Response]
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
    decisions: Mapping[bytes, Decision | Returned],
    facts: Facts,
    decided_at: datetime,
    *,
    lock: bool,
    answering: AbstractSet[bytes],
) -> tuple[dict[bytes, Response], Sequence[CustomerKey]]:
    """Write what was decided; return the responses, and customers who have redeemed."""
    of_request, entries, returned = _sorted(decisions)
    redeemed = [entry for entry in entries if entry.refusal is None]
    parts = [part for _, part in returned]
    statements = _counters_of(redeemed, parts, facts)
    bereft = facts.purchases.bereft
    if bereft and not lock:
        raise NeedsLocksError("first and last orders are found anew behind the locks")
    bought = purchases.put(facts.purchases)
    statements += bought.statements
    redeemers = facts.purchases.redeemers
    responses: dict[bytes, Response] = {}

    def make_responses() -> Rows:
        for key, decision in decisions.items():
            responses[key] = _response(decision, with_body=key in answering)
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
            + [
                outbox.Message(
                    topics.REDEMPTIONS.name,
                    rollback_id(part.id).encode(),
                    events.rolled_back(request, part, decided_at),
                )
                for request, part in returned
            ]
        )

    additions = [lambda: ledger.rows(entries, decided_at), make_responses, make_messages]
    additions += bought.additions
    if returned:
        additions.insert(0, lambda: rollbacks.rows(returned, decided_at))
    if lock:
        offers = [entry.offer for entry in redeemed] + [part.offer for part in parts]
        campaigns = {(offer.project_id, offer.campaign.id) for offer in offers if offer}
        if campaigns:
            statements.append(locks.set_used(_used_of(campaigns, facts)))
        count = len(decisions) + 2 * (len(entries) + len(returned))
        await write(conn, count, additions, statements)
        if bereft:
            await write(conn, 0, [], [customer_changes.find_ends(bereft)])
    else:
        used = _used_of(facts.revisions, facts)
        unchanged = locks.set_used_if_unchanged(used, facts.revisions)
        await write_few(conn, additions, statements, unchanged)
        _move_on(facts)
    return responses, redeemers


def _sorted(
    decisions: Mapping[bytes, Decision | Returned],
) -> tuple[dict[bytes, Sequence[Entry | Part]], list[Entry], list[tuple[Rollback, Part]]]:
    """Return what each request came to, and all of it: what was asked for, and given back."""
    of_request: dict[bytes, Sequence[Entry | Part]] = {}
    entries: list[Entry] = []
    returned: list[tuple[Rollback, Part]] = []
    for key, decision in decisions.items():
        if isinstance(decision, Returned):
            of_request[key] = decision.parts
            returned += [(decision.request, part) for part in decision.parts]
        else:
            own = entries_of(decision)
            of_request[key] = own
            entries += own
    return of_request, entries, returned


def _response(decision: Decision | Returned, *, with_body: bool) -> Response:
    if isinstance(decision, Returned):
        return rollback.response(decision)  # always with a body, since of the ledger none is made
    return redemption.response(decision) if with_body else redemption.bare_response(decision)


def _move_on(facts: Facts) -> None:
    """Leave the facts as the write has left them."""
    facts.purchases = Purchases()
    facts.revisions = {key: as_read + 1 for key, as_read in facts.revisions.items()}
    # What is counted beside is of too many to keep.
    facts.used = {c: uses for c, uses in facts.used.items() if c.kind in counters.ELSEWHERE}
    facts.given_back = {}


def _used_of(campaigns: Iterable[CampaignKey], facts: Facts) -> dict[CampaignKey, int]:
    return {key: facts.used[CounterKey(*key, CAMPAIGN, "")] for key in campaigns}


def _counters_of(redeemed: Sequence[Entry], parts: Sequence[Part], facts: Facts) -> list[Statement]:
    """Set all counters that were changed, but campaigns', to what is used of them by now."""
    if not redeemed and not parts:
        return []
    changed = {claim.counter for entry in redeemed for claim in entry.claims}
    uses = {
        entry.offer.voucher.number: CodeUses(entry.uses, entry.sequence)
        for entry in redeemed
        if entry.offer is not None
    }
    for part in parts:
        changed |= part.counted.keys()
        number, own = part.offer.voucher.number, CodeUses(part.uses, part.sequence)
        if number not in uses or uses[number].sequence < own.sequence:
            uses[number] = own
    statements = [vouchers.set_uses(uses)]
    others = {c: facts.used[c] for c in changed if c.kind not in counters.ELSEWHERE}
    if others:
        statements.append(counters.set_used(others))
    return statements
