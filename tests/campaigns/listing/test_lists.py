"""Whatever is asked of a list is what Python finds among the same rows, however it is planned."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.campaigns_lists import (
    CODE_KEYS,
    DAYS,
    DEAL_KEYS,
    PROJECT,
    Code,
    Deal,
    Stock,
    deals_in_order,
    in_order,
    store_stock,
)
from kit.campaigns_samples import NOON

from campaigns.listing import cursors, plan, selection, tuning, verbs
from campaigns.listing.conditions import lowered
from campaigns.listing.fields import CAMPAIGNS, VOUCHERS
from campaigns.listing.spelling import parse
from campaigns.refusals import InvalidQueryError
from campaigns.status import RANK
from servicekit.postgres.pool import Connection


def _asked_of(each: tuple[str, Any]) -> str:
    """Return the field and operator: values of the same are any of them."""
    return each[0].split("=")[0].replace("[]", "")


@pytest.fixture
async def stock(pool: asyncpg.Pool) -> Stock:
    return await store_stock(pool, random.Random(7), deals=14, codes=160)  # noqa: S311


@asynccontextmanager
async def reading(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    async with (
        pool.acquire() as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield conn


OF_DEALS: list[tuple[str, Callable[[Deal], bool]]] = [
    ("partner=Partner 1", lambda d: d.partner == "Partner 1"),
    ("partner=Partner 0&partner=Partner 2", lambda d: d.partner != "Partner 1"),
    ("filters[partner][conditions][$is_not]=Partner 0", lambda d: d.partner != "Partner 0"),
    ("channel=Blog", lambda d: d.channel == "Blog"),
    ("filters[channel][conditions][$contains]=L", lambda d: "l" in d.channel.lower()),
    ("discount_type=PERCENT", lambda d: d.discount_type == "PERCENT"),
    ("category=Category 1", lambda d: d.category == "Category 1"),
    ("filters[category][conditions][$is_unknown]=", lambda d: d.category is None),
    ("filters[category][conditions][$is_not]=Category 1", lambda d: d.category != "Category 1"),
    ("standalone=false", lambda d: not d.standalone),
    ("standalone=true", lambda d: d.standalone),
    (
        f"start_date[after]={DAYS[1].isoformat()}".replace("+", "%2B"),
        lambda d: d.start_date is not None and d.start_date > DAYS[1],
    ),
    ("filters[expiration_date][conditions][$is_unknown]=", lambda d: d.expiration_date is None),
]
OF_CODES: list[tuple[str, Callable[[Code], bool]]] = [
    ("search=BLOG", lambda c: "blog" in lowered(c.code)),
    ("search=g-1", lambda c: "g-1" in lowered(c.code)),
    ("search=x%25", lambda c: lowered(c.code).startswith("x%")),
    ("search=bl", lambda c: lowered(c.code).startswith("bl")),
    ("filters[code][conditions][$starts_with]=blog_", lambda c: lowered(c.code)[:5] == "blog_"),
    ("filters[code][conditions][$contains]=og-", lambda c: "og-" in lowered(c.code)),
    (
        "filters[code][conditions][$contains][]=og-&filters[code][conditions][$contains][]=og_",
        lambda c: "og-" in lowered(c.code) or "og_" in lowered(c.code),
    ),
    ("filters[metadata.lot][conditions][$is]=1", lambda c: str(c.metadata.get("lot")) == "1"),
    (
        "filters[metadata.lot][conditions][$in]=['1', '2']",
        lambda c: str(c.metadata.get("lot")) in {"1", "2"},
    ),
    (
        "filters[metadata.lot][conditions][$is_not]=1",
        lambda c: str(c.metadata.get("lot")) != "1",
    ),
    ("filters[metadata.vip][conditions][$is]=true", lambda c: c.metadata.get("vip") is True),
    ("filters[metadata.vip][conditions][$has_value]=", lambda c: "vip" in c.metadata),
    ("filters[metadata.lot][conditions][$is_unknown]=", lambda c: "lot" not in c.metadata),
    ("filters[redemptions][conditions][$more_than]=1", lambda c: c.redemptions > 1),
    ("filters[redemptions][conditions][$in]=[1, 3]", lambda c: c.redemptions in {1, 3}),
    ("active=true", lambda c: c.active),
    (
        f"created_at[after]={DAYS[2].isoformat()}".replace("+", "%2B"),
        lambda c: c.created_at > DAYS[2],
    ),
    (
        f"updated_at[before]={DAYS[3].isoformat()}".replace("+", "%2B"),
        lambda c: c.updated_at < DAYS[3],
    ),
    ("shared_with=part_0", lambda c: c.shared_with == "part_0"),
    ("shared_with=part_1&shared_with=part_2", lambda c: c.shared_with in {"part_1", "part_2"}),
    ("filters[active][conditions][$active]=true", lambda c: c.rank == RANK["live"]),
]
OF_STATUS: list[tuple[str, Callable[[Any], bool]]] = [
    ("", lambda r: r.rank > 1),
    ("status=live", lambda r: r.rank == RANK["live"]),
    ("status=used_up&status=expired", lambda r: r.rank in {5, 6}),
    ("status=disabled", lambda r: r.rank in {2, 3}),
    ("status=in_bin", lambda r: r.rank == 1),
    ("filters[status][conditions][$is_not]=live", lambda r: 1 < r.rank < RANK["live"]),
]
# Of little data everything is gathered: so the numbers that choose among ways are small here.
WAYS: list[dict[str, int]] = [
    {},
    {"FEW": -1, "PROBED": 1, "PROBED_BY_VOUCHERS": 1},
    {
        "FEW": -1,
        "PROBED": 5,
        "PROBED_BY_VOUCHERS": 4,
        "WALKED": 6,
        "WALKED_BY_VOUCHERS": 6,
        "TURNS": 2,
    },
    {"FEW": -1, "WALKED": 3, "WALKED_BY_VOUCHERS": 2, "MANY_PAIRS": 0, "TURNS": 1},
    {"FEW": -1, "PROBED": 2, "WALKED": 40, "FEW_CAMPAIGNS": 0, "TURNS": 3, "MOST_TURNS": 2},
    {"PROBED": 30, "PROBE_COUNTS": 1},
]


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=150,
)
@given(
    of_deal=st.sampled_from([None, *OF_DEALS]),
    of_codes=st.lists(st.sampled_from(OF_CODES), max_size=2, unique_by=_asked_of),
    of_status=st.sampled_from(OF_STATUS),
    order=st.sampled_from(sorted(CODE_KEYS)),
    descending=st.booleans(),
    limit=st.sampled_from([1, 2, 7, 100]),
    way=st.sampled_from(WAYS),
)
async def test_codes_are_those_that_python_finds(  # noqa: PLR0917 - hypothesis names them
    pool: asyncpg.Pool,
    stock: Stock,
    of_deal: tuple[str, Callable[[Deal], bool]] | None,
    of_codes: list[tuple[str, Callable[[Code], bool]]],
    of_status: tuple[str, Callable[[Any], bool]],
    order: str,
    descending: bool,
    limit: int,
    way: dict[str, int],
) -> None:
    if order.startswith("metadata."):
        way = {}
    order = f"-{order}" if descending else order
    asked = [of_status[0], *(each[0] for each in of_codes), *([of_deal[0]] if of_deal else [])]
    text = "&".join([part for part in asked if part] + [f"order={order}", f"limit={limit}"])
    expected = in_order(
        [
            code
            for code in stock.codes
            if of_status[1](code)
            and (of_deal is None or of_deal[1](code.deal))
            and all(each[1](code) for each in of_codes)
        ],
        order,
    )
    query = parse(parse_qsl(text, keep_blank_values=True), VOUCHERS)
    found: list[str] = []
    after = None
    with pytest.MonkeyPatch.context() as patch:
        for name, value in way.items():
            patch.setattr(tuning, name, value)
        patch.setattr(selection, "SHOWN", 2 if way else 500)
        async with reading(pool) as conn:
            while True:
                page = await plan.page(conn, PROJECT, query, after, NOON)
                found += [key[-1] for key in page.keys]
                if way == {} or page.total_estimated is False:
                    assert page.total == len(expected), text
                if not page.more:
                    break
                assert len(page.keys) == limit
                read = cursors.decode(
                    _with_cursor(query, cursors.encode(query, page.keys[-1])),
                    plan.key_length(query.key),
                )
                after = read
    assert found == expected, text


def _with_cursor(query: Any, cursor: str) -> Any:
    return replace(query, cursor=cursor)


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=60,
)
@given(
    of_deals=st.lists(st.sampled_from(OF_DEALS), max_size=2, unique_by=_asked_of),
    of_status=st.sampled_from(OF_STATUS),
    order=st.sampled_from(sorted(DEAL_KEYS)),
    descending=st.booleans(),
    limit=st.sampled_from([1, 3, 100]),
)
async def test_campaigns_are_those_that_python_finds(  # noqa: PLR0917 - as above
    pool: asyncpg.Pool,
    stock: Stock,
    of_deals: list[tuple[str, Callable[[Deal], bool]]],
    of_status: tuple[str, Callable[[Any], bool]],
    order: str,
    descending: bool,
    limit: int,
) -> None:
    order = f"-{order}" if descending else order
    asked = [of_status[0], *(each[0] for each in of_deals)]
    text = "&".join([part for part in asked if part] + [f"order={order}", f"limit={limit}"])
    named = any(each[0].startswith("standalone") for each in of_deals)
    expected = deals_in_order(
        [
            deal
            for deal in stock.deals
            if of_status[1](deal)
            and (named or not deal.standalone)
            and all(each[1](deal) for each in of_deals)
        ],
        order,
    )
    query = parse(parse_qsl(text, keep_blank_values=True), CAMPAIGNS)
    found: list[str] = []
    async with reading(pool) as conn:
        while True:
            page = await verbs.campaigns(conn, PROJECT, query, NOON)
            found += [key[-1] for key in page.keys]
            assert page.total == len(expected)
            if not page.more:
                break
            query = _with_cursor(query, cursors.encode(query, page.keys[-1]))
    assert found == expected, text


async def test_counts_are_those_that_python_finds(pool: asyncpg.Pool, stock: Stock) -> None:
    everything: tuple[str, Callable[[Deal], bool]] = ("", lambda _: True)
    for part, test in [everything, *OF_DEALS]:
        query = parse(parse_qsl(part, keep_blank_values=True), VOUCHERS)
        async with reading(pool) as conn:
            found = await verbs.voucher_counts(conn, PROJECT, query.filters, NOON)
        for name, (total, estimated) in found.items():
            ranks = {RANK[name]} | ({RANK["not_enforced"]} if name == "disabled" else set())
            mine = [c for c in stock.codes if c.rank in ranks and test(c.deal)]
            assert (total, estimated) == (len(mine), False), (part, name)


@pytest.mark.parametrize("way", WAYS[:4])
async def test_a_page_reached_by_its_number_is_where_the_cursor_gets(
    pool: asyncpg.Pool, stock: Stock, monkeypatch: pytest.MonkeyPatch, way: dict[str, int]
) -> None:
    for name, value in (way | {"STEP": 11}).items():
        monkeypatch.setattr(tuning, name, value)
    for order in ("-status", "created_at", "-created_at", "-redemptions", "-code", "partner"):
        for text, test in OF_STATUS[:3] + OF_CODES[:1]:
            whole = in_order([c for c in stock.codes if c.rank > 1 and test(c)], order)
            for number in (2, 9, 50):
                asked = f"{text}&order={order}&limit=7&page={number}"
                query = parse(parse_qsl(asked), VOUCHERS)
                async with reading(pool) as conn:
                    page = await verbs.vouchers(conn, PROJECT, query, NOON)
                found = [key[-1] for key in page.keys]
                assert found == whole[(number - 1) * 7 : number * 7], (asked, way)
                assert page.total_estimated or page.total == len(whole), (asked, way)


async def test_codes_are_not_sorted_by_metadata_where_they_are_too_many(
    pool: asyncpg.Pool, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stock.codes
    monkeypatch.setattr(tuning, "FEW", 10)
    query = parse([("order", "metadata.it's")], VOUCHERS)
    async with reading(pool) as conn:
        with pytest.raises(InvalidQueryError) as refused:
            await verbs.vouchers(conn, PROJECT, query, NOON)
    assert refused.value.key == "sort_too_broad"


async def test_paging_shows_none_twice_and_skips_none_while_rows_change(
    pool: asyncpg.Pool, stock: Stock
) -> None:
    """Before each page codes are switched, used and added: those that stay are all shown, once."""
    chance = random.Random(3)  # noqa: S311
    for order in ("created_at", "-created_at", "code", "-code", "channel"):
        query = parse([("order", order), ("limit", "9"), ("search", "blog")], VOUCHERS)
        stay = {c.id for c in stock.codes if c.rank > 1 and "blog" in lowered(c.code)}
        shown: list[str] = []
        while True:
            async with reading(pool) as conn:
                page = await verbs.vouchers(conn, PROJECT, query, NOON)
            shown += [key[-1] for key in page.keys]
            if not page.more:
                break
            query = _with_cursor(query, cursors.encode(query, page.keys[-1]))
            await pool.execute(
                """
                UPDATE vouchers SET active = NOT active, quantity = 5, updated_at = now()
                WHERE id = ANY ($1)
                """,
                chance.sample(sorted(stay), 5),
            )
            await pool.execute(
                "INSERT INTO vouchers (project_id, id, code, campaign_id, generated, created_at)"
                " VALUES ($1, $2, $2, $3, true, $4)",
                PROJECT,
                f"BLOG-new-{order}-{len(shown)}",
                chance.choice(stock.deals).id,
                chance.choice(DAYS),
            )
        assert len(shown) == len(set(shown)), order
        assert stay <= set(shown), order
