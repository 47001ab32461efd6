"""What makes a redemption acceptable. No I/O and no clock: every fact is an argument.

The order of the checks is a promise: of several reasons the first one is given, on every path.
"""

from collections.abc import Callable, Sequence

from redemption.checks.order import (
    currency_differs,
    lines_missing,
    no_line_covered,
    order_missing,
)
from redemption.checks.state import campaign_inactive, voucher_disabled
from redemption.checks.validity import ended, not_started, outside_windows
from redemption.model import Case, Refusal

Check = Callable[[Case], Refusal | None]

BEFORE_LIMITS: tuple[Check, ...] = (
    campaign_inactive,
    voucher_disabled,
    not_started,
    ended,
    outside_windows,
)
AFTER_LIMITS: tuple[Check, ...] = (
    order_missing,
    currency_differs,
    lines_missing,
    no_line_covered,
)


def rules_violated(case: Case, discount_minor: int) -> Refusal | None:
    """Return why this code must be refused by its campaign's validation rules.

    Last: they compare amounts, which by then are known to be in the campaign's currency.
    """
    judge = case.offer.campaign.judge
    return None if judge is None else judge(case, discount_minor)


def first_refusal(checks: Sequence[Check], case: Case) -> Refusal | None:
    """Return why this code must be refused, or None where nothing objects."""
    for check in checks:
        refusal = check(case)
        if refusal is not None:
            return refusal
    return None
