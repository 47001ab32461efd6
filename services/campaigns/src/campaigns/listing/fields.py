"""What lists of campaigns and codes are filtered and sorted by: the place for another.

A field names its kind (which says what operators there are) and what SQL calls it: of a campaign a
column of the view `listed_campaigns`, of a code a column of `vouchers` (v). A code's list knows its
campaign's fields too. Pure.
"""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "text", "id", "status", "code", "date", "number", "metadata", "flag", "active", "shared"
]
Level = Literal["campaign", "voucher"]

_EQUAL: Final = ("$is", "$is_not", "$in", "$not_in")
_TEXT: Final = (*_EQUAL, "$contains", "$not_contain", "$starts_with", "$ends_with")
_THERE: Final = ("$has_value", "$is_unknown")
_SIZES: Final = ("$more_than", "$less_than", "$more_than_equal", "$less_than_equal")
OPERATORS: Final[dict[Kind, tuple[str, ...]]] = {
    "text": _TEXT,
    "id": _EQUAL,
    "status": _EQUAL,
    "code": ("$is", "$in", "$starts_with", "$contains"),
    "date": ("$after", "$before", *_THERE),
    "number": (*_EQUAL, *_SIZES),
    "metadata": (*_TEXT, *_SIZES, *_THERE),
    "flag": ("$is",),
    "active": ("$enabled", "$disabled", "$active", "$expired"),
    "shared": ("$is", "$in"),
}
METADATA: Final = "metadata."


@dataclass(frozen=True, slots=True)
class Field:
    """Something to filter by. `values`: nothing else is known. `plain`: also without brackets."""

    name: str
    kind: Kind
    level: Level
    sql: str
    values: tuple[str, ...] = ()
    nullable: bool = False
    plain: bool = True

    @property
    def operators(self) -> tuple[str, ...]:
        more = _THERE if self.nullable and self.kind != "date" else ()
        return OPERATORS[self.kind] + more


@dataclass(frozen=True, slots=True)
class Fields:
    """What a list knows: its fields, other names of theirs, and what it is sorted by."""

    level: Level
    fields: dict[str, Field]
    aliases: dict[str, str]
    orders: tuple[str, ...]
    metadata: tuple[str, ...]  # operators

    def find(self, name: str) -> Field | None:
        if name.startswith(METADATA) and len(name) > len(METADATA):
            return Field(name, "metadata", self.level, "metadata", plain=False)
        return self.fields.get(self.aliases.get(name, name))

    def plain(self) -> list[str]:
        """Name what may be asked for without brackets."""
        kinds = {"date", "number"}
        return [f.name for f in self.fields.values() if f.plain and f.kind not in kinds]

    def dates(self) -> list[str]:
        return [field.name for field in self.fields.values() if field.kind == "date"]

    def operators_by_name(self) -> dict[str, tuple[str, ...]]:
        """Return what each field takes within brackets, by all of its names."""
        known = {name: field.operators for name, field in self.fields.items()}
        return known | {alias: known[name] for alias, name in self.aliases.items()}

    def sorts_by(self, key: str) -> bool:
        return key in self.orders or (key.startswith(METADATA) and len(key) > len(METADATA))


# What a campaign has to be for its codes to be shared with a partner.
SHARED_DEAL: Final = Field("shared_with", "shared", "campaign", "id")


def _named(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


TYPES: Final = ("AMOUNT", "PERCENT", "FIXED", "UNIT")


def _of_campaigns(level: Level) -> tuple[Field, ...]:
    return (
        Field("discount_type", "id", "campaign", "discount_type", TYPES),
        Field("category", "text", "campaign", "category", nullable=True),
        Field("category_id", "id", "campaign", "category_id", nullable=True),
        Field("partner", "text", "campaign", "partner"),
        Field("partner_id", "id", "campaign", "partner_id"),
        Field("channel", "text", "campaign", "channel"),
        Field("start_date", "date", "campaign", "starts_at", nullable=True),
        Field("expiration_date", "date", "campaign", "ends_at", nullable=True),
        Field("standalone", "flag", "campaign", "standalone"),
        Field("status", "status", level, "status"),
        Field("active", "active", level, "active"),
    )


_ALIASES: Final = {
    "categories": "category",
    "category_ids": "category_id",
    "created_date": "created_at",
    "redemption.redeemed_quantity": "redemptions",
}

CAMPAIGNS: Final = Fields(
    "campaign",
    _named(
        *_of_campaigns("campaign"),
        Field("id", "id", "campaign", "id"),
        Field("name", "text", "campaign", "name"),
        Field("type", "id", "campaign", "type", ("AUTO_UPDATE", "STATIC", "STANDALONE")),
        Field("campaign_type", "id", "campaign", "'DISCOUNT_COUPONS'::text", ("DISCOUNT_COUPONS",)),
        Field("created_at", "date", "campaign", "created_at"),
        Field("updated_at", "date", "campaign", "changed_at"),
        Field("redemptions", "number", "campaign", "redemptions"),
        Field("vouchers_count", "number", "campaign", "vouchers_count"),
    ),
    {**_ALIASES, "campaigns": "name", "campaigns_id": "id"},
    (
        "created_at",
        "updated_at",
        "name",
        "status",
        "discount_type",
        "category",
        "partner",
        "channel",
        "start_date",
        "expiration_date",
        "redemptions",
        "vouchers_count",
    ),
    OPERATORS["metadata"],
)

VOUCHERS: Final = Fields(
    "voucher",
    _named(
        *_of_campaigns("voucher"),
        Field("campaign", "text", "campaign", "name"),
        Field("campaign_id", "id", "campaign", "id"),
        Field("code", "code", "voucher", "code"),
        Field("ids", "id", "voucher", "id"),
        Field("shared_with", "shared", "voucher", "id"),
        Field("type", "id", "voucher", "'DISCOUNT_VOUCHER'::text", ("DISCOUNT_VOUCHER",)),
        Field("created_at", "date", "voucher", "created_at"),
        Field("updated_at", "date", "voucher", "coalesce(updated_at, created_at)"),
        Field("redemptions", "number", "voucher", "redeemed_quantity"),
    ),
    _ALIASES,
    (
        "created_at",
        "updated_at",
        "code",
        "redemptions",
        "campaign",
        "status",
        "discount_type",
        "category",
        "partner",
        "channel",
        "start_date",
        "expiration_date",
    ),
    (*_EQUAL, *_THERE),
)
