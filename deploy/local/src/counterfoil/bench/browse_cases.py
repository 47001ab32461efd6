"""What `bench browse` asks: every order, every filter, and what stands beside each, by hand.

A case is a list's query string, and the same as one would write it in psql: which rows and which
order. `{name}` is one of the samples, another in each request.
"""

from typing import NamedTuple


class Case(NamedTuple):
    """One list: its name, its query string, and by hand a condition and an order."""

    name: str
    query: str
    where: str = "c.deleted_at IS NULL AND v.deleted_at IS NULL"
    order: str = "v.created_at DESC, v.id DESC"


THERE = "c.deleted_at IS NULL AND v.deleted_at IS NULL"
RUNNING = """c.active AND p.active AND (c.starts_at IS NULL OR c.starts_at <= now())
    AND (c.ends_at IS NULL OR c.ends_at > now())
    AND coalesce(u.uses < (c.terms -> 'limits' ->> 'total')::bigint, true)"""
USABLE = "v.active AND (v.quantity IS NULL OR v.redeemed_quantity < v.quantity)"
LIVE = f"{THERE} AND {RUNNING} AND {USABLE}"

ORDERS = (
    Case("newest", ""),
    Case("oldest", "order=created_at", order="v.created_at, v.id"),
    Case("changed last", "order=-updated_at", order="coalesce(v.updated_at, v.created_at) DESC"),
    Case("changed first", "order=updated_at", order="coalesce(v.updated_at, v.created_at)"),
    Case("by code", "order=code", order="lower(v.code), v.id"),
    Case("by code, down", "order=-code", order="lower(v.code) DESC, v.id DESC"),
    Case("most redeemed", "order=-redemptions", order="v.redeemed_quantity DESC, v.id DESC"),
    Case("least redeemed", "order=redemptions", order="v.redeemed_quantity, v.id"),
    Case("by campaign", "order=campaign", order="lower(c.name), c.id, v.created_at"),
    Case("by partner, down", "order=-partner", order="lower(p.name) DESC, c.id DESC"),
    Case("by channel", "order=channel", order="lower(c.channel), c.id, v.created_at"),
    Case("by category", "order=category", order="c.category_id, c.id, v.created_at"),
    Case("by discount", "order=discount_type", order="c.terms -> 'discount' ->> 'type', c.id"),
    Case("by start", "order=start_date", order="c.starts_at, c.id, v.created_at"),
    Case("by end, down", "order=-expiration_date", order="c.ends_at DESC, c.id DESC"),
    Case("by status", "order=status", order="v.active, v.created_at"),
    Case("by status, down", "order=-status", order="v.active DESC, v.created_at DESC"),
)
FILTERS = (
    Case("live", "status=live", LIVE),
    Case("live, oldest", "status=live&order=created_at", LIVE, "v.created_at, v.id"),
    Case("live, most redeemed", "status=live&order=-redemptions", LIVE, "v.redeemed_quantity DESC"),
    Case("live, by code", "status=live&order=code", LIVE, "lower(v.code), v.id"),
    Case("used up", "status=used_up", f"{THERE} AND {RUNNING} AND NOT ({USABLE})"),
    Case(
        "used up, oldest",
        "status=used_up&order=created_at",
        f"{THERE} AND {RUNNING} AND NOT ({USABLE})",
        "v.created_at, v.id",
    ),
    Case("expired", "status=expired", f"{THERE} AND c.active AND v.active AND c.ends_at <= now()"),
    Case("scheduled", "status=scheduled", f"{THERE} AND c.active AND c.starts_at > now()"),
    Case("disabled", "status=disabled", f"{THERE} AND NOT (v.active AND c.active AND p.active)"),
    Case(
        "disabled, changed last",
        "status=disabled&order=-updated_at",
        f"{THERE} AND NOT (v.active AND c.active AND p.active)",
        "coalesce(v.updated_at, v.created_at) DESC",
    ),
    Case("in the bin", "status=in_bin", "v.deleted_at IS NOT NULL OR c.deleted_at IS NOT NULL"),
    Case("a campaign", "campaign_id={campaign}", f"{THERE} AND c.id = '{{campaign}}'"),
    Case("the huge campaign", "campaign_id={huge}", f"{THERE} AND c.id = '{{huge}}'"),
    Case(
        "the huge one, live, by code",
        "campaign_id={huge}&status=live&order=code",
        f"{LIVE} AND c.id = '{{huge}}'",
        "lower(v.code), v.id",
    ),
    Case(
        "the huge one, disabled",
        "campaign_id={huge}&status=disabled",
        f"{THERE} AND c.id = '{{huge}}' AND NOT v.active",
    ),
    Case("a partner", "partner_id={partner}", f"{THERE} AND c.partner_id = '{{partner}}'"),
    Case("the rare partner", "partner_id={rare}", f"{THERE} AND c.partner_id = '{{rare}}'"),
    Case(
        "a partner, live, oldest",
        "partner_id={partner}&status=live&order=created_at",
        f"{LIVE} AND c.partner_id = '{{partner}}'",
        "v.created_at, v.id",
    ),
    Case("a channel", "channel=radio", f"{THERE} AND c.channel = 'radio'"),
    Case("a category", "category=Category 7", f"{THERE} AND c.category_id LIKE 'cat_%07'"),
    Case(
        "a discount type",
        "discount_type=AMOUNT",
        f"{THERE} AND c.terms -> 'discount' ->> 'type' = 'AMOUNT'",
    ),
    Case(
        "starts since",
        "start_date[after]={day}",
        f"{THERE} AND c.starts_at > '{{day}}'",
    ),
    Case(
        "made since, by code",
        "created_at[after]={day}&order=code",
        f"{THERE} AND v.created_at > '{{day}}'",
        "lower(v.code), v.id",
    ),
    Case(
        "made before, by use",
        "created_at[before]={day}&order=-redemptions",
        f"{THERE} AND v.created_at < '{{day}}'",
        "v.redeemed_quantity DESC, v.id DESC",
    ),
    Case(
        "redeemed 50 times",
        "filters[redemptions][conditions][$more_than]=50",
        f"{THERE} AND v.redeemed_quantity > 50",
    ),
    Case(
        "never redeemed, by code",
        "filters[redemptions][conditions][$is]=0&order=code",
        f"{THERE} AND v.redeemed_quantity = 0",
        "lower(v.code), v.id",
    ),
    Case(
        "metadata, half of all",
        "filters[metadata.source][conditions][$is]=web",
        f"{THERE} AND v.metadata ->> 'source' = 'web'",
    ),
    Case(
        "metadata, a lot",
        "filters[metadata.lot][conditions][$is]={lot}",
        f"{THERE} AND v.metadata ->> 'lot' = '{{lot}}'",
    ),
    Case(
        "metadata, one code",
        "filters[metadata.order][conditions][$is]={order}",
        f"{THERE} AND v.metadata ->> 'order' = '{{order}}'",
    ),
    Case(
        "metadata, rare",
        "filters[metadata.vip][conditions][$has_value]=&order=created_at",
        f"{THERE} AND v.metadata ? 'vip'",
        "v.created_at, v.id",
    ),
    Case("a beginning", "search={two}", f"{THERE} AND lower(v.code) LIKE '{{two}}%'"),
    Case("a common beginning", "search=BLOG-", f"{THERE} AND lower(v.code) LIKE 'blog-%'"),
    Case(
        "a part, three letters", "search={three}", f"{THERE} AND lower(v.code) LIKE '%{{three}}%'"
    ),
    Case("a part, of five", "search={five}", f"{THERE} AND lower(v.code) LIKE '%{{five}}%'"),
    Case(
        "a part, live, oldest",
        "search={four}&status=live&order=created_at",
        f"{LIVE} AND lower(v.code) LIKE '%{{four}}%'",
        "v.created_at, v.id",
    ),
    Case("a code", "code={code}", f"{THERE} AND v.code = '{{code}}'"),
)
CAMPAIGNS = (
    ("campaigns, newest", ""),
    ("campaigns, by name", "order=name"),
    ("campaigns, most redeemed", "order=-redemptions"),
    ("campaigns, live by partner", "status=live&order=partner"),
    ("campaigns, used up", "status=used_up"),
    ("campaigns, a part of a name", "search=of 3"),
    ("campaigns, metadata", "filters[metadata.team][conditions][$is]=north"),
)
