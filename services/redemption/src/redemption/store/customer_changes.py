"""What customers did and who they are, as it is written: in the order of the key."""

from collections.abc import Collection, Mapping
from typing import Final

from redemption.customers.purchases import Change
from redemption.model import CustomerKey
from redemption.store.columns import columns
from redemption.store.sums import LARGEST, kept
from servicekit.postgres.writing import Rows, Statement, Table

TABLE: Final = Table(
    "customers",
    (
        "project_id",
        "customer_id",
        "first_redemption_id",
        "paid_orders",
        "spent_minor",
        "first_paid_at",
        "first_order_id",
        "last_paid_at",
        "created_at",
        "seen_at",
        "source_id",
        "metadata",
        "said_at",
        "said_last",
        "revision",
    ),
)
# Of JSON as Postgres writes it: not the hundred properties, and not the bytes, that may be kept.
LITTLE_BYTES: Final = 800


def rows(changes: Mapping[CustomerKey, Change]) -> Rows:
    """Keep customers whom nobody knew, in the order of the key: by one who is known it fails."""
    return Rows(
        TABLE,
        [
            (
                *key,
                change.redemption_id,
                change.paid_orders,
                kept(change.spent_minor),
                change.first_paid_at,
                change.first_order_id,
                change.last_paid_at,
                change.seen_since,
                change.seen_at,
                change.source_id,
                change.properties and change.properties.values,
                change.properties and change.properties.said_at,
                change.properties and change.properties.said_last,
                1,
            )
            for key, change in sorted(changes.items())
        ],
    )


def add(changes: Mapping[CustomerKey, Change]) -> Statement:
    """Add to what customers did, in the order of the key.

    Raises SerializationError where one is in another revision than it was read in. Of who was not
    read what is said joins what is kept, where that is older and both are little; else it raises.
    """
    keys = sorted(changes)
    added = [changes[key] for key in keys]
    return Statement(
        f"""
        INSERT INTO customers (
            project_id, customer_id, first_redemption_id, paid_orders, spent_minor, first_paid_at,
            first_order_id, last_paid_at, created_at, seen_at, source_id, metadata, said_at,
            said_last, revision
        )
        SELECT p, c, r, n, s, f, o, l, b, a, i, m, t, tl, coalesce(v + 1, 1) FROM unnest(
            $1::text[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::timestamptz[],
            $7::text[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[],
            $12::jsonb[], $13::jsonb[], $14::bigint[], $15::bigint[]
        ) AS added (p, c, r, n, s, f, o, l, b, a, i, m, t, tl, v)
        ORDER BY p COLLATE "C", c COLLATE "C"
        ON CONFLICT (project_id, customer_id) DO UPDATE SET
            first_redemption_id =
                coalesce(customers.first_redemption_id, excluded.first_redemption_id),
            paid_orders = customers.paid_orders + excluded.paid_orders,
            spent_minor = greatest(
                0, least(customers.spent_minor::numeric + excluded.spent_minor, {LARGEST})
            ),
            first_order_id = CASE
                WHEN excluded.first_paid_at < customers.first_paid_at
                    OR customers.first_paid_at IS NULL THEN excluded.first_order_id
                ELSE customers.first_order_id END,
            first_paid_at = least(customers.first_paid_at, excluded.first_paid_at),
            last_paid_at = greatest(customers.last_paid_at, excluded.last_paid_at),
            seen_at = greatest(customers.seen_at, excluded.seen_at),
            source_id = coalesce(excluded.source_id, customers.source_id),
            metadata = CASE
                WHEN excluded.metadata IS NULL THEN customers.metadata
                WHEN excluded.revision > 1 OR customers.metadata IS NULL THEN excluded.metadata
                WHEN customers.said_last <= excluded.said_last
                    AND octet_length(customers.metadata::text)
                        + octet_length(excluded.metadata::text) <= {LITTLE_BYTES}
                    THEN customers.metadata || excluded.metadata
                ELSE to_jsonb(was_changed('customer', customers.customer_id)) END,
            said_at = CASE
                WHEN excluded.said_at IS NULL THEN customers.said_at
                WHEN excluded.revision > 1 OR customers.metadata IS NULL THEN excluded.said_at
                ELSE customers.said_at || excluded.said_at END,
            said_last = greatest(customers.said_last, excluded.said_last),
            created_at = least(customers.created_at, excluded.created_at),
            revision = CASE WHEN excluded.revision = 1 THEN customers.revision + 1
                WHEN customers.revision = excluded.revision - 1 THEN excluded.revision
                ELSE was_changed('customer', customers.customer_id) END
        """,  # noqa: S608 - our own numbers
        (
            *columns(keys, 2),
            [each.redemption_id for each in added],
            [each.paid_orders for each in added],
            [kept(each.spent_minor) for each in added],
            [each.first_paid_at for each in added],
            [each.first_order_id for each in added],
            [each.last_paid_at for each in added],
            [each.seen_since for each in added],
            [each.seen_at for each in added],
            [each.source_id for each in added],
            [each.properties and each.properties.values for each in added],
            [each.properties and each.properties.said_at for each in added],
            [each.properties and each.properties.said_last for each in added],
            [each.as_read for each in added],
        ),
    )


def put_profiles(changes: Mapping[CustomerKey, Change]) -> Statement | None:
    """Keep the newest that was said of who customers are; None where nothing was."""
    told = {key: each for key, each in sorted(changes.items()) if each.name or each.email}
    if not told:
        return None
    return Statement(
        """
        INSERT INTO customer_profiles (project_id, customer_id, name, named_at, email, email_at)
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[]
        ) AS told (p, c, n, na, e, ea)
        ORDER BY p COLLATE "C", c COLLATE "C"
        ON CONFLICT (project_id, customer_id) DO UPDATE SET
            name = CASE
                WHEN excluded.named_at >= coalesce(customer_profiles.named_at, '-infinity')
                    THEN excluded.name
                ELSE customer_profiles.name END,
            named_at = greatest(customer_profiles.named_at, excluded.named_at),
            email = CASE
                WHEN excluded.email_at >= coalesce(customer_profiles.email_at, '-infinity')
                    THEN excluded.email
                ELSE customer_profiles.email END,
            email_at = greatest(customer_profiles.email_at, excluded.email_at)
        """,
        (
            *columns(told, 2),
            [each.name for each in told.values()],
            [each.named_at for each in told.values()],
            [each.email for each in told.values()],
            [each.email_at for each in told.values()],
        ),
    )


def find_ends(customers: Collection[CustomerKey]) -> Statement:
    """Find anew which order customers paid first and when they paid the last one.

    Behind their locks. `project_id || ''` is in no index, so that of their customers is taken.
    """
    return Statement(
        """
        UPDATE customers SET first_paid_at = earliest.paid_at, first_order_id = earliest.order_id,
            last_paid_at = latest.paid_at
        FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        CROSS JOIN LATERAL (
            SELECT ctid FROM customers WHERE project_id = p AND customer_id = c OFFSET 0
        ) AS found
        LEFT JOIN LATERAL (
            SELECT paid_at, order_id FROM orders
            WHERE project_id || '' = p AND customer_id = c AND status IN ('PAID', 'FULFILLED')
            ORDER BY paid_at, order_id LIMIT 1
        ) AS earliest ON true
        LEFT JOIN LATERAL (
            SELECT paid_at FROM orders
            WHERE project_id || '' = p AND customer_id = c AND status IN ('PAID', 'FULFILLED')
            ORDER BY paid_at DESC LIMIT 1
        ) AS latest ON true
        WHERE customers.ctid = found.ctid
        """,
        columns(customers, 2),
    )
