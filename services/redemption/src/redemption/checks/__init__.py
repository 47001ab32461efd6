"""What makes a redemption acceptable. No I/O and no clock: every fact is an argument.

The order of the checks is a promise: of several reasons the first one is given, on every path.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, TypeAlias

from contracts.redemptions import Reason
from redemption.checks.order import (
    currency_differs,
    has_lines_alone,
    has_some_products_alone,
    lines_missing,
    needs_an_order,
    no_line_covered,
    order_missing,
)
from redemption.checks.state import always, campaign_inactive, voucher_disabled
from redemption.checks.validity import (
    ended,
    has_a_start,
    has_an_end,
    has_windows,
    not_started,
    outside_windows,
)
from redemption.model import Case, Offer, Refusal

Check: TypeAlias = Callable[[Case], Refusal | None]
May: TypeAlias = Callable[[Offer], bool]

NOTHING: Final[AbstractSet[Reason]] = frozenset()

# Each with what tells whether it may ever object to what is offered.
BEFORE_LIMITS: Sequence[tuple[Check, May]] = (
    (campaign_inactive, always),
    (voucher_disabled, always),
    (not_started, has_a_start),
    (ended, has_an_end),
    (outside_windows, has_windows),
)
AFTER_LIMITS: Sequence[tuple[Check, May]] = (
    (order_missing, needs_an_order),
    (currency_differs, always),
    (lines_missing, has_lines_alone),
    (no_line_covered, has_some_products_alone),
)


class Checks(NamedTuple):
    """Those that may object to an offer, before its limits are tested and after."""

    before_limits: Sequence[Check]
    after_limits: Sequence[Check]


def checks_of(offer: Offer) -> Checks:
    """Return what may object to an offer: found out once, and not for each request."""
    return Checks(*[[c for c, may in all_ if may(offer)] for all_ in (BEFORE_LIMITS, AFTER_LIMITS)])


def rules_violated(
    case: Case, discount_minor: int, passing_over: AbstractSet[Reason] = NOTHING
) -> Refusal | None:
    """Return why this code must be refused by its campaign's validation rules, or by its own.

    Last: they compare amounts, which by then are known to be in the campaign's currency. Of rules
    that are violated for a reason that is passed over, the next ones are asked.
    """
    judge = case.offer.campaign.judge
    return None if judge is None else judge(case, discount_minor, passing_over)


def first_refusal(checks: Sequence[Check], case: Case) -> Refusal | None:
    """Return why this code must be refused, or None where nothing objects."""
    for check in checks:
        refusal = check(case)
        if refusal is not None:
            return refusal
    return None
