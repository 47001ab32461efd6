"""How several codes of one request apply together: a setting of the project, in force for all."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from contracts.event import Identifier, Model

MOST_REDEEMABLES: Final = 30  # of a request
MOST_CATEGORIES: Final = 1000

Most = Annotated[int, Field(strict=True, ge=1, le=MOST_REDEEMABLES)]
CategoryIds = Annotated[tuple[Identifier, ...], Field(max_length=MOST_CATEGORIES)]


class OfCategory(Model):
    """How many codes of one category apply together."""

    category: Identifier
    most: Most


class StackingRules(Model):
    """All codes or those that may, in which order, and how many of them.

    Where a code of an exclusive category applies, codes of other ones do not, but for those of
    joint categories, which apply beside any. By the hierarchy of categories the lowest comes first,
    and what has no category last. What does nothing for the order may be left out.
    """

    mode: Literal["ALL", "PARTIAL"] = "ALL"
    order: Literal["REQUESTED_ORDER", "CATEGORY_HIERARCHY"] = "REQUESTED_ORDER"
    most: Most = MOST_REDEEMABLES
    most_per_category: Most = MOST_REDEEMABLES
    most_of_categories: Annotated[tuple[OfCategory, ...], Field(max_length=MOST_CATEGORIES)] = ()
    most_exclusive: Most = MOST_REDEEMABLES
    most_exclusive_per_category: Most = MOST_REDEEMABLES
    exclusive_categories: CategoryIds = ()
    joint_categories: CategoryIds = ()
    no_effect: Literal["REDEEM_ANYWAY", "SKIP"] = "REDEEM_ANYWAY"

    def most_of(self, category: str) -> int:
        """Return how many codes of a category apply together."""
        own = [each.most for each in self.most_of_categories if each.category == category]
        return own[0] if own else self.most_per_category


ALL_TOGETHER: Final = StackingRules()


def as_voucherify(rules: StackingRules) -> dict[str, Any]:
    """Write rules as Voucherify does; what it has besides stands as it is here."""
    return {
        "redeemables_limit": MOST_REDEEMABLES,
        "applicable_redeemables_limit": rules.most,
        "applicable_redeemables_per_category_limit": rules.most_per_category,
        "applicable_redeemables_category_limits": {
            each.category: each.most for each in rules.most_of_categories
        },
        "applicable_exclusive_redeemables_limit": rules.most_exclusive,
        "applicable_exclusive_redeemables_per_category_limit": rules.most_exclusive_per_category,
        "exclusive_categories": list(rules.exclusive_categories),
        "joint_categories": list(rules.joint_categories),
        "redeemables_application_mode": rules.mode,
        "redeemables_sorting_rule": rules.order,
        "redeemables_products_application_mode": "STACK",
        "redeemables_no_effect_rule": rules.no_effect,
    }
