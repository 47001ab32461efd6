"""Conditions that nothing can meet together, as far as that can be seen when they are written."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from contracts.conditions import NEGATED, Condition, Kind, Value, day_of
from contracts.rule_names import EQUALITIES

_BOUNDS: Final = ("$more_than", "$less_than", "$more_than_equal", "$less_than_equal")


def refuse_contradictions(kind: Kind, conditions: Sequence[Condition]) -> None:
    """Raise ValueError where no value can meet all of them.

    Of metadata that is seen of what is not there alone: different values of a list meet different
    conditions.
    """
    operators = {each.operator for each in conditions}
    unmet = "$is_unknown" in operators and bool(operators - NEGATED - {"$is_unknown"})
    if kind != "any" and not unmet:
        unmet = _leave_no_equal(conditions) or _leave_no_number(conditions)
        unmet = unmet or _leave_no_moment(conditions)
    if unmet:
        named = ", ".join([each.operator for each in conditions])
        raise ValueError(f"nothing can meet all of {named} together")


def refuse_fractions(conditions: Sequence[Condition]) -> None:
    """Raise ValueError where a number that is always whole has to be equal to one that is not.

    A bound may be a fraction: more than 9.5 is 10 or more. For what is just being written, and no
    validator: what was written before stays readable.
    """
    for each in conditions:
        for value in each.values if each.operator in EQUALITIES else ():
            if isinstance(value, float) and not value.is_integer():
                raise ValueError(
                    f"{each.operator} takes whole numbers here, and {value} is none: "
                    "amounts are in minor units"
                )


def _leave_no_equal(conditions: Sequence[Condition]) -> bool:
    """Tell whether a value has to be one of some of which none is left."""
    left: set[Value] | None = None
    for each in conditions:
        if each.operator in {"$is", "$in"}:
            left = set(each.values) if left is None else left & set(each.values)
    if left is None:
        return False
    left -= {
        v for each in conditions if each.operator in {"$is_not", "$not_in"} for v in each.values
    }
    bounds = [each for each in conditions if each.operator in _BOUNDS]
    return not any(all(_meets(value, bound) for bound in bounds) for value in left)


def _leave_no_number(conditions: Sequence[Condition]) -> bool:
    """Tell whether a lower bound lies above an upper one: each bound has to be within the other."""
    low = [each for each in conditions if each.operator.startswith("$more_than")]
    high = [each for each in conditions if each.operator.startswith("$less_than")]
    return any(
        not _meets(below.values[0], above) or not _meets(above.values[0], below)
        for above in low
        if above.operator in _BOUNDS
        for below in high
        if below.operator in _BOUNDS
    )


def _meets(value: Value, bound: Condition) -> bool:
    with_ = bound.values[0]
    if isinstance(value, str) or isinstance(with_, str):
        return False
    match bound.operator:
        case "$more_than":
            return value > with_
        case "$less_than":
            return value < with_
        case "$more_than_equal":
            return value >= with_
        case _:
            return value <= with_


def _leave_no_moment(conditions: Sequence[Condition]) -> bool:
    """Tell whether something would have to be after what it has to be before."""
    wanted: dict[str, Value] = {e.operator: e.values[0] for e in conditions if e.values}
    for more, less in (
        ("$more_than_ago", "$less_than_ago"),
        ("$more_than_future", "$less_than_future"),
    ):
        fewest, most = wanted.get(more), wanted.get(less)
        if isinstance(fewest, int) and isinstance(most, int) and fewest >= most:
            return True
    after, before = wanted.get("$after"), wanted.get("$before")
    return isinstance(after, str) and isinstance(before, str) and _reversed(after, before)


def _reversed(after: str, before: str) -> bool:
    """Compare two days, or two instants: which instants a day has is its zone's, unknown here."""
    first, last = day_of(after), day_of(before)
    if first is not None and last is not None:
        return first + timedelta(days=1) >= last
    if first is not None or last is not None:
        return False
    return _instant(after) >= _instant(before)


def _instant(text: str) -> datetime:
    given = datetime.fromisoformat(text)
    return given.replace(tzinfo=given.tzinfo or UTC)
