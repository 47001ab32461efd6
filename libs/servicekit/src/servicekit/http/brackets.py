"""Lists' query strings: plain names, and conditions in brackets, however a client writes them.

    result=FAILURE  code[]=A&code[]=B  created_at[after]=2026-11-01
    filters[code][conditions][$in][0]=A  filters[code][conditions][$in]=['A', 'B']

Brackets come percent-encoded or not, values indexed, repeated, or as Python writes a list. What is
not known is refused by name: a filter that is mistyped must not return everything. So is what has
no value, for it would narrow to nothing, or be taken as absent.
"""

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

from servicekit.http.errors import ApiError, invalid_query

MOST_VALUES: Final = 1_000
MOST_CONDITIONS: Final = 50
LONGEST_NAMED: Final = 100

_SEGMENTS: Final = re.compile(r"(?P<name>[^\[\]]*)(?P<rest>(\[[^\[\]]*\])*)")
_SEGMENT: Final = re.compile(r"\[([^\[\]]*)\]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INDEX: Final = re.compile(r"[0-9]{0,6}")
_FILTERS: Final = "filters"
_CONDITIONS: Final = "conditions"
_JUNCTION: Final = "junction"


class Condition(NamedTuple):
    """What is asked of a field. An operator has its `$`; `after` and `before` may have none."""

    field: str
    operator: str
    values: tuple[str, ...]
    spelt: str  # as it stands in the query string, for who is refused


class Asked(NamedTuple):
    """What a query string asks for: values by plain name, and conditions: all of them, or any."""

    plain: Mapping[str, tuple[str, ...]]
    conditions: Sequence[Condition]
    junction: str = "and"

    def one(self, name: str) -> str | None:
        """Return the value of what is given once. Raises ApiError where it is given twice."""
        values = self.plain.get(name, ())
        if len(values) > 1:
            raise refusal(name, "is given more than once")
        return values[0] if values else None


def parse(
    query: Sequence[tuple[str, str]],
    *,
    plain: Collection[str],
    dates: Collection[str] = (),
    fields: Mapping[str, Collection[str]],
    families: Mapping[str, Collection[str]] = MappingProxyType({}),
    junctions: Collection[str] = ("and",),
) -> Asked:
    """Sort what is asked; `fields` are those of `filters`, with the operators that each takes.

    `families` are fields of which only the beginning is known, such as `metadata.`. `dates` take
    `[after]` and `[before]` without `filters`, also as `[name][after]`. Raises ApiError 400 that
    names what is unknown, and what is known.
    """
    filters = {"filters[…]"} if fields or families else set[str]()
    known = sorted({*plain, *(f"{date}[after|before]" for date in dates)} | filters)
    values: dict[str, list[str]] = {}
    conditions: dict[tuple[str, str], Condition] = {}
    chosen = list[str]()
    for spelt, value in query:
        _check_text(spelt, spelt, value)
        path = _path(spelt)
        if path == [_FILTERS, _JUNCTION]:
            chosen.append(value)
        elif len(path) == 1 and path[0] in plain:
            given = _values(spelt, value) if "[" in spelt else [value]
            _check_blank(spelt, given)
            values.setdefault(path[0], []).extend(given)
        elif len(path) in {2, 3} and path[-2] in dates and path[-1] in {"after", "before"}:
            _add(conditions, Condition(path[-2], path[-1], (value,), spelt))
        elif path[:1] == [_FILTERS]:
            _add(conditions, _condition(path, spelt, value, {**fields, **_of(families, path)}))
        else:
            raise refusal(spelt, f"is unknown, known are {', '.join(known)}")
    for name, given in values.items():
        _check_number(name, given)
    if len(conditions) > MOST_CONDITIONS:
        raise refusal(_FILTERS, f"asks for more than {MOST_CONDITIONS} things at once")
    return Asked(
        {name: tuple(given) for name, given in values.items()},
        [*conditions.values()],
        _junction(chosen, junctions),
    )


def refusal(spelt: str, what: str) -> ApiError:
    """Return the refusal of a parameter, by its name as it was written."""
    shown = spelt[:LONGEST_NAMED]
    return invalid_query(f"{shown}: {what}", f"Query parameter {shown}: {what}")


def _path(spelt: str) -> list[str]:
    found = _SEGMENTS.fullmatch(spelt)
    if found is None:
        return [spelt]
    path = [*filter(None, [found["name"]]), *_SEGMENT.findall(found["rest"])]
    if len(path) > 1 and _INDEX.fullmatch(path[-1]):
        path.pop()  # the place in a list
    return path


def _junction(chosen: Sequence[str], junctions: Collection[str]) -> str:
    name = f"{_FILTERS}[{_JUNCTION}]"
    if len(chosen) > 1:
        raise refusal(name, "is given more than once")
    for each in chosen:
        if each not in junctions:
            raise refusal(name, f"must be {' or '.join(junctions)} here")
    return chosen[0] if chosen else "and"


def _of(families: Mapping[str, Collection[str]], path: Sequence[str]) -> dict[str, Collection[str]]:
    """Return the field that a path names, if one of these families has it, and its family."""
    named = path[1] if len(path) > 1 else ""
    found = {f"{each}…": operators for each, operators in families.items()}
    for each, operators in families.items():
        if named.startswith(each) and named != each:
            found[named] = operators
    return found


def _condition(
    path: list[str], spelt: str, value: str, fields: Mapping[str, Collection[str]]
) -> Condition:
    field = path[1] if len(path) > 1 else ""
    if not fields:
        raise refusal(spelt, "no filter is known here")
    if field not in fields:
        _unknown(spelt, f"filters[{field}]", sorted(fields))
    if len(path) != len(("filters", field, _CONDITIONS, "operator")) or path[2] != _CONDITIONS:
        raise refusal(spelt, f"is not of the form filters[{field}][conditions][$is][0]")
    if path[3] not in fields[field]:
        _unknown(spelt, f"{path[3]} of filters[{field}]", sorted(fields[field]))
    return Condition(field, path[3], tuple(_values(spelt, value)), spelt)


def _unknown(spelt: str, what: str, known: Sequence[str]) -> NoReturn:
    raise refusal(spelt, f"{what[:LONGEST_NAMED]} is unknown, known are {', '.join(known)}")


def _add(conditions: dict[tuple[str, str], Condition], new: Condition) -> None:
    """Join the values of one condition, of which each may stand by itself."""
    key = (new.field, new.operator)
    before = conditions.get(key)
    if before is not None:
        new = before._replace(values=before.values + new.values)
    _check_number(new.spelt, new.values)
    conditions[key] = new


def _values(spelt: str, value: str) -> list[str]:
    """Return the values that a text stands for: several where it is a list as Python writes it."""
    given = _listed(value)
    if not given:
        raise refusal(spelt, "is an empty list: name a value, or leave it out")
    _check_text(spelt, *given)
    return given


def _listed(value: str) -> list[str]:
    if not (value.startswith("[") and value.endswith("]")):
        return [value]
    try:
        listed = ast.literal_eval(value)
        if not isinstance(listed, list) or not all(
            isinstance(each, str | int | float) for each in listed
        ):
            return [value]
        return [str(each) for each in listed]  # of a number in hex, perhaps more than may be
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return [value]


def _check_text(spelt: str, *given: str) -> None:
    """Refuse what no store keeps: NUL, and half a surrogate pair, which a list may spell."""
    for each in given:
        if "\0" in each or (not each.isascii() and _SURROGATE.search(each)):
            raise refusal(spelt, "holds a character that is no text")


def _check_blank(spelt: str, given: Sequence[str]) -> None:
    if not all(map(str.strip, given)):
        raise refusal(spelt, "is empty: name a value, or leave it out")


def _check_number(spelt: str, given: Sequence[str]) -> None:
    if len(given) > MOST_VALUES:
        raise refusal(spelt, f"has {len(given):,} values, at most {MOST_VALUES:,} are allowed")
