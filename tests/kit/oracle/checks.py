"""What a code takes off, and what its state and the order say against it."""

from collections.abc import Sequence

from kit.oracle.dividing import half_up, largest_remainder
from kit.oracle.quotas import Why
from kit.oracle.stacks import Applies
from kit.oracle.terms import Campaign, Code, Wish


def takes(campaign: Campaign, wish: Wish, before: Sequence[Applies], code: str) -> Applies:
    """Return what a code takes off what those before it left of the order, and of its lines."""
    if wish.amount is None or wish.currency not in {None, "EUR"}:
        return Applies(code, 0)
    left = wish.amount - sum(each.off for each in before)
    off = half_up(left, campaign.off) if campaign.is_percent else min(campaign.off, left)
    lines = [line.amount for line in wish.lines]
    for each in before:
        lines = [minor - taken for minor, taken in zip(lines, each.of_lines, strict=True)]
    of_lines = largest_remainder(off, lines) if lines and off else [0] * len(lines)
    return Applies(code, off, tuple(of_lines))


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
    if wish.amount is None:
        missing = ("missing_order", {"missing": "order"})
        return missing if campaign.is_percent else None
    if wish.currency not in {None, "EUR"}:
        return "invalid_order", {"currency": "EUR"}
    return None
