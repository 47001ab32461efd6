"""Decides a batch: lock, load, decide, write. One transaction, which the caller opened."""

from collections.abc import Sequence
from datetime import datetime

from contracts import topics
from contracts.ids import uuid7
from redemption import books, store
from redemption.answers import answer, key_reused, redemption_id
from redemption.decisions import Accepted, Answer, Decision, Offer, Refused, Request, Uses
from redemption.discounts import take_off
from redemption.events import outcome
from redemption.rules import UNKNOWN_CODE, refuse


async def redeem(
    conn: store.Connection, requests: Sequence[Request], decided_at: datetime
) -> list[Answer]:
    """Answer each request in arrival order; who came first in the batch is served first."""
    codes = {request.code_key for request in requests}
    campaigns = await store.locate(conn, codes)
    used = await store.lock_counters(conn, set(campaigns.values()))

    # Only now, behind the locks: a disable or a rival's answer that was committed while we waited
    # for them is visible to these statements and not to any earlier one.
    offers, code_uses, sequences = await store.offers(conn, campaigns)
    limited = _limited_customers(requests, offers)
    by_customer = await store.customer_uses(conn, limited) if limited else {}
    given = await store.answers_given(conn, {request.key for request in requests})

    uses = Uses(used, code_uses, by_customer, sequences)
    fresh: dict[bytes, Answer] = {}
    decided: list[tuple[Decision, Answer]] = []
    for request in requests:
        if request.key not in given and request.key not in fresh:
            decision = decide(request, offers.get(request.code_key), uses)
            answered = fresh[request.key] = answer(decision)
            decided.append((decision, answered))
    if decided:
        await record(conn, decided, uses, decided_at)
    return _hand_out(requests, given, fresh)


def _hand_out(
    requests: Sequence[Request], given: dict[bytes, Answer], fresh: dict[bytes, Answer]
) -> list[Answer]:
    """Give each request its answer; who repeats a key, also within the batch, gets a replay."""
    answers = []
    for request in requests:
        answered = fresh.pop(request.key, None)
        if answered is not None:
            given[request.key] = answered
        else:
            answered = given[request.key]._replace(replayed=True)
        answers.append(_own(request, answered))
    return answers


def decide(request: Request, offer: Offer | None, uses: Uses) -> Decision:
    """Judge one request and take its use, so that the next one in the batch sees it gone."""
    if offer is None:
        return Refused(uuid7(), request, None, UNKNOWN_CODE)
    refusal = refuse(offer, request, uses)
    if refusal is not None:
        return Refused(uuid7(), request, offer, refusal)
    code = request.code_key
    campaign = (request.project_id, offer.campaign_id)
    uses.of_campaign[campaign] += 1
    uses.of_code[code] += 1
    uses.sequences[code] += 1
    if offer.per_customer_limit is not None and request.customer_id is not None:
        customer = (*campaign, request.customer_id)
        uses.of_customer[customer] = uses.of_customer.get(customer, 0) + 1
    discount = take_off(offer.discount, request.order_minor)
    return Accepted(uuid7(), request, offer, discount, uses.of_code[code], uses.sequences[code])


async def record(
    conn: store.Connection,
    decided: Sequence[tuple[Decision, Answer]],
    uses: Uses,
    decided_at: datetime,
) -> None:
    """Write what was decided: all of it or, should the caller's transaction fail, nothing."""
    accepted = [d for d, _ in decided if isinstance(d, Accepted)]
    first = _first_redemptions(accepted)
    new = await books.meet_customers(conn, first) if first else set()
    welcomed = {first[customer].id for customer in new}

    await books.write_ledger(conn, decided, decided_at)
    await books.write_outbox(
        conn,
        (
            books.Message(
                topics.REDEMPTIONS.name,
                redemption_id(decision).encode(),
                outcome(decision, customer_is_new=decision.id in welcomed, decided_at=decided_at),
            )
            for decision, _ in decided
        ),
    )
    if not accepted:
        return
    campaigns = {(d.request.project_id, d.offer.campaign_id) for d in accepted}
    await books.move_counters(conn, {key: uses.of_campaign[key] for key in campaigns})
    await books.move_codes(conn, {d.request.code_key: d for d in accepted})
    customers = {
        (d.request.project_id, d.offer.campaign_id, d.request.customer_id)
        for d in accepted
        if d.offer.per_customer_limit is not None and d.request.customer_id is not None
    }
    if customers:
        await books.move_customers(conn, {key: uses.of_customer[key] for key in customers})


def _limited_customers(
    requests: Sequence[Request], offers: dict[tuple[str, str], Offer]
) -> set[tuple[str, str, str]]:
    return {
        (request.project_id, offer.campaign_id, request.customer_id)
        for request in requests
        if request.customer_id is not None
        and (offer := offers.get(request.code_key)) is not None
        and offer.per_customer_limit is not None
    }


def _first_redemptions(accepted: Sequence[Accepted]) -> dict[tuple[str, str], Accepted]:
    first: dict[tuple[str, str], Accepted] = {}
    for decision in accepted:
        customer_id = decision.request.customer_id
        if customer_id is not None:
            first.setdefault((decision.request.project_id, customer_id), decision)
    return first


def _own(request: Request, answered: Answer) -> Answer:
    return answered if answered.fingerprint == request.fingerprint else key_reused(request)
