"""What a code takes off, and what its state and the order say against it."""

from collections.abc import Sequence

from kit.oracle.discounts import Left, off
from kit.oracle.quotas import Why
from kit.oracle.stacks import Applies
from kit.oracle.terms import Campaign, Code, Wish


def takes(campaign: Campaign, wish: Wish, before: Sequence[Applies], code: str) -> Applies:
    """Return what a code takes off what those before it left of the order, and of its lines."""
    if wish.amount is None or wish.currency not in {None, "EUR"}:
        return Applies(code, 0)
    left = Left(
        wish.amount - sum(each.off for each in before),
        wish.lines,
        [line.amount for line in wish.lines],
        [line.quantity for line in wish.lines],
    )
    for each in before:
        left.of_lines = [m - off for m, off in zip(left.of_lines, each.of_lines, strict=True)]
        if each.free:
            left.paid = [n - free for n, free in zip(left.paid, each.free, strict=True)]
    found = off(campaign.discount, wish.amount, left)
    return Applies(code, found.minor, found.of_lines, free=found.free, gifts=found.gifts)


def state(campaign: Campaign, code: Code, wish: Wish) -> Why | None:
    if not campaign.active:
        return "campaign_inactive", {}
    if not code.active:
        return "voucher_disabled", {}
    if campaign.starts_at is not None and wish.at < campaign.starts_at:
        return "voucher_not_active", {"starts_at": campaign.starts_at}
    if campaign.ends_at is not None and wish.at >= campaign.ends_at:
        return "voucher_expired", {"ends_at": campaign.ends_at}
    return None


def order(campaign: Campaign, wish: Wish) -> Why | None:
    discount = campaign.discount
    if wish.amount is None:
        return ("missing_order", {"missing": "order"}) if discount.needs_an_order else None
    if wish.currency not in {None, "EUR"}:
        return "invalid_order", {"currency": "EUR"}
    if discount.is_for_lines and not wish.lines:
        return "missing_order_items", {"missing": "order_items"}
    if discount.only and discount.only not in {line.product for line in wish.lines}:
        return "order_rules_violated", {"missing": "applicable_items"}
    return None
