"""Foretells a decision without taking anything: the same rules, no lock, no write."""

import asyncpg

from redemption import store
from redemption.decisions import Offer, Refusal, Request, Uses
from redemption.discounts import take_off
from redemption.rules import UNKNOWN_CODE, refuse


async def validate(
    pool: asyncpg.Pool, request: Request
) -> tuple[Offer | None, Refusal | None, int]:
    """Return the offer, what a redemption now would be refused for, and the discount.

    A forecast: somebody else may take the last use between this answer and a redemption.
    """
    async with pool.acquire() as conn:
        campaigns = await store.locate(conn, [request.code_key])
        offers, uses, sequences = await store.offers(conn, campaigns)
        offer = offers.get(request.code_key)
        if offer is None:
            return None, UNKNOWN_CODE, 0
        used = await store.counters(conn, campaigns.values())
        by_customer = {}
        if offer.per_customer_limit is not None and request.customer_id is not None:
            customer = (request.project_id, offer.campaign_id, request.customer_id)
            by_customer = await store.customer_uses(conn, [customer])
    refusal = refuse(offer, request, Uses(used, uses, by_customer, sequences))
    discount = take_off(offer.discount, request.order_minor) if refusal is None else 0
    return offer, refusal, discount
