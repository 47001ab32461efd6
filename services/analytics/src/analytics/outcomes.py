"""What reports keep of a redemption, of its refusal and of its rollback. Pure.

A rollback takes away: its amounts are negative, and all of them come to the whole.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from analytics.commissions import commission, net
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack

Outcome = RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack
Kept = RedemptionSucceeded | RedemptionRolledBack
ACCEPTED: Final = "coupons.redemption.succeeded.v1"
REFUSED: Final = "coupons.redemption.failed.v1"
ROLLED_BACK: Final = "coupons.redemption.rolled_back.v1"
RESULTS: Final = {ACCEPTED: "succeeded", REFUSED: "failed", ROLLED_BACK: "rolled_back"}

V = TypeVar("V")


def kept(of: Callable[[Kept], V], otherwise: V) -> Callable[[Outcome], V]:
    """Return what reads a field that accepted redemptions and rollbacks have alike."""
    return lambda event: otherwise if event.type == REFUSED else of(event)


def refused(of: Callable[[RedemptionFailed], V], otherwise: V) -> Callable[[Outcome], V]:
    """Return what reads a field that only a refusal has."""
    return lambda event: of(event) if event.type == REFUSED else otherwise


def rolled_back(of: Callable[[RedemptionRolledBack], V], otherwise: V) -> Callable[[Outcome], V]:
    """Return what reads a field that only a rollback has."""
    return lambda event: of(event) if event.type == ROLLED_BACK else otherwise


def visit_of(event: Outcome) -> str:
    return "" if event.type == ROLLED_BACK else event.data.visit_id or ""


def is_new(event: Kept) -> bool:
    """Tell whether a customer is won, or lost again with all that had won it."""
    if event.type == ROLLED_BACK:
        return event.data.customer_is_new and event.data.whole
    return event.data.customer_is_new


def order_of(event: Outcome) -> int:
    """Return what the order came to: of what is given back, a negative amount."""
    amount = event.data.order_minor
    return -amount if event.type == ROLLED_BACK else amount


def discount_of(event: Kept) -> int:
    amount = event.data.discount_minor
    return -amount if event.type == ROLLED_BACK else amount


def net_of(event: Kept) -> int:
    """Return the net of an order, or how much less of it there is."""
    if event.type == ACCEPTED:
        return net(event.data.order_minor, event.data.discount_minor)
    left, before = _left_and_before(event)
    return net(*left) - net(*before)


def commission_of(event: Kept) -> int:
    """Return what a partner is owed, or how much less of it: all steps come to the whole."""
    if event.type == ACCEPTED:
        return _owed(event, event.data.order_minor, event.data.discount_minor)
    left, before = _left_and_before(event)
    return (0 if event.data.whole else _owed(event, *left)) - _owed(event, *before)


def _left_and_before(event: RedemptionRolledBack) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return order and discount as a rollback leaves them, and as it found them."""
    data = event.data
    left = (data.order_left_minor, data.discount_left_minor)
    return left, (left[0] + data.order_minor, left[1] + data.discount_minor)


def _owed(event: Kept, order_minor: int, discount_minor: int) -> int:
    plan = event.data.commission_plan
    return commission(
        order_minor=order_minor,
        discount_minor=discount_minor,
        customer_is_new=event.data.customer_is_new,
        share_basis_points=plan.share_basis_points,
        flat_minor=plan.flat_minor,
        new_customer_bonus_minor=plan.new_customer_bonus_minor,
    )
