"""What was redeemed and is to be given back, what was given back of it, and what is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from redemption.ledger.criteria import ROLLED_BACK
from redemption.outcomes import Line
from redemption.returns import ORDERS, GivenBack, Original, Part, Rollback
from redemption.store.definitions import plan
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Rows, Table

TABLE: Final = Table(
    "ledger",
    (
        "id",
        "request_key",
        "parent_id",
        "project_id",
        "campaign_id",
        "campaign_version",
        "code",
        "customer_id",
        "order_id",
        "kind",
        "reason",
        "campaign_name",
        "order_minor",
        "discount_minor",
        "currency",
        "claims",
        "lines",
        "tracking_id",
        "metadata",
        "caller",
        "at",
        "decided_at",
        "redeemed_at",
        "is_whole",
        "gives_use",
        "gives_budget",
        "rollback_reason",
    ),
)

QUANTITY: Final = 2  # where a line has its own
DECODED: Final = {"commission_plan", "lines", "segment_ids"}

# (project, id) pairs; an id is that of an entry, or the key of a request of several codes.
Ids = Collection[tuple[str, UUID]]


async def originals(conn: Connection, ids: Ids) -> dict[tuple[str, UUID], list[Original]]:
    """Return what was redeemed under these ids, in the order of the codes."""
    rows = await conn.fetch(
        """
        SELECT asked.i AS asked_id, entry.*, v.voucher_id, kept.partner_id, kept.channel,
            kept.category_id, kept.commission_plan, kept.margin_basis_points,
            CASE WHEN entry.codes = 1 THEN 1 ELSE (
                SELECT count(*)::int
                FROM generate_series(1, length(entry.entries), 16) AS p
                CROSS JOIN LATERAL (
                    SELECT kind FROM ledger
                    WHERE id = encode(substr(entry.entries, p, 16), 'hex')::uuid OFFSET 0
                ) AS o WHERE o.kind = 'redeemed'
            ) END AS redeemed
        FROM unnest($1::text[], $2::uuid[]) AS asked (p, i)
        CROSS JOIN LATERAL (
            SELECT l.*, r.entries, length(r.entries) / 16 AS codes, 0 AS place
            FROM (SELECT * FROM ledger WHERE id = asked.i OFFSET 0) AS l
            CROSS JOIN LATERAL (
                SELECT entries FROM requests WHERE key = l.request_key OFFSET 0
            ) AS r
            WHERE l.project_id = asked.p
            UNION ALL
            SELECT l.*, r.entries, length(r.entries) / 16, place
            FROM (
                SELECT entries, project_id FROM requests WHERE key = uuid_send(asked.i) OFFSET 0
            ) AS r
            CROSS JOIN LATERAL generate_series(1, length(r.entries), 16) AS place
            CROSS JOIN LATERAL (
                SELECT * FROM ledger
                WHERE id = encode(substr(r.entries, place, 16), 'hex')::uuid OFFSET 0
            ) AS l
            WHERE r.project_id = asked.p AND length(r.entries) > 16
        ) AS entry
        CROSS JOIN LATERAL (
            SELECT * FROM campaign_versions
            WHERE project_id = entry.project_id AND campaign_id = entry.campaign_id
                AND version = entry.campaign_version OFFSET 0
        ) AS kept
        CROSS JOIN LATERAL (
            SELECT voucher_id FROM vouchers
            WHERE project_id = entry.project_id AND code = entry.code OFFSET 0
        ) AS v
        WHERE entry.kind = 'redeemed'
        ORDER BY asked.p, asked.i, entry.place
        """,
        [project_id for project_id, _ in ids],
        [id_ for _, id_ in ids],
    )
    found: dict[tuple[str, UUID], list[Original]] = {}
    for row in rows:
        found.setdefault((row["project_id"], row["asked_id"]), []).append(
            Original(
                **{name: row[name] for name in Original._fields if name not in DECODED},
                commission_plan=msgspec.convert(row["commission_plan"], plan),
                lines=tuple([Line(*each) for each in row["lines"] or ()]),
                segment_ids=tuple(row["segment_ids"] or ()),
            )
        )
    return found


async def given_back(conn: Connection, ids: Collection[UUID]) -> dict[UUID, GivenBack]:
    """Return what was given back of redemptions; read behind their campaigns' locks it is all."""
    rows = await conn.fetch(
        """
        SELECT asked.i AS id, given.* FROM unnest($1::uuid[]) AS asked (i)
        CROSS JOIN LATERAL (
            SELECT count(*) AS times, -sum(coalesce(order_minor, 0))::bigint AS order_minor,
                -sum(discount_minor)::bigint AS discount_minor, bool_or(is_whole) AS whole,
                json_agg(lines) AS lines,
                -sum(coalesce(order_minor, 0)) FILTER (WHERE caller = $2)::bigint AS by_orders,
                -sum(discount_minor) FILTER (WHERE caller = $2)::bigint AS discount_by_orders
            FROM ledger WHERE parent_id = asked.i
        ) AS given
        WHERE given.times > 0
        """,
        list(ids),
        ORDERS,
    )
    return {
        row["id"]: GivenBack(
            row["order_minor"],
            row["discount_minor"],
            row["whole"],
            _units(row["lines"]),
            row["by_orders"] or 0,
            row["discount_by_orders"] or 0,
        )
        for row in rows
    }


def _units(steps: Sequence[Sequence[Sequence[Any]] | None]) -> tuple[int, ...] | None:
    """Add up the units of each line, where all steps named lines."""
    named = [[-line[QUANTITY] for line in step] for step in steps if step is not None]
    if len(named) < len(steps):
        return None
    return tuple(map(sum, zip(*named, strict=True)))


def rows(returned: Sequence[tuple[Rollback, Part]], decided_at: datetime) -> Rows:
    """Keep what was given back: entries of negative amounts."""
    return Rows(TABLE, [_row(request, part, decided_at) for request, part in returned])


def _row(request: Rollback, part: Part, decided_at: datetime) -> tuple[Any, ...]:
    original = part.original
    return (
        part.id,
        request.key,
        original.id,
        original.project_id,
        original.campaign_id,
        original.campaign_version,
        original.code,
        original.customer_id,
        original.order_id,
        ROLLED_BACK,
        ROLLED_BACK,
        original.campaign_name,
        None if original.order_minor is None else -part.order_minor,
        -part.discount_minor,
        original.currency,
        [(c.kind, c.subject, -amount) for c, amount in part.counted.items()] or None,
        [(*line[:2], *(-each for each in line[2:5])) for line in part.lines] or None,
        request.tracking_id,
        request.metadata or None,
        request.caller,
        request.at,
        decided_at,
        original.at,
        part.whole,
        part.gives_use,
        part.gives_budget,
        request.reason,
    )
