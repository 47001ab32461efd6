"""A refusal of each kind as it is answered, for the OpenAPI page."""

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from contracts.redemptions import Reason
from contracts.rollbacks import NotRolledBack
from redemption.model import Refusal
from redemption.render.bodies import refusal_body
from redemption.render.rollback import refused

_A_RULE: Final = {"rule_id": "val_0a1b2c3d4e5f", "rule": "Large orders"}
_USED_UP: Final = ("the limit is reached: 500", {"limit": 500, "uses_left": 0})

# What would help, in words and for machines; of the others the code says it all.
HELP: Final[Mapping[Reason, tuple[str, Mapping[str, Any]]]] = {
    Reason.VOUCHER_NOT_ACTIVE: (
        "it is active from 2026-12-01T00:00:00.000Z on",
        {"starts_at": "2026-12-01T00:00:00.000Z"},
    ),
    Reason.VOUCHER_EXPIRED: (
        "it was active until 2026-11-01T00:00:00.000Z",
        {"ends_at": "2026-11-01T00:00:00.000Z"},
    ),
    Reason.VOUCHER_NOT_ACTIVE_NOW: (
        "it is active again at 2026-11-27T18:00:00.000Z",
        {"opens_at": "2026-11-27T18:00:00.000Z"},
    ),
    Reason.QUANTITY_EXCEEDED: _USED_UP,
    Reason.CAMPAIGN_LIMIT_EXCEEDED: _USED_UP,
    Reason.CUSTOMER_LIMIT_EXCEEDED: _USED_UP,
    Reason.PERIOD_LIMIT_EXCEEDED: (
        "the limit of this customer per month is reached: 1",
        {"limit": 1, "uses_left": 0, "resets_at": "2026-12-01T00:00:00.000Z"},
    ),
    Reason.BUDGET_EXCEEDED: (
        "of 1000 there are 200 left, which is 300 too little",
        {"budget_minor": 1000, "left_minor": 200, "amount_short": 300},
    ),
    Reason.ORDER_RULES_VIOLATED: (
        "order.amount has to be $more_than_equal 5000",
        {
            **_A_RULE,
            "condition": "order.amount",
            "wanted": "$more_than_equal 5000",
            "found": 4200,
            "amount_short": 800,
        },
    ),
    Reason.CUSTOMER_RULES_VIOLATED: (
        "customer.is_new has to be $is true",
        {**_A_RULE, "condition": "customer.is_new", "wanted": "$is true", "found": False},
    ),
    Reason.REDEMPTION_RULES_VIOLATED: (
        "redemption.metadata has to be $is app",
        {**_A_RULE, "condition": "redemption.metadata", "property": "from", "wanted": "$is app"},
    ),
    Reason.MISSING_CUSTOMER: ("send a customer", {"missing": "customer"}),
    Reason.MISSING_ORDER: ("send an order", {"missing": "order"}),
    Reason.MISSING_ORDER_ITEMS: ("send the order's items", {"missing": "order_items"}),
    Reason.INVALID_ORDER: ("order amounts must be in EUR", {"currency": "EUR"}),
}


def example_of(reason: Reason) -> dict[str, Any]:
    """Return the error object of a refusal."""
    hint, would_pass = HELP.get(reason, ("", None))
    refusal = Refusal(reason, hint, would_pass)
    body = refusal_body(refusal, 4200, "AUTUMN10", "rf_01932f6e7b3a7c429d550a1b2c3d4e5f")
    return cast("dict[str, Any]", msgspec.to_builtins(body))


def example_of_rollback(reason: NotRolledBack) -> dict[str, Any]:
    """Return the error object of a rollback that was refused."""
    redemption, refusal = (f"{kind}01932f6e7b3a7c429d550a1b2c3d4e5f" for kind in ("r_", "rrf_"))
    return cast("dict[str, Any]", msgspec.to_builtins(refused(reason, redemption, refusal)))
