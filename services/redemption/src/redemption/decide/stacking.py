"""How several codes of one request apply together: in which order, and which are left out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from contracts.redemptions import Reason
from contracts.stacking import StackingRules
from redemption.model import CodeKey, Offer, Refusal

STACK_REFUSED: Final = Refusal(Reason.STACK_REFUSED, "another code of the same request was refused")
NO_EFFECT: Final = Refusal(Reason.NO_EFFECT, "this code takes nothing off the order")
HINTS: Final[Mapping[Reason, str]] = {
    Reason.MOST_APPLIED: "codes that apply together: {limit} at most",
    Reason.MOST_OF_CATEGORY_APPLIED: "codes of one category that apply together: {limit} at most",
    Reason.MOST_EXCLUSIVE_APPLIED: "exclusive codes that apply together: {limit} at most",
    Reason.MOST_EXCLUSIVE_OF_CATEGORY_APPLIED: (
        "exclusive codes of one category that apply together: {limit} at most"
    ),
}
EXCLUDED: Final = Refusal(
    Reason.EXCLUDED, "a code of an exclusive category applies, and this one not beside it"
)
SKIPPING: Final = frozenset({*HINTS, EXCLUDED.reason, NO_EFFECT.reason})


def in_order(
    keys: Sequence[CodeKey], offers: Mapping[CodeKey, Offer], rules: StackingRules
) -> Sequence[CodeKey]:
    """Return the codes in the order in which they apply; of one rank, as they were asked for."""
    if rules.order == "REQUESTED_ORDER":
        return keys
    return sorted(keys, key=lambda key: _rank(offers.get(key)))


def _rank(offer: Offer | None) -> tuple[bool, int]:
    hierarchy = None if offer is None else offer.campaign.category_hierarchy
    return (hierarchy is None, hierarchy or 0)


class Stack:
    """The codes that apply so far; a class because it counts them."""

    def __init__(self, rules: StackingRules, offers: Iterable[Offer]) -> None:
        """Begin with none; where one of these is exclusive, those that are not may be left out."""
        self._rules = rules
        self._exclusive = set(rules.exclusive_categories)
        self._joint = set(rules.joint_categories)
        self._excludes = any(self.is_exclusive(offer) for offer in offers)
        self._applied = 0
        self._of_category: Counter[str] = Counter()
        self._applied_exclusive = 0

    @property
    def skips_without_effect(self) -> bool:
        """Whether a code that does nothing for the order is left out."""
        return self._rules.no_effect == "SKIP"

    @property
    def excludes_for_nothing(self) -> bool:
        """Whether codes were left out for an exclusive one, and none of these applies."""
        return self._excludes and not self._applied_exclusive

    def why_not(self, offer: Offer) -> Refusal | None:
        """Return why one more code cannot apply, or None where it may."""
        rules, category = self._rules, offer.campaign.category_id
        exclusive = self.is_exclusive(offer)
        if self._excludes and not exclusive and category not in self._joint:
            return EXCLUDED
        if self._applied >= rules.most:
            return _most(Reason.MOST_APPLIED, rules.most)
        if exclusive and self._applied_exclusive >= rules.most_exclusive:
            return _most(Reason.MOST_EXCLUSIVE_APPLIED, rules.most_exclusive)
        if category is None:
            return None
        of_category = self._of_category[category]
        most = rules.most_exclusive_per_category
        if exclusive and of_category >= most:
            return _most(Reason.MOST_EXCLUSIVE_OF_CATEGORY_APPLIED, most)
        most = rules.most_of(category)
        if of_category >= most:
            return _most(Reason.MOST_OF_CATEGORY_APPLIED, most)
        return None

    def is_exclusive(self, offer: Offer) -> bool:
        """Tell whether it leaves others out."""
        category = offer.campaign.category_id
        return category in self._exclusive and category not in self._joint

    def apply(self, offer: Offer) -> None:
        self._applied += 1
        self._applied_exclusive += self.is_exclusive(offer)
        if offer.campaign.category_id is not None:
            self._of_category[offer.campaign.category_id] += 1


def _most(reason: Reason, limit: int) -> Refusal:
    return Refusal(reason, HINTS[reason].format(limit=limit), {"limit": limit, "uses_left": 0})
