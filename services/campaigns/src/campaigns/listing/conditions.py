"""Conditions as SQL. Values travel as arguments, never as text. Pure.

Text is compared without regard to the case of A–Z where a part of it is asked for, and as it is
where all of it is: `lower(… COLLATE "C")` is the same on every server.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from campaigns.api.fields import LARGEST_INTEGER
from campaigns.listing.fields import METADATA
from campaigns.listing.filters import Condition
from campaigns.status import RANK, matching

PATTERNS: Final = {
    "$contains": "%{}%",
    "$not_contain": "%{}%",
    "$starts_with": "{}%",
    "$ends_with": "%{}",
}
SIZES: Final = {
    "$more_than": ">",
    "$less_than": "<",
    "$more_than_equal": ">=",
    "$less_than_equal": "<=",
    "$after": ">",
    "$before": "<",
}
IN_BIN: Final = RANK["in_bin"]
# Of a code whose campaign has a share: what is said of the code wins over what is said of them all.
SHARED_CODE: Final = """coalesce((
        SELECT s.state = 'shared' AND shares.state = 'shared' FROM shared_codes AS s
        JOIN shares ON shares.project_id = s.project_id AND shares.id = s.share_id
        WHERE s.project_id = candidate.project_id AND s.voucher_id = candidate.id
    ), EXISTS (
        SELECT FROM shares AS s WHERE s.project_id = candidate.project_id
            AND s.campaign_id = candidate.campaign_id AND s.kind = 'campaign' AND s.state = 'shared'
    ))"""


class Arguments:
    """A statement's arguments; a class because it gathers. `add` returns how SQL calls one."""

    def __init__(self, *values: Any) -> None:
        self.values: list[Any] = list(values)

    def add(self, value: Any, kind: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{kind}"


def lowered(text: str) -> str:
    """Return A–Z in small letters and all else as it is: what `lower(… COLLATE "C")` does."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def folded(column: str) -> str:
    return f'lower({column} COLLATE "C")'


def pattern(operator: str, text: str) -> str:
    """Return what LIKE is given for a part of a text."""
    escaped = lowered(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return PATTERNS[operator].format(escaped)


def sql(condition: Condition, args: Arguments) -> str:
    """Write a condition on a column of its own level; status is not one."""
    field, operator, values = condition.field, condition.operator, condition.values
    match field.kind:
        case "date":
            return _of_order(field.sql, operator, values, args, "timestamptz")
        case "number":
            return _of_number(field.sql, operator, values, args)
        case "flag":
            return f"{field.sql} = {args.add(values[0], 'boolean')}"
        case "active":
            return "active" if operator == "$enabled" else "NOT active"
        case "metadata":
            return _of_metadata(condition, args)
        case "shared":
            return _of_deal(values, args) if field.level == "campaign" else SHARED_CODE
        case _:
            return _of_text(field.sql, operator, values, args)


def _of_deal(partner_ids: Sequence[Any], args: Arguments) -> str:
    return f"""(partner_id = ANY ({args.add(list(partner_ids), "text[]")}) AND EXISTS (
        SELECT FROM shares AS s WHERE s.project_id = listed_campaigns.project_id
            AND s.campaign_id = listed_campaigns.id AND s.state = 'shared'))"""


def _of_text(column: str, operator: str, values: Sequence[Any], args: Arguments) -> str:
    if operator == "$has_value":
        return f"{column} IS NOT NULL"
    if operator == "$is_unknown":
        return f"{column} IS NULL"
    if operator in PATTERNS:
        patterns = [pattern(operator, str(value)) for value in values]
        found = f"{folded(column)} LIKE ANY ({args.add(patterns, 'text[]')})"
    else:
        found = f"{column} = ANY ({args.add([str(value) for value in values], 'text[]')})"
    negated = operator in {"$is_not", "$not_in", "$not_contain"}
    return f"NOT coalesce({found}, false)" if negated else found


def _of_order(column: str, operator: str, values: Sequence[Any], args: Arguments, kind: str) -> str:
    if operator == "$has_value":
        return f"{column} IS NOT NULL"
    if operator == "$is_unknown":
        return f"{column} IS NULL"
    return f"{column} {SIZES[operator]} {args.add(values[0], kind)}"


def _of_number(column: str, operator: str, values: Sequence[Any], args: Arguments) -> str:
    if operator in SIZES:
        return _of_order(column, operator, values, args, "bigint")
    found = f"{column} = ANY ({args.add(list(values), 'bigint[]')})"
    return f"NOT coalesce({found}, false)" if operator in {"$is_not", "$not_in"} else found


def _of_metadata(condition: Condition, args: Arguments) -> str:
    key = args.add(condition.field.name.removeprefix(METADATA), "text")
    column = f"(metadata ->> {key})"
    if condition.operator in SIZES:
        number = f"CASE WHEN jsonb_typeof(metadata -> {key}) = 'number' THEN {column}::numeric END"
        return _of_order(f"({number})", condition.operator, condition.values, args, "numeric")
    return _of_text(column, condition.operator, condition.values, args)


def by_index(condition: Condition, args: Arguments) -> list[str]:
    """Write of a condition on a code's metadata what an index finds; the condition stands beside.

    `5` is meant as text and as a number, as clients keep either.
    """
    if condition.field.kind != "metadata":
        return []
    name = condition.field.name.removeprefix(METADATA)
    if condition.operator == "$has_value":
        return [f"metadata ? {args.add(name, 'text')}"]
    if condition.operator not in {"$is", "$in"}:
        return []
    kept = [{name: each} for value in condition.values for each in _as_kept(str(value))]
    return ["(" + " OR ".join(f"metadata @> {args.add(each, 'jsonb')}" for each in kept) + ")"]


def _as_kept(value: str) -> list[Any]:
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return [value]
    if isinstance(read, int) and abs(read) > LARGEST_INTEGER:
        read = float(read)  # of larger numbers only these are kept
    return [value, read] if isinstance(read, bool | int | float) else [value]


def wanted_ranks(conditions: Sequence[Condition], *, also_in_bin: bool) -> frozenset[int]:
    """Return the ranks that conditions on status leave. Who names none does not mean the bin."""
    ranks, named = frozenset(RANK.values()), also_in_bin
    for each in conditions:
        values = matching(frozenset(RANK[value] for value in RANK if value in each.values))
        if each.operator in {"$is_not", "$not_in"}:
            ranks -= values
        else:
            named, ranks = True, ranks & values
    return ranks if named else ranks - {IN_BIN}
