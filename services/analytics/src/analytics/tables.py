"""The reporting tables as the inserts see them: names and column types, in the order of the rows.

Pure: `rows` fills them, `store` writes them, `migrations/` creates them, and a test holds the three
together. Text of few values is sent plain; the server makes it LowCardinality.
"""

from dataclasses import dataclass

INSTANT = "DateTime64(3, 'UTC')"


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the columns that an insert fills; the others have defaults."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    @property
    def column_types(self) -> tuple[str, ...]:
        return tuple(kind for _, kind in self.columns)


REDEMPTION_EVENTS = Table(
    "redemption_events",
    (
        ("event_id", "String"),
        ("redemption_id", "String"),
        ("project_id", "String"),
        ("partner_id", "String"),
        ("campaign_id", "String"),
        ("campaign_version", "UInt64"),
        ("channel", "String"),
        ("category_id", "String"),
        ("result", "String"),
        ("reason", "String"),
        ("hint", "String"),
        ("code", "String"),
        ("voucher_id", "String"),
        ("customer_id", "String"),
        ("customer_is_new", "UInt8"),
        ("order_id", "String"),
        ("order_minor", "Int64"),
        ("discount_minor", "Int64"),
        ("commission_minor", "Int64"),
        ("margin_basis_points", "UInt16"),
        ("currency", "String"),
        ("visit_id", "String"),
        ("occurred_at", INSTANT),
        ("decided_at", INSTANT),
        ("k_partition", "UInt16"),
        ("k_offset", "UInt64"),
    ),
)

VISITS = Table(
    "visits",
    (
        ("event_id", "String"),
        ("visit_id", "String"),
        ("project_id", "String"),
        ("partner_id", "String"),
        ("campaign_id", "String"),
        ("channel", "String"),
        ("customer_id", "String"),
        ("occurred_at", INSTANT),
        ("k_partition", "UInt16"),
        ("k_offset", "UInt64"),
    ),
)

CAMPAIGNS = Table(
    "campaigns",
    (
        ("project_id", "String"),
        ("campaign_id", "String"),
        ("version", "UInt64"),
        ("name", "String"),
        ("partner_id", "String"),
        ("partner_name", "String"),
        ("channel", "String"),
        ("category_id", "String"),
        ("category_name", "String"),
        ("active", "UInt8"),
        ("currency", "String"),
        ("starts_at", f"Nullable({INSTANT})"),
        ("ends_at", f"Nullable({INSTANT})"),
        ("margin_basis_points", "UInt16"),
        ("share_basis_points", "UInt16"),
        ("flat_minor", "Int64"),
        ("new_customer_bonus_minor", "Int64"),
        ("changed_at", INSTANT),
    ),
)

PROJECTS = Table(
    "projects",
    (
        ("project_id", "String"),
        ("version", "UInt64"),
        ("name", "String"),
        ("currency", "String"),
        ("time_zone", "String"),
        ("key_ids", "Array(String)"),
        ("key_digests", "Array(String)"),
        ("key_scopes", "Array(Array(String))"),
        ("changed_at", INSTANT),
    ),
)
