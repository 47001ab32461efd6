"""What a list of codes means, and how SQL says it. Pure: each statement takes what it needs.

`voucher_listing` has what changes often, as lists are sorted by it; `vouchers` what changes seldom.
A key is what a row is sorted by and its id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from campaigns.listing import conditions
from campaigns.listing.conditions import SIZES, Arguments, folded, lowered
from campaigns.listing.cursors import Key
from campaigns.listing.filters import Condition
from campaigns.listing.selection import Selection
from campaigns.listing.values import SHORTEST_PART

COUNTED: Final = 10_000  # exactly; beyond it a total is an estimate, unless it is kept
OWN_STATE: Final = """(CASE WHEN deleted_at IS NOT NULL THEN 1 WHEN NOT active THEN 3
    WHEN ends_at <= now() THEN 5 WHEN redeemed_quantity >= quantity THEN 6 ELSE 7 END)"""
LISTED: Final = (
    "code",
    "created_at",
    "redeemed_quantity",
    "active",
    "id",
)  # what voucher_listing knows


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key of codes: whose index has it, its column there, its type."""

    table: Literal["voucher_listing", "vouchers"]
    column: str
    kind: str
    per_campaign: bool = True  # an index begins with the campaign, too
    in_both: bool = False  # the other table has the same, for ever


SORTS: Final[Mapping[str, Sort]] = {
    "created_at": Sort("voucher_listing", "created_at", "timestamptz", in_both=True),
    "redemptions": Sort("voucher_listing", "redeemed_quantity", "bigint"),
    "code": Sort("vouchers", folded("code"), "text", per_campaign=False),
    "updated_at": Sort("vouchers", "coalesce(updated_at, created_at)", "timestamptz"),
}


def by_metadata(name: str) -> Sort:
    """Return the order by a value, as text; what has none comes first."""
    literal = "'" + name.replace("'", "''") + "'"  # a key as it is; no statement takes it otherwise
    column = f"coalesce(metadata ->> {literal}, '') COLLATE \"C\""
    return Sort("vouchers", f"({column})", "text", per_campaign=False)


class Row(NamedTuple):
    """What a statement returns of a code: its key."""

    key: Any
    id: str
    passed: int = 0  # rows up to this one, of whatever is meant or not


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of codes means: whose, which, and what their campaigns decide."""

    project_id: str
    conditions: tuple[Condition, ...]  # on codes themselves
    search: str | None
    selection: Selection

    @property
    def is_plain(self) -> bool:
        """Whether campaigns and states alone decide: then how many there are is kept."""
        return not self.conditions and self.search is None

    @property
    def looks_at_vouchers(self) -> bool:
        """Whether a row of `voucher_listing` does not suffice to tell if it is meant."""
        return any(c.field.sql not in LISTED for c in self.conditions)

    @property
    def is_of_three_letters(self) -> bool:
        """Whether a part is looked for that so many codes have that a walk soon meets some."""
        return self.search is not None and len(self.search) == SHORTEST_PART

    @property
    def names_codes(self) -> bool:
        return any(
            c.field.name == "ids" or (c.field.name == "code" and c.operator in {"$is", "$in"})
            for c in self.conditions
        )


def id_of(sort: Sort) -> str:
    return "voucher_id" if sort.table == "voucher_listing" else "id"


def columns(table: str, *, narrow: bool = False) -> str:
    """Name what statements know of a row; `narrow`: what an index alone has."""
    if table == "voucher_listing":
        known = "project_id, voucher_id AS id, campaign_id, state"
        return known if narrow else f"{known}, code, created_at, redeemed_quantity, active"
    return f"""project_id, id, campaign_id, {OWN_STATE} AS state, created_at, redeemed_quantity,
        active, code, metadata, updated_at"""


def bounds_of(
    asked: Asked, sort: Sort, descending: bool, after: Key | None, args: Arguments
) -> str:
    """Write where in an index to begin and to end."""
    bounds = []
    if after is not None:
        key, row_id = args.add(after[0], sort.kind), args.add(after[1], "text")
        which = "<" if descending else ">"
        bounds.append(f"({sort.column}, {id_of(sort)}) {which} ({key}, {row_id})")
    bounds.extend(
        conditions.sql(each, args)
        for each in asked.conditions
        if each.field.sql == sort.column and each.operator in SIZES
    )
    beginning = _beginning(asked)
    if beginning is not None and sort.column == folded("code"):
        bounds.append(f"{sort.column} LIKE {args.add(beginning, 'text')}")
    return "".join(f" AND {bound}" for bound in bounds)


def beyond_key(sort: Sort, descending: bool, after: Key | None, args: Arguments) -> str:
    if after is None:
        return "true"
    which = "<" if descending else ">"
    return f"(key, id) {which} ({args.add(after[0], sort.kind)}, {args.add(after[1], 'text')})"


def meant_sql(asked: Asked, args: Arguments, table: str) -> str:
    """Write what is meant of the rows of a table, columns by their own names."""
    meant = [asked.selection.sql(args)]
    here = list[str]()
    elsewhere = list[str]()
    for each in asked.conditions:
        known = table == "vouchers" or each.field.sql in LISTED
        (here if known else elsewhere).append(conditions.sql(each, args))
    if asked.search is not None:
        here.append(_searched(asked.search, args))
    meant += here
    if elsewhere:  # of each row that is left, by its key: no plan shall turn that around
        meant.append(
            f"""(SELECT {" AND ".join(elsewhere)} FROM vouchers AS v
            WHERE v.project_id = candidate.project_id AND v.id = candidate.id OFFSET 0)"""  # noqa: S608
        )
    return " AND ".join(meant)


def all_meant(asked: Asked, sort: Sort | None, args: Arguments) -> str:
    """Write all that is meant with its sort key, in no order, by the table that finds it."""
    by_voucher = asked.search is not None or any(
        c.field.sql not in LISTED or c.field.name in {"ids", "code"} for c in asked.conditions
    )
    table: Literal["voucher_listing", "vouchers"] = "vouchers" if by_voucher else "voucher_listing"
    if sort is None:
        key = "NULL"
    elif sort.table == table or sort.in_both:
        key = sort.column
    else:
        other = "voucher_id" if sort.table == "voucher_listing" else "id"
        key = f"""(SELECT {sort.column} FROM {sort.table} AS o
            WHERE o.project_id = candidate.project_id AND o.{other} = candidate.id)"""  # noqa: S608
    source = f"({_source(asked, table, args)}) AS candidate"
    meant = [meant_sql(asked, args, table)]
    if table == "vouchers":
        meant += [found for each in asked.conditions for found in conditions.by_index(each, args)]
        meant += _by_parts(asked, args)
    return f"""
        SELECT candidate.id, candidate.campaign_id, {key} AS key FROM {source}
        WHERE {" AND ".join(meant)}
    """  # noqa: S608


def _source(asked: Asked, table: Literal["voucher_listing", "vouchers"], args: Arguments) -> str:
    """Write all rows; where those are meant that are shared, few more than these."""
    rows = f"SELECT {columns(table)} FROM {table} WHERE project_id = $1"  # noqa: S608
    shared = next((c for c in asked.conditions if c.field.kind == "shared"), None)
    if shared is None:
        return rows
    partner_ids = args.add(list(shared.values), "text[]")
    whole = f"""SELECT campaign_id FROM shares WHERE project_id = $1 AND kind = 'campaign'
        AND state = 'shared' AND partner_id = ANY ({partner_ids})"""  # noqa: S608
    given = f"""SELECT s.voucher_id FROM shares
        JOIN shared_codes AS s ON s.project_id = shares.project_id AND s.share_id = shares.id
        WHERE shares.project_id = $1 AND shares.partner_id = ANY ({partner_ids})
            AND shares.state = 'shared' AND s.campaign_id <> ALL (ARRAY({whole}))"""  # noqa: S608
    row_id = "voucher_id" if table == "voucher_listing" else "id"
    return f"""{rows} AND campaign_id = ANY (ARRAY({whole}))
        UNION ALL {rows} AND {row_id} = ANY (ARRAY({given}))"""


def _beginning(asked: Asked) -> str | None:
    """Return the pattern of a beginning that every code meant has, if one is asked for."""
    if asked.search is not None and len(asked.search) < SHORTEST_PART:
        return conditions.pattern("$starts_with", asked.search)
    for each in asked.conditions:
        if each.operator == "$starts_with" and each.field.kind == "code" and len(each.values) == 1:
            return conditions.pattern("$starts_with", str(each.values[0]))
    return None


def _searched(search: str, args: Arguments) -> str:
    operator = "$contains" if len(search) >= SHORTEST_PART else "$starts_with"
    pattern = args.add(conditions.pattern(operator, search), "text")
    return f"{folded('code')} LIKE {pattern}"


def _by_parts(asked: Asked, args: Arguments) -> list[str]:
    """Write what an index finds parts of codes by: letters in threes. The parts stand beside."""
    parts = [
        str(each.values[0])
        for each in asked.conditions
        if each.field.kind == "code" and each.operator == "$contains" and len(each.values) == 1
    ]
    if asked.search is not None and len(asked.search) >= SHORTEST_PART:
        parts.append(asked.search)
    return [_threes(asked.project_id, part, args) for part in parts]


def _threes(project_id: str, part: str, args: Arguments) -> str:
    small = lowered(part)
    threes = {project_id + small[n : n + 3] for n in range(len(small) - 2)}
    return f"code_parts(project_id, code) @> {args.add(sorted(threes), 'text[]')}"
