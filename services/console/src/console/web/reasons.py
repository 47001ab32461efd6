"""Why something was refused, in words; a reason of a later version stands as it is."""

from typing import Final

from console.design.words import say

REASONS: Final = (
    "not_found",
    "campaign_inactive",
    "voucher_disabled",
    "voucher_not_active",
    "voucher_expired",
    "quantity_exceeded",
    "campaign_limit_exceeded",
    "customer_limit_exceeded",
    "missing_customer",
    "missing_order",
    "invalid_order",
    "stack_refused",
    "too_many_requests",
)


def word(reason: str) -> str:
    return say(f"reason.{reason}") if reason in REASONS else reason
