"""Any ledger, listed by any filters, is what Python finds in it; with every way to find it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.redemption_http import proof, serving, two_projects
from kit.redemption_samples import CUSTOMER_KEY, NOON, campaign_changed, voucher_changed

from contracts import ids
from contracts.redemptions import Reason
from redemption.applying import snapshots
from redemption.store import ledger, ways

PROJECTS = {"proj_a": "key_a", "proj_b": "key_b"}
PARTNERS = {"camp_1": "part_1", "camp_2": "part_1", "camp_3": "part_2"}
SPAN = timedelta(days=2, hours=7)  # some of a week, some of the next ones
CODES = ["A", "B", "C"]
SHOPPERS = ["anna", "bert"]
ORDERS = ["order-1", "order-2"]
REASONS = [None, Reason.VOUCHER_EXPIRED.value, Reason.NOT_FOUND.value]


class Row(NamedTuple):
    """An entry, as far as lists go by it."""

    project: str
    campaign: str | None
    code: str
    shopper: str | None
    order: str | None
    reason: str | None
    moment: int

    @property
    def at(self) -> datetime:
        return NOON + SPAN * self.moment


rows = st.lists(
    st.builds(
        Row,
        st.sampled_from(sorted(PROJECTS)),
        st.sampled_from([None, *PARTNERS]),
        st.sampled_from(CODES),
        st.sampled_from([None, *SHOPPERS]),
        st.sampled_from([None, *ORDERS]),
        st.sampled_from(REASONS),
        st.integers(0, 5),  # so that many are of one moment
    ).map(lambda row: row._replace(campaign=None) if row.reason == Reason.NOT_FOUND else row),
    max_size=40,
)


def some_of(values: Any) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(values)), max_size=2, unique=True)


filters = st.fixed_dictionaries(
    {
        "result": some_of(["SUCCESS", "FAILURE"]),
        "reason": some_of([r for r in REASONS if r]),
        "campaign_id": some_of(PARTNERS),
        "partner_id": some_of(set(PARTNERS.values())),
        "code": some_of(CODES),
        "customer": some_of(SHOPPERS),
        "order_id": some_of(ORDERS),
        "from": st.none() | st.integers(-1, 6),
        "to": st.none() | st.integers(-1, 6),
    }
)
# By how much more is looked through each time, and how many walks and campaigns are too many.
thresholds = st.tuples(st.sampled_from([1, 4]), st.sampled_from([1, 48]), st.sampled_from([1, 200]))


def is_meant(row: Row, wanted: dict[str, Any]) -> bool:
    said = {
        "result": "SUCCESS" if row.reason is None else "FAILURE",
        "reason": row.reason,
        "campaign_id": row.campaign,
        "partner_id": PARTNERS.get(row.campaign or ""),
        "code": row.code,
        "customer": row.shopper,
        "order_id": row.order,
    }
    begun = wanted["from"] is None or row.moment >= wanted["from"]
    ended = wanted["to"] is not None and row.moment >= wanted["to"]
    return (
        begun
        and not ended
        and all(not wanted[name] or value in wanted[name] for name, value in said.items())
    )


def query(wanted: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = [
        (name, value)
        for name, values in wanted.items()
        if isinstance(values, list)
        for value in values
    ]
    bounds = {name: wanted[name] for name in ("from", "to") if wanted[name] is not None}
    return pairs + [(n, (NOON + SPAN * m).isoformat()) for n, m in bounds.items()]


async def keep(pool: asyncpg.Pool, kept: list[Row]) -> list[tuple[UUID, Row]]:
    """Put rows into the ledger, which holds nothing else then."""
    together = [(ids.uuid7(), row) for row in kept]
    await pool.execute("DELETE FROM ledger")
    records = [
        {
            "id": id_,
            "request_key": id_.bytes,
            "project_id": row.project,
            "campaign_id": row.campaign,
            "code": row.code,
            "customer_id": row.shopper and ids.customer(CUSTOMER_KEY, row.project, row.shopper),
            "order_id": row.order,
            "customer_is_new": False,
            "kind": "refused" if row.reason else "redeemed",
            "reason": row.reason or "",
            "order_minor": 100,
            "discount_minor": 0,
            "currency": "EUR",
            "caller": "key_a",
            "at": row.at,
            "decided_at": row.at,
        }
        for id_, row in together
    ]
    await pool.copy_records_to_table(
        "ledger",
        columns=ledger.TABLE.columns,
        records=[tuple(record.get(name) for name in ledger.TABLE.columns) for record in records],
    )
    return together


def newest_first(kept: list[tuple[UUID, Row]], project: str, wanted: dict[str, Any]) -> list[str]:
    meant = [each for each in kept if each[1].project == project and is_meant(each[1], wanted)]
    ordered = sorted(meant, key=lambda each: (each[1].at, each[0]), reverse=True)
    return [f"{'rf' if row.reason else 'r'}_{id_.hex}" for id_, row in ordered]


@pytest.fixture
async def shops(redemption_db: str, pool: asyncpg.Pool) -> AsyncIterator[httpx.AsyncClient]:
    await snapshots.apply(
        pool,
        [
            *two_projects(),
            *[
                campaign_changed(id_, project=project, partner={"id": partner, "name": "P"})
                for project in PROJECTS
                for id_, partner in PARTNERS.items()
            ],
            *[voucher_changed(code, "camp_1") for code in CODES],
        ],
    )
    async with serving(redemption_db) as client:
        yield client


async def paged(
    client: httpx.AsyncClient, key: str, asked: list[tuple[str, str]], limit: int
) -> tuple[list[str], set[int]]:
    """Follow the cursor to the end; return what was there, and the totals that were told."""
    found: list[str] = []
    totals: set[int] = set()
    cursor: list[tuple[str, str]] = []
    while True:
        parameters = [*asked, ("limit", str(limit)), *cursor]
        answer = await client.get("/v1/redemptions", params=tuple(parameters), headers=proof(key))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        page = [each["id"] for each in body["redemptions"]]
        assert len(page) <= limit
        found += page
        totals |= set() if body["total_estimated"] else {body["total"]}
        if not body["has_more"]:
            assert body["more_cursor"] is None
            return found, totals
        assert len(page) == limit
        cursor = [("cursor", body["more_cursor"])]


class Question(NamedTuple):
    """What is asked of a ledger, and what counts as few there: how it is answered hangs on that."""

    project: str
    wanted: dict[str, Any]
    limit: int
    few: tuple[int, int, int]


questions = st.builds(
    Question, st.sampled_from(sorted(PROJECTS)), filters, st.integers(1, 12), thresholds
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(kept=rows, question=questions)
async def test_a_list_is_what_the_ledger_holds(
    shops: httpx.AsyncClient, pool: asyncpg.Pool, kept: list[Row], question: Question
) -> None:
    project, wanted, limit, few = question
    key, asked = PROJECTS[project], query(wanted)
    expected = newest_first(await keep(pool, kept), project, wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "GROWTH", few[0])
        patch.setattr(ways, "MOST_WALKS", few[1])
        patch.setattr(ways, "MOST_CAMPAIGNS", few[2])
        found, totals = await paged(shops, key, asked, limit)
        upwards, _ = await paged(shops, key, [*asked, ("order", "created_at")], limit)
        second = await shops.get(
            "/v1/redemptions",
            params=(*asked, ("limit", str(limit)), ("page", "2")),
            headers=proof(key),
        )

    assert found == expected
    assert upwards == expected[::-1]
    assert totals <= {len(expected)}
    assert [each["id"] for each in second.json()["redemptions"]] == expected[limit : 2 * limit]
