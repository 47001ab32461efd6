"""Whether a value meets conditions at a moment. Pure.

Text is compared without regard to the case of A to Z where a part of it is asked for, and as it is
where all of it is: as lists of campaigns do.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, TypeAlias

from contracts.conditions import Condition, Value, day_of

# A value as it is found, None where nothing is; the moment by which it is judged.
Holds: TypeAlias = Callable[[object, datetime], bool]

_OPPOSITE: Final = {"$is_not": "$is", "$not_in": "$in", "$not_contain": "$contains"}
_SMALL: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def compiled(conditions: Sequence[Condition], zone: tzinfo) -> Holds:
    """Return what tells whether all of them hold; days are those of the zone."""
    tests = [_test(each, zone) for each in conditions]
    if len(tests) == 1:
        return tests[0]
    return lambda value, at: all(test(value, at) for test in tests)


def _test(condition: Condition, zone: tzinfo) -> Holds:
    """Return a condition's test; of a list of values one has to meet it, or none the opposite."""
    operator, values = condition.operator, condition.values
    if operator == "$has_value":
        return lambda value, _at: not _is_nothing(value)
    if operator == "$is_unknown":
        return lambda value, _at: _is_nothing(value)
    of_one = _test_of_one(_OPPOSITE.get(operator, operator), values, zone)

    def one_meets(value: object, at: datetime) -> bool:
        if isinstance(value, list):
            return any(of_one(each, at) for each in value)
        return of_one(value, at)

    if operator in _OPPOSITE:
        return lambda value, at: not one_meets(value, at)
    return one_meets


def _is_nothing(value: object) -> bool:
    return value is None or value == []


def _test_of_one(operator: str, values: Sequence[Value], zone: tzinfo) -> Holds:
    match operator:
        case "$is" | "$in":
            wanted = {_comparable(value) for value in values}
            return lambda value, _at: _comparable(value) in wanted
        case "$contains" | "$starts_with" | "$ends_with":
            return _of_a_part(operator, [_lowered(str(value)) for value in values])
        case "$more_than" | "$less_than" | "$more_than_equal" | "$less_than_equal":
            return _of_a_number(operator, values[0])
        case "$before" | "$after":
            return _of_a_moment(operator, str(values[0]), zone)
        case _:
            return _of_days(operator, int(values[0]), zone)


def _comparable(value: object) -> object:
    """Return what is equal where both are: yes is not 1, but 1.0 is; an object is equal to none."""
    if isinstance(value, bool | str | int | float):
        return isinstance(value, bool), value
    return None


def _lowered(text: str) -> str:
    return text.translate(_SMALL)


def _of_a_part(operator: str, parts: Sequence[str]) -> Holds:
    def holds(value: object, _at: datetime) -> bool:
        if not isinstance(value, str):
            return False
        text = _lowered(value)
        match operator:
            case "$contains":
                return any(part in text for part in parts)
            case "$starts_with":
                return text.startswith(tuple(parts))
            case _:
                return text.endswith(tuple(parts))

    return holds


def _of_a_number(operator: str, wanted: Value) -> Holds:
    bound = wanted if not isinstance(wanted, str) else 0  # the contract lets no text in

    def holds(value: object, _at: datetime) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        match operator:
            case "$more_than":
                return value > bound
            case "$less_than":
                return value < bound
            case "$more_than_equal":
                return value >= bound
            case _:
                return value <= bound

    return holds


def _of_a_moment(operator: str, wanted: str, zone: tzinfo) -> Holds:
    """Compare with an instant, or with a day: before its beginning, after its end."""
    begin, end = _span(wanted, zone)

    def holds(value: object, _at: datetime) -> bool:
        found = _moment(value, zone)
        if found is None or begin is None or end is None:
            return False
        if operator == "$before":
            return found < begin
        return found > begin if begin == end else found >= end

    return holds


def _of_days(operator: str, days: int, zone: tzinfo) -> Holds:
    """Compare with the moment of the decision: in days of 24 hours, or by the calendar."""
    span = timedelta(days=days)

    def holds(value: object, at: datetime) -> bool:
        found = _moment(value, zone)
        if found is None:
            return False
        match operator:
            case "$more_than_ago":
                return at - found > span
            case "$less_than_ago":
                return timedelta(0) <= at - found < span
            case "$more_than_future":
                return found - at > span
            case "$less_than_future":
                return timedelta(0) <= found - at < span
            case "$is_days_ago":
                return _day(at, zone) - _day(found, zone) == span
            case _:
                return _day(found, zone) - _day(at, zone) == span

    return holds


def _day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def _moment(value: object, zone: tzinfo) -> datetime | None:
    """Return the instant that a value is, or where the day begins that it names; else None."""
    if isinstance(value, datetime):
        return value
    return _span(value, zone)[0] if isinstance(value, str) else None


def _span(text: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """Return an instant twice, or the begin and end of a day; a time without a zone is UTC's."""
    day = day_of(text)
    try:
        if day is not None:
            return _begin(day, zone), _begin(day + timedelta(days=1), zone)
        given = datetime.fromisoformat(text)
        instant = given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # at the ends of the calendar there is no next day
        return None, None
    return instant, instant


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
