"""Refusals over HTTP, from the reason down to the single attempt; what needs a look; the pace."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import httpx
import pytest
from kit.analytics_by_hand import currency_of, some_facts
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import (
    NOON,
    a_campaign,
    a_failure,
    a_project,
    a_success,
    an_unknown_code,
    refused_guesses,
)

from analytics.keys import ProjectKeys
from contracts.campaigns import Named
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded

NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)
DAY = timedelta(days=1)
FIELDS = {
    "reason": "reason",
    "partner": "partner_id",
    "campaign": "campaign_id",
    "code": "code",
}


@pytest.fixture
async def http(clickhouse_db: str) -> AsyncIterator[httpx.AsyncClient]:
    keys = ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, a_project())
    async with serving(clickhouse_db, keys, lambda: NOW) as client:
        yield client


async def listed(http: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
    answer = await http.get(f"/v1/reports/{query}", headers=KEY)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


GROUPS = [list(by) for size in (1, 2, 3, 4) for by in combinations(FIELDS, size)]


async def test_refusals_are_grouped_by_whatever_is_asked(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOW - 10 * DAY, 10 * 24, 500, seed=11)
    await figures.store(a_project(), *facts)
    starts_at = datetime(2026, 11, 20, 23, tzinfo=UTC)
    before_at = starts_at - 3 * DAY
    refused = [f for f in facts if isinstance(f, RedemptionFailed)]
    now = [f for f in refused if starts_at <= f.time < starts_at + 3 * DAY]
    before = [f for f in refused if before_at <= f.time < starts_at]

    def key(fact: Any, by: list[str]) -> tuple[Any, ...]:
        own = [getattr(fact.data, FIELDS[each]) if each in by else None for each in FIELDS]
        return (*own, currency_of(fact))

    for by in GROUPS:
        expected: dict[tuple[Any, ...], list[RedemptionFailed]] = defaultdict(list)
        for fact in now:
            expected[key(fact, by)].append(fact)
        were = Counter(key(fact, by) for fact in before)
        query = "&".join(f"group_by={each}" for each in by)

        rows = await listed(
            http,
            f"failures?from=2026-11-21&to=2026-11-24&compare=previous&limit=100&{query}",
        )

        told = {(*(row[FIELDS[each]] for each in FIELDS), row["currency"]): row for row in rows}
        assert told.keys() == expected.keys(), by
        assert [row["attempts"] for row in rows] == sorted(
            (len(own) for own in expected.values()), reverse=True
        )
        for group, own in expected.items():
            row = told[group]
            assert row["attempts"] == len(own)
            assert row["share"] == pytest.approx(len(own) / len(now))
            assert row["customers"] == len({f.data.customer_id for f in own} - {None})
            assert row["refused_minor"] == sum(f.data.order_minor for f in own)
            assert datetime.fromisoformat(row["last_at"]) == max(f.time for f in own)
            partners = Counter(f.data.partner_id for f in own if f.data.partner_id)
            most = max(partners.values(), default=0)
            top = min((each for each in partners if partners[each] == most), default=None)
            assert row["top_partner_id"] == top
            assert row["before_attempts"] == were[group]
            assert row["difference"] == len(own) - were[group]
            assert row["new"] == (were[group] == 0)
            if were[group]:
                assert row["ratio"] == pytest.approx(row["difference"] / were[group])


async def test_from_a_reason_down_to_single_attempts(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOW - 10 * DAY, 10 * 24, 400, seed=12)
    await figures.store(a_project(), *facts)
    narrowed = ""
    left = [f for f in facts if isinstance(f, RedemptionFailed) and f.data.partner_id]
    for group, name in FIELDS.items():
        rows = await listed(http, f"failures?group_by={group}&limit=100{narrowed}")
        row = next(row for row in rows if row[name] is not None and row["reason"] != "not_found")
        left = [f for f in left if getattr(f.data, name) == row[name]]
        narrowed += f"&{name}={row[name]}"
    attempts = await listed(http, f"failures/attempts?limit=100{narrowed}")
    expected = sorted(left, key=lambda f: (f.time, f.id), reverse=True)
    assert [a["id"] for a in attempts] == [f.data.redemption_id for f in expected]
    assert expected
    assert {a["result"] for a in attempts} == {"FAILURE"}


async def test_attempts_follow_each_other_by_cursor_whatever_comes_meanwhile(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOW - 90 * DAY, 89 * 24, 200, seed=13)
    facts += [a_failure(at=NOW - 89 * DAY) for _ in range(7)]  # of the same moment
    await figures.store(a_project(), *facts)
    refused = [f for f in facts if isinstance(f, RedemptionFailed)]
    expected = sorted(refused, key=lambda f: (f.time, f.id), reverse=True)

    seen: list[str] = []
    cursor = ""
    for number in range(100):
        page = (
            await http.get(f"/v1/reports/failures/attempts?limit=5{cursor}", headers=KEY)
        ).json()
        seen += [attempt["id"] for attempt in page["data"]]
        await figures.store(a_failure(at=NOW), first=1000 + number)  # newer than what is read
        if not page["has_more"]:
            assert page["more_cursor"] is None
            break
        cursor = f"&cursor={page['more_cursor']}"
    assert seen == [f.data.redemption_id for f in expected]


async def test_recent_attempts_tell_what_came_since(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(
        a_project(), a_campaign(), a_success(order_id="order-1"), an_unknown_code(code="WHO")
    )
    answer = (await http.get("/v1/reports/recent", headers=KEY)).json()
    assert {each["code"] for each in answer["data"]} == {"SPRING", "WHO"}
    accepted = next(each for each in answer["data"] if each["result"] == "SUCCESS")
    del accepted["id"]
    assert accepted == {
        "occurred_at": "2026-11-23T12:00:00Z",
        "result": "SUCCESS",
        "reason": None,
        "hint": None,
        "code": "SPRING",
        "campaign_id": "camp_1",
        "campaign_name": "Spring",
        "partner_id": "part_1",
        "partner_name": "Dealhunt",
        "channel": "newsletter",
        "category_id": None,
        "category_name": None,
        "customer_id": "cust_1",
        "segment_ids": [],
        "order_id": "order-1",
        "order_minor": 1000,
        "discount_minor": 100,
        "commission_minor": 45,
        "currency": "EUR",
    }
    after = f"recent?after={answer['newest_cursor']}"
    nothing = (await http.get(f"/v1/reports/{after}", headers=KEY)).json()
    assert (nothing["data"], nothing["newest_cursor"]) == ([], answer["newest_cursor"])

    newer = [a_success(at=NOON + DAY, code="NEW"), a_failure(at=NOON + DAY, code="NEWER")]
    await figures.store(*newer, first=50)

    assert {each["code"] for each in await listed(http, after)} == {"NEW", "NEWER"}
    assert [each["code"] for each in await listed(http, f"{after}&result=SUCCESS")] == ["NEW"]
    assert [e["code"] for e in await listed(http, "recent?reason=not_found")] == ["WHO"]
    refused = await listed(http, "recent?result=FAILURE&to=2026-11-24")
    assert [each["code"] for each in refused] == ["WHO"]


async def test_what_came_twice_takes_no_place_of_what_is_older(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    since = (0, 0, 0, 2, 40, 40, 500)
    happened = [a_success(at=NOW - DAY * days, code=f"{days}") for days in since]
    await figures.store(a_project(), *happened)
    await figures.store(*happened, first=50)

    for limit in range(1, 9):
        shown = await listed(http, f"recent?limit={limit}")
        assert [each["code"] for each in shown] == [f"{days}" for days in since][:limit]


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "bm90aGluZw", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTph", "MTIzOg", "A" * 201]
)
async def test_what_is_no_cursor_is_refused(http: httpx.AsyncClient, cursor: str) -> None:
    for query, name in (
        *(("recent", "cursor"), ("recent", "after")),
        ("failures/attempts", "cursor"),
    ):
        answer = await http.get(f"/v1/reports/{query}?{name}={cursor}", headers=KEY)
        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
        assert f"parameter {name}" in answer.json()["message"]


async def test_unread_requests_are_told_apart_from_what_was_decided(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(a_project(), a_failure(), refused_guesses(9))
    assert [row["attempts"] for row in await listed(http, "failures")] == [9, 1]
    (row,) = await listed(http, "failures?reason=too_many_requests&group_by=partner")
    assert (row["attempts"], row["partner_id"], row["top_partner_id"]) == (9, None, None)
    assert len(await listed(http, "failures/attempts")) == 1
    for narrowed in ("partner_id=part_1", "code=SPRING", "channel=newsletter"):
        (row,) = await listed(http, f"failures?{narrowed}")
        assert row["reason"] == "voucher_expired"


async def test_refusals_of_a_code_are_found_in_whatever_letters_where_case_tells_nothing(
    clickhouse_db: str, figures: Figures
) -> None:
    shop, keys = a_project(case_sensitive_codes=False), ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, shop)
    await figures.store(shop, a_failure(), a_failure(code="OTHER"))

    async with serving(clickhouse_db, keys, lambda: NOW) as http:
        for spelt in ("SPRING", "spring", "%C2%A0Spring%E2%80%8B"):
            (row,) = await listed(http, f"failures?code={spelt}")
            assert row["attempts"] == 1, spelt


async def test_who_is_refused_far_more_often_than_before_needs_a_look(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    """At least ten more, and at least half as many again; today against yesterday until now."""
    today, yesterday = NOW - timedelta(hours=2), NOW - timedelta(hours=26)
    evening = yesterday + timedelta(hours=4)  # of yesterday, later than it is today

    def refusals(number: int, at: datetime, count: int) -> list[RedemptionFailed]:
        deal = {"campaign_id": f"camp_{number}", "partner_id": f"part_{number % 2}"}
        return [a_failure(at=at, **deal) for _ in range(count)]

    await figures.store(
        a_project(),
        *(a_campaign(id="camp_1", name="Up", partner=Named(id="part_1", name="Dealhunt")),),
        *(*refusals(1, today, 40), *refusals(1, yesterday, 10), *refusals(1, evening, 90)),
        *(*refusals(2, today, 9),),  # too few
        *(*refusals(3, today, 111), *refusals(3, yesterday, 100)),  # not half as many again
        *(*refusals(4, today, 12),),  # new
        *(an_unknown_code(at=today) for _ in range(99)),  # nobody's
        a_success(at=today, campaign_id="camp_1", partner_id="part_1"),
    )

    rows = await listed(http, "attention?from=2026-11-26&to=2026-11-27")

    told = [(r["campaign_id"], r["refused"], r["before"], r["ratio"], r["new"]) for r in rows]
    assert told == [("camp_1", 40, 10, 3.0, False), ("camp_4", 12, 0, None, True)]
    assert (rows[0]["campaign_name"], rows[0]["partner_name"]) == ("Up", "Dealhunt")
    assert rows[0]["refusal_rate"] == pytest.approx(40 / 41)
    rows = await listed(http, "attention?from=2026-11-26&to=2026-11-27&by=partner")
    assert [(r["partner_id"], r["campaign_id"], r["refused"]) for r in rows] == [
        ("part_0", None, 21)
    ]
    rows = await listed(http, "attention?campaign_id=camp_4")
    assert [r["campaign_id"] for r in rows] == ["camp_4"]  # of the last seven days


async def test_the_pace_is_of_the_last_days_and_of_the_campaigns_own(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    def uses(campaign: str, days_ago: float, count: int = 1) -> list[RedemptionSucceeded]:
        at = NOW - days_ago * DAY
        return [a_success(at=at, campaign_id=campaign) for _ in range(count)]

    await figures.store(
        a_project(),
        *(*uses("old", 100, 5), *uses("old", 20, 14), *uses("old", 3, 21)),
        *(*uses("young", 2, 8), *uses("fresh", 0.1, 3)),
        a_failure(campaign_id="old"),
    )
    names = ("old", "young", "fresh", "none", "old")
    query = "&".join(f"campaign_id={name}" for name in names)
    rows = {row["campaign_id"]: row for row in await listed(http, f"pace?{query}")}
    assert [*rows] == ["old", "young", "fresh", "none"]
    told = {
        name: (row["redemptions"], row["last_7_days"], row["per_day_7"], row["per_day_28"])
        for name, row in rows.items()
    }
    assert told == {
        "old": (40, 21, 3.0, 35 / 28),
        "young": (8, 8, 4.0, 4.0),
        "fresh": (3, 3, 3.0, 3.0),  # a day at least
        "none": (0, 0, 0.0, 0.0),
    }
    assert rows["none"]["first_at"] is None
    answer = await http.get("/v1/reports/pace", headers=KEY)
    assert "campaign_id" in answer.json()["message"]
