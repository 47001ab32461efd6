"""What a campaign comes to: how many codes there can be, what orders cost. Pure."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from campaigns.codes import CodeConfig
from campaigns.model import CodeTemplate
from contracts.campaigns import CommissionPlan
from contracts.discounts import AmountOff, Discount, FixedPrice, FreeUnits, PercentOff
from contracts.money import share
from contracts.terms import Limit, Limits

DIGITS: Final = 3  # that are said of a large number
SCALES: Final = (
    *("", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion"),
    *("sextillion", "septillion", "octillion", "nonillion", "decillion"),
)
FINEST: Final = timedelta(milliseconds=1)  # of the moments that we keep


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many uses cost at most: as if each customer were a new one."""

    uses: int
    discount_minor: int
    commission_minor: int

    @property
    def cost_minor(self) -> int:
        return self.discount_minor + self.commission_minor


def discount_on(discount: Discount, order_minor: int) -> int:
    """Return what comes off an order of one line, of one unit; percentages round half up.

    Never more than that. Which of its units are free is for the order to say: none of this one.
    """
    match discount:
        case AmountOff():
            return min(discount.amount_for(order_minor), order_minor)
        case PercentOff():
            off = share(order_minor, discount.basis_points)
            return off if discount.most_minor is None else min(off, discount.most_minor)
        case FixedPrice():
            return max(0, order_minor - discount.price_minor)
        case FreeUnits():
            return 0


def commission_on(plan: CommissionPlan, net_minor: int, *, customer_is_new: bool) -> int:
    bonus_minor = plan.new_customer_bonus_minor if customer_is_new else 0
    return share(net_minor, plan.share_basis_points) + plan.flat_minor + bonus_minor


def most_uses(
    limits: Limits, vouchers_count: int | None, template: CodeTemplate, discount_minor: int
) -> int | None:
    """Return how often a campaign can be used at most, or None where no limit says so.

    A budget bears as many such discounts as are whole in it: a part of one is refused.
    """
    found = [] if limits.total is None else [limits.total]
    each = template.quantity_when_generated
    if vouchers_count and each is not None:
        found.append(vouchers_count * each)
    if discount_minor:
        found += [budget.most // discount_minor for budget in limits.others if _is_of_all(budget)]
    return min(found, default=None)


def _is_of_all(limit: Limit) -> bool:
    """Tell whether it is a budget of the whole campaign, once and for all."""
    return limit.of == "campaign" and limit.per is None and limit.what == "discount"


def cost_of(uses: int, discount_minor: int, order_minor: int, plan: CommissionPlan) -> Cost:
    """Return what so many such orders cost."""
    each = commission_on(plan, order_minor - discount_minor, customer_is_new=True)
    return Cost(uses, uses * discount_minor, uses * each)


def last_accepted(ends_at: datetime) -> datetime:
    """Return the last moment at which a campaign that ends then accepts; its end is exclusive."""
    return ends_at - FINEST


def bits(config: CodeConfig) -> float:
    """Return how hard codes are to guess, in bits."""
    return round(config.random_places * math.log2(len(config.charset)), 1)


def in_words(number: int) -> str:
    """Say about how many, such as `14.8 million`."""
    rounded = round(number, min(DIGITS - len(str(number)), 0))
    zeros = len(str(rounded)) - 1
    scale = zeros // 3
    if scale >= len(SCALES):
        return f"about 10^{zeros}"
    places = Decimal(rounded).scaleb(-3 * scale).normalize()
    return f"{places:f} {SCALES[scale]}".rstrip()
