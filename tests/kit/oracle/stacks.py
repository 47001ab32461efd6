"""How several codes of one request apply together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kit.oracle.terms import Campaign, Stacking

EXCLUDED = "exclusion_rules_not_met"
NO_EFFECT = "no_effect"
STACK_REFUSED = "stack_refused"
MOST = "applicable_redeemables_limit_exceeded"
MOST_OF_CATEGORY = "applicable_redeemables_per_category_limit_exceeded"
MOST_EXCLUSIVE = "applicable_exclusive_redeemables_limit_exceeded"
SKIPS = {EXCLUDED, NO_EFFECT, STACK_REFUSED, MOST, MOST_OF_CATEGORY, MOST_EXCLUSIVE}


@dataclass(frozen=True)
class Applies:
    """A code that takes so much off, of each line so much; `share` is of the order.

    So many units of each line are `free`, and so many are added.
    """

    code: str
    off: int
    of_lines: tuple[int, ...] = ()
    share: int = 0
    free: tuple[int, ...] = ()
    gifts: int = 0

    @property
    def has_effect(self) -> bool:
        return self.off > 0 or sum(self.free) > 0 or self.gifts > 0


@dataclass(frozen=True)
class LeftOut:
    code: str
    reason: str
    would_pass: dict[str, Any] = field(default_factory=dict)


Became = Applies | LeftOut


def in_order(
    codes: Sequence[str], campaigns: Mapping[str, Campaign], rules: Stacking
) -> Sequence[str]:
    """Return codes by the hierarchy of their categories, those without one last."""
    if not rules.by_hierarchy:
        return codes

    def rank(code: str) -> tuple[bool, int]:
        campaign = campaigns.get(code)
        has_none = campaign is None or campaign.category is None
        return has_none, 0 if campaign is None or has_none else campaign.hierarchy

    return sorted(codes, key=rank)


def is_exclusive(campaign: Campaign, rules: Stacking) -> bool:
    return campaign.category in rules.exclusive - rules.joint


def left_out(
    campaign: Campaign, applied: Sequence[Campaign], rules: Stacking, *, excluding: bool
) -> tuple[str, dict[str, Any]] | None:
    """Return which rule leaves a code out beside the ones that apply already."""
    exclusive = is_exclusive(campaign, rules)
    if excluding and not exclusive and campaign.category not in rules.joint:
        return EXCLUDED, {}
    of_category = [each for each in applied if each.category and each.category == campaign.category]
    exclusive_ones = [each for each in applied if is_exclusive(each, rules)]
    for reason, most, many in (
        (MOST, rules.most, len(applied)),
        (MOST_EXCLUSIVE, rules.most_exclusive, len(exclusive_ones) if exclusive else 0),
        (MOST_OF_CATEGORY, rules.most_of_category, len(of_category)),
    ):
        if many >= most:
            return reason, {"limit": most, "uses_left": 0}
    return None


def applying(became: Sequence[Became], *, partial: bool) -> list[Applies]:
    """Return the codes that are redeemed: all of them, or those that may."""
    applied = [each for each in became if isinstance(each, Applies)]
    return applied if partial or len(applied) == len(became) else []


def excluded_for(
    became: Sequence[Became], campaigns: Mapping[str, Campaign], stacking: Stacking
) -> bool:
    """Tell whether an exclusive code applies, for which others are left out."""
    return any(isinstance(each, Applies) for each in _exclusive(became, campaigns, stacking))


def bar(
    became: Sequence[Became], campaigns: Mapping[str, Campaign], stacking: Stacking
) -> dict[str, LeftOut]:
    """Take those for good out that would leave others out, and do not apply themselves."""
    exclusive = _exclusive(became, campaigns, stacking)
    return {each.code: each for each in exclusive if isinstance(each, LeftOut)}


def _exclusive(
    became: Sequence[Became], campaigns: Mapping[str, Campaign], stacking: Stacking
) -> list[Became]:
    return [
        each
        for each in became
        if each.code in campaigns and is_exclusive(campaigns[each.code], stacking)
    ]
