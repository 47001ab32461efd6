"""Validation rules as they are written: what has to be so, and what is limited by them. Pure.

Voucherify has limits as conditions of rules. A condition that is one is kept as such here, and
published as what it is: a limit of the campaign, taken behind its lock. So it must hold whatever
else does, which `or` and `not` would contradict.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from contracts import logic
from contracts.event import Identifier, Model
from contracts.logic import All, Leaf, Tree
from contracts.money import LARGEST_MINOR
from contracts.rule_nodes import Message, Node
from contracts.rules import MOST_NODES, Expression, Rule, check_logic
from contracts.terms import Limit, Limits

Period = Literal["day", "week", "month"]


class Counted(NamedTuple):
    """What a name limits: of what, in which period, and whether uses or amounts."""

    of: Literal["campaign", "code", "customer"]
    per: Period | None = None
    what: Literal["redemptions", "discount", "order"] = "redemptions"


_PERIODS: Final[Mapping[str, Period]] = {".daily": "day", ".weekly": "week", ".monthly": "month"}
# By the names that conditions of rules have.
COUNTED: Final[Mapping[str, Counted]] = {
    "redemption.count.per_customer": Counted("customer"),
    "campaign.redemptions.count": Counted("campaign"),
    "campaign.orders.amount": Counted("campaign", what="order"),
    "campaign.orders.amount_discounted": Counted("campaign", what="discount"),
    **{f"redemption.count{name}": Counted("code", per) for name, per in _PERIODS.items()},
    **{
        f"redemption.count.per_customer{name}": Counted("customer", per)
        for name, per in _PERIODS.items()
    },
    **{
        f"campaign.redemptions.count{name}": Counted("campaign", per)
        for name, per in _PERIODS.items()
    },
}


class LimitingCondition(Model):
    """A condition that is a limit: so many at most, this one included."""

    key: Identifier
    name: str
    most: Annotated[int, Field(strict=True, ge=1, le=LARGEST_MINOR)]


class WrittenExpression(Expression):
    """Conditions of which some may be limits, and what they have to be together."""

    nodes: Annotated[tuple[Node, ...], Field(max_length=MOST_NODES)] = ()
    limits: Annotated[tuple[LimitingCondition, ...], Field(max_length=MOST_NODES)] = ()

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if not (self.nodes or self.limits):
            raise ValueError("should have one condition at least")
        keys = {each.key for each in self.nodes}
        if both := [each.key for each in self.limits if each.key in keys]:
            raise ValueError(f"there are two conditions {both[0]}")
        names = [each.name for each in self.limits]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{twice[0]} is limited twice: the lower would hold")
        if not self.limits:
            check_logic(self.nodes, self.logic)
            return self
        rest = self._judged()
        if rest is not None:
            check_logic(self.nodes, rest)
        elif self.nodes:
            raise ValueError(f"logic leaves out {self.nodes[0].key}: it would have no effect")
        return self

    def _judged(self) -> str | None:
        """Return the logic without what is a limit; None where there is nothing else."""
        limits = {each.key for each in self.limits}
        parts = list(_together(logic.parse(self.logic)))
        rest = [part for part in parts if not (isinstance(part, Leaf) and part.key in limits)]
        named = [part.key for part in parts if isinstance(part, Leaf) and part.key in limits]
        within = {key for part in rest for key in logic.keys_of(part)}
        for each in self.limits:
            if each.key in within:
                raise ValueError(
                    f"{each.name} is a limit of the campaign, which always holds: logic may join "
                    "it by `and` alone"
                )
            if each.key not in named:
                raise ValueError(f"logic leaves out {each.key}: it would have no effect")
        if not rest:
            return None
        return logic.written(rest[0] if len(rest) == 1 else All(tuple(rest)))


class WrittenRule(WrittenExpression):
    """A validation rule as it is written."""

    id: Identifier
    name: str
    message: Message | None = None

    @property
    def judged(self) -> Rule | None:
        """What of it is judged with each request; None where all of it is limits."""
        written = self.logic if not self.limits else self._judged()
        if written is None:
            return None
        return Rule(
            id=self.id, name=self.name, nodes=self.nodes, logic=written, message=self.message
        )


def limited(limits: Limits, rules: Iterable[WrittenRule]) -> Limits:
    """Return limits with those of rules: of two of one thing the lower holds."""
    total, per_customer = limits.total, limits.per_customer
    others = {(each.of, each.per, each.what): each for each in limits.others}
    for condition in [each for rule in rules for each in rule.limits]:
        counted, most = COUNTED[condition.name], condition.most
        if counted == Counted("campaign"):
            total = most if total is None else min(total, most)
        elif counted == Counted("customer"):
            per_customer = most if per_customer is None else min(per_customer, most)
        else:
            known = others.get((counted.of, counted.per, counted.what))
            least = most if known is None else min(known.most, most)
            others[counted.of, counted.per, counted.what] = Limit(
                of=counted.of, per=counted.per, what=counted.what, most=least
            )
    return Limits(total=total, per_customer=per_customer, others=tuple(others.values()))


def _together(tree: Tree) -> Iterable[Tree]:
    """Return what all has to hold."""
    if not isinstance(tree, All):
        return [tree]
    return [part for each in tree.parts for part in _together(each)]
