"""A redemption of the past, as the API shows it: what was redeemed as it was answered then.

Where no answer was kept, because nobody waited for one, the ledger says what it would have been.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.redemptions import Reason
from redemption.decide.stacking import STACK_REFUSED
from redemption.ledger.entries import PastEntry, lines_of, redemption_id
from redemption.model import Refusal
from redemption.render import redemption
from redemption.render.bodies import Told
from redemption.render.left_out import LeftOut
from redemption.render.redemption import RedeemedCode


def response_body(entries: Sequence[PastEntry]) -> bytes:
    """Return the response to a request, from its entries in the order of its codes."""
    first = next((each for each in entries if each.reason is None), None)
    if first is None:
        lost = next(each for each in entries if each.reason != STACK_REFUSED.reason)
        told = _told(lost, lost.order_minor)
        return redemption.refused_body(told, lost.id, lost.code, _refusal(lost))
    shares = [e.order_minor for e in entries if e.order_minor is not None]
    order_minor = sum(shares) if shares else None
    parent_id = f"r_{first.request_key.hex()}" if len(entries) > 1 else None
    told = _told(first, order_minor if first.basket_minor is None else first.basket_minor)
    codes = [_redeemed(each) for each in entries if each.reason is None]
    left_out = [_left_out(each) for each in entries if each.reason is not None]
    return redemption.redeemed_body(told, codes, left_out, parent_id)


def as_answered(body: bytes, id_: str) -> dict[str, Any]:
    """Return one redemption, or rollback, out of its request's response."""
    answer = orjson.loads(body)
    found: list[dict[str, Any]] = answer.get("redemptions") or answer["rollbacks"]
    return next(each for each in found if each["id"] == id_)


def parent(body: bytes) -> bytes | None:
    """Return what those of a response have in common, or None for a lone one."""
    answer = orjson.loads(body)
    found = answer.get("parent_redemption") or answer.get("parent_rollback")
    return None if found is None else orjson.dumps(found)


def _refusal(entry: PastEntry) -> Refusal:
    return Refusal(Reason(entry.reason or ""), entry.hint or "", entry.would_pass)


def _left_out(entry: PastEntry) -> LeftOut:
    return LeftOut(
        id=entry.id,
        code=entry.code,
        campaign_id=entry.campaign_id,
        campaign_name=entry.campaign_name,
        refusal=_refusal(entry),
    )


def _told(entry: PastEntry, order_minor: int | None) -> Told:
    return Told(
        at=entry.at,
        customer_id=entry.customer_id,
        tracking_id=entry.tracking_id,
        metadata=entry.metadata or {},
        order_id=entry.order_id,
        order_minor=order_minor,
    )


def _redeemed(entry: PastEntry) -> RedeemedCode:
    return RedeemedCode(
        redemption_id=redemption_id(entry.id, accepted=True),
        code=entry.code,
        voucher_id=entry.voucher_id or "",
        campaign_id=entry.campaign_id or "",
        campaign_name=entry.campaign_name or "",
        discount_minor=entry.discount_minor,
        lines=lines_of(entry),
    )
