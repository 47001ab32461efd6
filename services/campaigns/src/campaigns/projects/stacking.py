"""How several codes apply together, as clients write it and read it: Voucherify's names."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from campaigns.api.body import Unsupported, example
from campaigns.api.versions import Versioned
from campaigns.tenants import Project
from contracts.event import Identifier
from contracts.stacking import (
    MOST_CATEGORIES,
    MOST_REDEEMABLES,
    CategoryIds,
    Most,
    OfCategory,
    StackingRules,
    as_voucherify,
)

# What rules are called there, and here.
NAMES: Final = {
    "applicable_redeemables_limit": "most",
    "applicable_redeemables_per_category_limit": "most_per_category",
    "applicable_exclusive_redeemables_limit": "most_exclusive",
    "applicable_exclusive_redeemables_per_category_limit": "most_exclusive_per_category",
    "exclusive_categories": "exclusive_categories",
    "joint_categories": "joint_categories",
    "redeemables_application_mode": "mode",
    "redeemables_sorting_rule": "order",
    "redeemables_no_effect_rule": "no_effect",
}


def _all_of_them(value: int | None) -> int | None:
    if value not in {None, MOST_REDEEMABLES}:
        raise ValueError(f"is {MOST_REDEEMABLES} for every project: set how many may apply")
    return value


class StackingBody(Versioned):
    """What is absent stays, null is what it was at first: all codes apply, as they were asked for.

    Categories are named by their ids. In mode ALL a code that may not apply beside the others
    refuses the request, in PARTIAL it is left out.
    """

    model_config = example(
        redeemables_application_mode="PARTIAL",
        applicable_redeemables_limit=5,
        redeemables_sorting_rule="CATEGORY_HIERARCHY",
    )

    redeemables_limit: Annotated[int | None, AfterValidator(_all_of_them)] = None
    applicable_redeemables_limit: Most | None = None
    applicable_redeemables_per_category_limit: Most | None = None
    applicable_redeemables_category_limits: (
        Annotated[dict[Identifier, Most], Field(max_length=MOST_CATEGORIES)] | None
    ) = None
    applicable_exclusive_redeemables_limit: Most | None = None
    applicable_exclusive_redeemables_per_category_limit: Most | None = None
    exclusive_categories: CategoryIds | None = None
    joint_categories: CategoryIds | None = None
    redeemables_application_mode: Literal["ALL", "PARTIAL"] | None = None
    redeemables_sorting_rule: Literal["REQUESTED_ORDER", "CATEGORY_HIERARCHY"] | None = None
    redeemables_products_application_mode: Literal["STACK"] | None = None
    redeemables_no_effect_rule: Literal["REDEEM_ANYWAY", "SKIP"] | None = None
    no_effect_skip_categories: Unsupported = None
    no_effect_redeem_anyway_categories: Unsupported = None
    redeemables_rollback_order_mode: Unsupported = None

    def merged_with(self, current: StackingRules) -> StackingRules:
        first = StackingRules()
        sent: dict[str, Any] = {
            ours: getattr(first, ours) if (value := getattr(self, theirs)) is None else value
            for theirs, ours in NAMES.items()
            if theirs in self.model_fields_set
        }
        if "applicable_redeemables_category_limits" in self.model_fields_set:
            limits = self.applicable_redeemables_category_limits or {}
            sent["most_of_categories"] = tuple(
                OfCategory(category=category, most=most) for category, most in limits.items()
            )
        return current.model_copy(update=sent)


class StackingObject(BaseModel):
    """The rules in force; `version` is the project's, which its other changes raise too."""

    model_config = ConfigDict(extra="ignore")

    version: int
    redeemables_limit: int
    applicable_redeemables_limit: int
    applicable_redeemables_per_category_limit: int
    applicable_redeemables_category_limits: dict[str, int]
    applicable_exclusive_redeemables_limit: int
    applicable_exclusive_redeemables_per_category_limit: int
    exclusive_categories: list[str]
    joint_categories: list[str]
    redeemables_application_mode: Literal["ALL", "PARTIAL"]
    redeemables_sorting_rule: Literal["REQUESTED_ORDER", "CATEGORY_HIERARCHY"]
    redeemables_products_application_mode: Literal["STACK"]
    redeemables_no_effect_rule: Literal["REDEEM_ANYWAY", "SKIP"]


def stacking_response(project: Project) -> StackingObject:
    shown: dict[str, Any] = {"version": project.version} | as_voucherify(project.stacking)
    return StackingObject.model_validate(shown)
