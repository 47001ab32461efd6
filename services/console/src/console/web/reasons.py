"""Why something was refused, in words; a reason of a later version stands as it is. Pure."""

from typing import Final

from console.design.parts import Option
from console.design.words import say
from console.query import Query

REASONS: Final = (
    "not_found",
    "campaign_inactive",
    "voucher_disabled",
    "voucher_not_active",
    "voucher_expired",
    "voucher_not_active_now",
    "quantity_exceeded",
    "campaign_limit_exceeded",
    "customer_limit_exceeded",
    "period_limit_exceeded",
    "budget_exceeded",
    "order_rules_violated",
    "customer_rules_violated",
    "redemption_rules_violated",
    "missing_customer",
    "missing_order",
    "missing_order_items",
    "invalid_order",
    "applicable_redeemables_limit_exceeded",
    "applicable_redeemables_per_category_limit_exceeded",
    "applicable_exclusive_redeemables_limit_exceeded",
    "applicable_exclusive_redeemables_per_category_limit_exceeded",
    "exclusion_rules_not_met",
    "no_effect",
    "stack_refused",
    "too_many_requests",
)
# Of codes that nobody issued: there is neither partner nor campaign to look at, nor a page.
OF_NOBODYS: Final = frozenset({"not_found", "too_many_requests"})


def word(reason: str) -> str:
    return say(f"reason.{reason}") if reason in REASONS else reason


def options(asks: Query) -> tuple[Option, ...]:
    """Offer reasons to filter by."""
    return tuple(Option(each, word(each), each in asks.many("reason")) for each in REASONS)
