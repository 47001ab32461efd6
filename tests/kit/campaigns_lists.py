"""Campaigns and codes of every kind, in a store and in Python: what lists are held against."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from campaigns import status
from campaigns.campaigns import store as campaigns
from campaigns.categories import store as categories
from campaigns.listing import counting
from campaigns.listing.conditions import lowered
from campaigns.model import CodeTemplate
from campaigns.partners import store as partners
from campaigns.projects import store as projects
from campaigns.status import CampaignFacts, VoucherFacts
from campaigns.vouchers import counts
from campaigns.vouchers.counts import UseCount
from contracts.discounts import AmountOff, PercentOff
from contracts.guesses import GuessLimits
from contracts.terms import Limits, Terms
from contracts.validity import Validity
from kit.campaigns_samples import NOON, a_definition
from servicekit.postgres.pool import transaction

PROJECT = "proj_lists"
LONG_AGO, ONE_DAY = datetime(2025, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
DAYS = [NOON + timedelta(days=days) for days in (-9, -5, -1, 1, 5, 9)]


@dataclass(frozen=True)
class Deal:
    """A campaign as lists see it."""

    id: str
    name: str
    partner: str
    channel: str
    category: str | None
    discount_type: str
    start_date: datetime | None
    expiration_date: datetime | None
    standalone: bool
    rank: int
    metadata: dict[str, Any]
    created_at: datetime
    redemptions: int
    vouchers_count: int


@dataclass(frozen=True)
class Code:
    """A code as lists see it, with its campaign."""

    id: str
    code: str
    deal: Deal
    rank: int
    active: bool
    redemptions: int
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, Any]
    shared_with: str | None


class Stock:
    """All of a project; no dataclass, because hypothesis would print them whole."""

    def __init__(self, deals: Sequence[Deal], codes: Sequence[Code]) -> None:
        self.deals, self.codes = deals, codes


async def store_stock(pool: asyncpg.Pool, chance: random.Random, deals: int, codes: int) -> Stock:
    """Store a project with so many campaigns and codes, and return them."""
    async with transaction(pool) as conn:
        await projects.add(
            conn,
            PROJECT,
            "shop",
            "EUR",
            "UTC",
            case_sensitive_codes=True,
            guess_limits=GuessLimits(),
        )
        for n in range(3):
            await partners.add(conn, PROJECT, f"part_{n}", f"Partner {n}")
            await categories.add(conn, PROJECT, f"cat_{n}", f"Category {n}", n)
        await conn.execute("UPDATE partners SET active = false WHERE id = 'part_2'")
    made = [await _store_deal(pool, chance, n) for n in range(deals)]
    facts = [await _store_code(pool, chance, made, n) for n in range(codes)]
    async with transaction(pool) as conn:
        await counts.update_uses(conn, [fact.pop("uses") for fact in facts])
        await conn.execute(
            "UPDATE campaigns AS c SET vouchers_count = (SELECT count(*) FROM vouchers AS v"
            " WHERE v.campaign_id = c.id)"
        )
    while True:
        async with transaction(pool) as conn:
            if not await conn.fetchval("SELECT EXISTS (SELECT FROM moved_uses)"):
                break
            await counting.follow_uses(conn)
    async with transaction(pool) as conn:
        await counting.follow_ends(conn)
    shown = {deal["id"]: _deal(deal, facts) for deal in made}
    return Stock(list(shown.values()), [_code(fact, shown, made) for fact in facts])


async def _store_deal(pool: asyncpg.Pool, chance: random.Random, n: int) -> dict[str, Any]:
    starts, ends = sorted(chance.sample(DAYS, 2))
    deal: dict[str, Any] = {
        "id": f"camp_{n:02}",
        "name": chance.choice(["Deal", "deal", "Sale", "Ünder"]) + f" {chance.randrange(100)}-{n}",
        "partner": chance.randrange(3),
        "category": chance.choice([None, 0, 1]),
        "channel": chance.choice(["mail", "Blog", "shop"]),
        "discount": chance.choice([AmountOff(amount_off_minor=5), PercentOff(basis_points=100)]),
        "starts": chance.choice([None, starts]),
        "ends": chance.choice([None, None, ends]),
        "limit": chance.choice([None, None, 4]),
        "metadata": chance.choice([{}, {"team": "red"}, {"team": "blue", "size": n % 4}]),
        "active": chance.random() < 0.8,
        "deleted": chance.random() < 0.1,
        "standalone": chance.random() < 0.15,
        "enforced": chance.random() < 0.7,
        "created": chance.choice(DAYS),
        "share": chance.choice([None, None, "shared", "shared", "held_back"]),
        "allotment": chance.choice([None, "shared", "withdrawn"]),
    }
    definition = a_definition(
        name=deal["name"],
        channel=deal["channel"],
        terms=Terms(
            discount=deal["discount"],
            validity=Validity(starts_at=deal["starts"], ends_at=deal["ends"]),
            limits=Limits(total=deal["limit"]),
        ),
        metadata=deal["metadata"],
    )
    async with transaction(pool) as conn:
        await campaigns.add(
            conn,
            PROJECT,
            deal["id"],
            definition,
            partner_id=f"part_{deal['partner']}",
            category_id=None if deal["category"] is None else f"cat_{deal['category']}",
            code_template=CodeTemplate(),
            active=deal["active"],
            standalone=deal["standalone"],
        )
        await conn.execute(
            "UPDATE campaigns SET created_at = $2, deleted_at = $3 WHERE id = $1",
            deal["id"],
            deal["created"],
            NOON if deal["deleted"] else None,
        )
        if deal["enforced"]:
            await conn.execute(
                "INSERT INTO applied_versions VALUES ($1, 'campaign', $2, 1, $3)",
                PROJECT,
                deal["id"],
                NOON,
            )
        for kind, state in (("campaign", deal["share"]), ("allotment", deal["allotment"])):
            if state is not None:
                await conn.execute(
                    """
                    INSERT INTO shares (project_id, id, campaign_id, partner_id, kind, state,
                        shared_by) VALUES ($1, $2, $3, $4, $5, $6, 'kit')
                    """,
                    PROJECT,
                    f"{kind}_{deal['id']}",
                    deal["id"],
                    f"part_{deal['partner']}",
                    kind,
                    state,
                )
    return deal


async def _store_code(
    pool: asyncpg.Pool, chance: random.Random, deals: Sequence[dict[str, Any]], n: int
) -> dict[str, Any]:
    uses = chance.choice([0, 0, 0, 1, 1, 2, 3])
    fact: dict[str, Any] = {
        "id": "v_" + "".join(chance.choice("abcXYZ019") for _ in range(12)),
        "code": chance.choice(["BLOG-", "blog_", "x%"]) + f"{chance.randrange(40)}{n}",
        "deal": min(chance.randrange(len(deals)), chance.randrange(len(deals))),
        "active": chance.random() < 0.85,
        "deleted": chance.random() < 0.08,
        "quantity": chance.choice([None, 1, 1, 3]),
        "count": uses,
        "metadata": chance.choice([{}, {"lot": "1"}, {"lot": 1}, {"lot": "2", "vip": True}]),
        "created": chance.choice(DAYS),
        "updated": chance.choice([None, None, *DAYS]),
        "given": chance.choice([None, None, "shared", "shared", "held_back"]),
        "ends": (None, None, None, LONG_AGO, ONE_DAY)[n % 5],  # chance goes on as it did
    }
    fact["uses"] = UseCount(PROJECT, fact["id"], uses, 1)
    await pool.execute(
        """
        INSERT INTO vouchers (project_id, id, code, campaign_id, generated, active, quantity,
            metadata, created_at, updated_at, deleted_at, ends_at, publication_id)
        VALUES ($1, $2, $3, $4, true, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        PROJECT,
        fact["id"],
        fact["code"],
        deals[fact["deal"]]["id"],
        fact["active"],
        fact["quantity"],
        fact["metadata"],
        fact["created"],
        fact["updated"],
        NOON if fact["deleted"] else None,
        fact["ends"],
        "pub_1" if fact["ends"] else None,
    )
    deal = deals[fact["deal"]]
    if fact["given"] is not None and deal["allotment"] is not None:
        await pool.execute(
            "INSERT INTO shared_codes VALUES ($1, $2, $3, $4, $5, $6)",
            PROJECT,
            fact["id"],
            deal["id"],
            fact["created"],
            f"allotment_{deal['id']}",
            fact["given"],
        )
    return fact


def _deal(deal: dict[str, Any], codes: Sequence[dict[str, Any]]) -> Deal:
    mine = [code for code in codes if f"camp_{code['deal']:02}" == deal["id"]]
    redemptions = sum(code["count"] for code in mine)
    facts = CampaignFacts(
        deleted_at=NOON if deal["deleted"] else None,
        active=deal["active"],
        partner_active=deal["partner"] != 2,
        enforced=deal["enforced"],
        starts_at=deal["starts"],
        ends_at=deal["ends"],
        total_limit=deal["limit"],
        redemptions=redemptions,
        changed_at=None,
    )
    return Deal(
        id=deal["id"],
        name=deal["name"],
        partner=f"Partner {deal['partner']}",
        channel=deal["channel"],
        category=None if deal["category"] is None else f"Category {deal['category']}",
        discount_type=deal["discount"].type,
        start_date=deal["starts"],
        expiration_date=deal["ends"],
        standalone=deal["standalone"],
        rank=status.of_campaign(facts, NOON).rank,
        metadata=deal["metadata"],
        created_at=deal["created"],
        redemptions=redemptions,
        vouchers_count=len(mine),
    )


def _code(fact: dict[str, Any], deals: dict[str, Deal], made: Sequence[dict[str, Any]]) -> Code:
    deal = deals[made[fact["deal"]]["id"]]
    own = VoucherFacts(
        deleted_at=NOON if fact["deleted"] else None,
        active=fact["active"],
        enforced=True,
        quantity=fact["quantity"],
        redeemed_quantity=fact["count"],
        ends_at=fact["ends"],
        changed_at=None,
    )
    campaign = status.Standing(status.STATUSES[deal.rank - 1])
    return Code(
        id=fact["id"],
        code=fact["code"],
        deal=deal,
        rank=status.of_voucher(own, campaign, NOON).rank,
        active=fact["active"],
        redemptions=fact["count"],
        created_at=fact["created"],
        updated_at=fact["updated"] or fact["created"],
        metadata=fact["metadata"],
        shared_with=f"part_{made[fact['deal']]['partner']}"
        if _is_shared(fact, made[fact["deal"]])
        else None,
    )


def _is_shared(fact: dict[str, Any], deal: dict[str, Any]) -> bool:
    """What is said of a code wins over what is said of its campaign."""
    if fact["given"] is not None and deal["allotment"] is not None:
        return (fact["given"], deal["allotment"]) == ("shared", "shared")
    return bool(deal["share"] == "shared")


def _low(text: str | None) -> str | None:
    return None if text is None else lowered(text)


DEAL_KEYS: dict[str, Callable[[Deal], Any]] = {
    "created_at": lambda d: d.created_at,
    "name": lambda d: _low(d.name),
    "status": lambda d: d.rank,
    "discount_type": lambda d: d.discount_type,
    "category": lambda d: _low(d.category),
    "partner": lambda d: _low(d.partner),
    "channel": lambda d: _low(d.channel),
    "start_date": lambda d: d.start_date,
    "expiration_date": lambda d: d.expiration_date,
    "redemptions": lambda d: d.redemptions,
    "vouchers_count": lambda d: d.vouchers_count,
    "metadata.team": lambda d: d.metadata.get("team"),
}
OF_CAMPAIGN = ("discount_type", "category", "partner", "channel", "start_date", "expiration_date")


def _of_deal(key: str) -> Callable[[Code], tuple[Any, ...]]:
    def of(code: Code) -> tuple[Any, ...]:
        return (_null_last(DEAL_KEYS[key](code.deal)), code.deal.id, code.created_at)

    return of


CODE_KEYS: dict[str, Callable[[Code], tuple[Any, ...]]] = {
    "created_at": lambda c: (c.created_at,),
    "updated_at": lambda c: (c.updated_at,),
    "code": lambda c: (_low(c.code),),
    "redemptions": lambda c: (c.redemptions,),
    "metadata.lot": lambda c: (str(c.metadata.get("lot", "")),),
    "status": lambda c: (c.rank, c.created_at),
    "campaign": lambda c: (_low(c.deal.name), c.deal.id, c.created_at),
    **{key: _of_deal(key) for key in OF_CAMPAIGN},
}


def _null_last(value: Any) -> tuple[bool, Any]:
    return (True, 0) if value is None else (False, value)


def in_order(codes: Sequence[Code], order: str) -> list[str]:
    """Return the ids as a list of this order has them."""
    key = CODE_KEYS[order.removeprefix("-")]
    found = sorted(codes, key=lambda c: (*key(c), c.id), reverse=order.startswith("-"))
    return [each.id for each in found]


def deals_in_order(deals: Sequence[Deal], order: str) -> list[str]:
    key = DEAL_KEYS[order.removeprefix("-")]
    found = sorted(deals, key=lambda d: (_null_last(key(d)), d.id), reverse=order.startswith("-"))
    return [each.id for each in found]
