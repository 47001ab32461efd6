"""What segments and rules ask of a value: operators, and what each compares it with.

A condition that compares what cannot be compared is refused when it is written, and not at a
checkout. The operators are the API's own.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias

from pydantic import Field, StrictBool, model_validator

from contracts.event import Model

# What is compared. `any` is a value of metadata, which is what it is found to be: a list of them
# meets a condition if one of them does, and a negated one if none meets its opposite.
Kind = Literal["text", "number", "moment", "flag", "any"]

Operator = Literal[
    "$is",
    "$is_not",
    "$in",
    "$not_in",
    "$contains",
    "$not_contain",
    "$starts_with",
    "$ends_with",
    "$more_than",
    "$less_than",
    "$more_than_equal",
    "$less_than_equal",
    "$before",
    "$after",
    "$is_days_ago",
    "$more_than_ago",
    "$less_than_ago",
    "$is_days_in_future",
    "$more_than_future",
    "$less_than_future",
    "$has_value",
    "$is_unknown",
]

MOST_VALUES: Final = 100
LONGEST_TEXT: Final = 1_000
MOST_DAYS: Final = 36_600
LARGEST: Final = 2**53  # every JSON reader keeps what is within exact

Text = Annotated[str, Field(strict=True, max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, Field(strict=True, gt=-LARGEST, lt=LARGEST)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=-LARGEST, lt=LARGEST)]
Value: TypeAlias = StrictBool | Whole | Real | Text

NEGATED: Final = frozenset({"$is_not", "$not_in", "$not_contain"})  # met by what is not there


class _Family(NamedTuple):
    """Operators that compare alike: values of which kinds, and with how many of what."""

    operators: frozenset[str]
    kinds: frozenset[str]
    fewest: int
    most: int
    wanted: str


_FAMILIES: Final = (
    _Family(
        frozenset({"$is", "$is_not", "$in", "$not_in"}),
        frozenset({"text", "number", "flag", "any"}),
        1,
        MOST_VALUES,
        "value",
    ),
    _Family(
        frozenset({"$contains", "$not_contain", "$starts_with", "$ends_with"}),
        frozenset({"text", "any"}),
        1,
        MOST_VALUES,
        "text",
    ),
    _Family(
        frozenset({"$more_than", "$less_than", "$more_than_equal", "$less_than_equal"}),
        frozenset({"number", "any"}),
        1,
        1,
        "number",
    ),
    _Family(frozenset({"$before", "$after"}), frozenset({"moment", "any"}), 1, 1, "moment"),
    _Family(
        frozenset(
            {
                *("$is_days_ago", "$more_than_ago", "$less_than_ago"),
                *("$is_days_in_future", "$more_than_future", "$less_than_future"),
            }
        ),
        frozenset({"moment", "any"}),
        1,
        1,
        "days",
    ),
    _Family(
        frozenset({"$has_value", "$is_unknown"}),
        frozenset({"text", "number", "moment", "any"}),
        0,
        0,
        "nothing",
    ),
)
_FAMILY_OF: Final = {operator: family for family in _FAMILIES for operator in family.operators}


class Condition(Model):
    """What a value has to be. Where several values stand, one of them is enough."""

    operator: Operator
    values: Annotated[tuple[Value, ...], Field(max_length=MOST_VALUES)] = ()

    @model_validator(mode="after")
    def _compares_what_it_can(self) -> "Condition":
        family = _FAMILY_OF[self.operator]
        if not family.fewest <= len(self.values) <= family.most:
            wanted = "no value" if not family.most else "a value" if family.most == 1 else "values"
            raise ValueError(f"{self.operator} takes {wanted}, {len(self.values)} came")
        for value in self.values:
            wrong = _fault_of(family.wanted, value)
            if wrong:
                raise ValueError(f"{self.operator} takes {wrong}")
        return self


def refuse_wrong_kind(kind: Kind, conditions: Sequence[Condition]) -> None:
    """Raise ValueError for what a value of this kind cannot be asked."""
    for each in conditions:
        family = _FAMILY_OF[each.operator]
        if kind not in family.kinds:
            raise ValueError(f"{each.operator} is not for a {kind}, {_known(kind)}")
        if family.wanted == "value" and not all(_is_of(kind, value) for value in each.values):
            raise ValueError(f"{each.operator} takes values of its kind, a {kind}")


def day_of(text: str) -> date | None:
    """Return the day that a text names without a time; None where it does not."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _known(kind: Kind) -> str:
    known = sorted(
        each for family in _FAMILIES if kind in family.kinds for each in family.operators
    )
    return "known are " + ", ".join(known)


def _fault_of(wanted: str, value: Value) -> str | None:
    """Say what should have come instead of this value, if it should."""
    match wanted:
        case "text" if not isinstance(value, str) or not value:
            return "a text that is not empty"
        case "number" if not _is_number(value):
            return "a number"
        case "moment" if not isinstance(value, str) or not _is_moment(value):
            return "an ISO 8601 date or date-time"
        case "days" if (
            isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DAYS
        ):
            return f"a whole number of days from 0 to {MOST_DAYS:,}"
        case _:
            return None


def _is_of(kind: Kind, value: Value) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "number":
            return _is_number(value)
        case "flag":
            return isinstance(value, bool)
        case _:
            return True


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
