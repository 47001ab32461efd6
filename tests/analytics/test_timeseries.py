"""Time series over HTTP beside the same worked out in Python, in zones where clocks are changed."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
import pytest
from kit.analytics_by_hand import CURRENCIES, Fact, currency_of, figures_of, of, some_facts
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import (
    NOON,
    a_campaign,
    a_failure,
    a_key,
    a_project,
    a_success,
    a_visit,
    an_unknown_code,
)

from analytics.grains import GRAINS, Grain
from analytics.keys import ProjectKeys
from contracts.campaigns import CampaignCategory

NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)


class Change(NamedTuple):
    """A day on which something is odd about a zone's clock."""

    zone: str
    day: str


CHANGES = [
    *(Change("Asia/Tokyo", "2026-03-29"), Change("Europe/Berlin", "2026-03-29")),
    *(Change("Europe/Berlin", "2026-10-25"), Change("America/New_York", "2026-03-08")),
    *(Change("America/New_York", "2026-11-01"), Change("Australia/Lord_Howe", "2026-04-05")),
    *(Change("Australia/Lord_Howe", "2026-10-04"), Change("America/Sao_Paulo", "2018-11-04")),
    *(Change("America/Havana", "2026-11-01"), Change("Pacific/Apia", "2011-12-29")),
]


@pytest.fixture
def keys() -> ProjectKeys:
    keys = ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, a_project())
    return keys


@pytest.fixture
async def http(clickhouse_db: str, keys: ProjectKeys) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(clickhouse_db, keys, lambda: NOW) as client:
        yield client


async def asked(http: httpx.AsyncClient, path: str, key: str = "key_1", **query: Any) -> Any:
    url = httpx.URL(f"/v1/reports/{path}").copy_merge_params(query)
    answer = await http.get(url, headers=KEY | {"X-App-Id": key})
    assert answer.status_code == 200, answer.text
    return answer.json()


def reading(moment: datetime, grain: Grain, zone: ZoneInfo) -> Any:
    local = moment.astimezone(zone)
    day = local.date()
    return {
        "hour": (day, local.hour, local.utcoffset()),
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": (day.year, day.month),
    }[grain]


def by_clock(facts: list[Fact], grain: Grain, zone: ZoneInfo) -> dict[Any, list[Fact]]:
    found: dict[Any, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[reading(fact.time, grain, zone)].append(fact)
    return found


async def test_points_are_what_the_clock_on_the_wall_says(
    http: httpx.AsyncClient, figures: Figures, keys: ProjectKeys
) -> None:
    for number, (zone, day) in enumerate(CHANGES):
        project, key, where = f"proj_{zone}_{day}", f"key_there_{number}", ZoneInfo(zone)
        snapshot = a_project(id=project, time_zone=zone, keys=(a_key(key),))
        tell(keys, snapshot)
        noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
        facts = some_facts(project, noon - timedelta(days=2), 5 * 24, 120, seed=number)
        await figures.store(snapshot, *facts, first=1000 * number)
        first, after = (f"{(noon + timedelta(days=n)).date()}" for n in (-4, 6))
        for grain in GRAINS:
            answer = await asked(
                http, "timeseries", key, grain=grain, **{"from": first, "to": after}
            )

            assert answer["grain"] == grain
            starts = [datetime.fromisoformat(b["start"]) for b in answer["buckets"]]
            assert [series["currency"] for series in answer["series"]] == [*CURRENCIES]
            for series in answer["series"]:
                expected = by_clock(of(facts, series["currency"]), grain, where)
                points = dict(
                    zip((reading(s, grain, where) for s in starts), series["points"], strict=True)
                )
                assert expected.keys() <= points.keys(), (zone, grain)
                for clock, point in points.items():
                    assert point == figures_of(expected.get(clock, [])), (zone, grain, clock)


SPLITS = {
    "partner": "partner_id",
    "campaign": "campaign_id",
    "category": "category_id",
    "channel": "channel",
}


@pytest.mark.parametrize("split_by", SPLITS)
async def test_the_greatest_have_a_series_each_and_the_others_one(
    http: httpx.AsyncClient, figures: Figures, split_by: str
) -> None:
    field, top = SPLITS[split_by], 2
    facts = some_facts("proj_1", NOON - timedelta(days=3), 3 * 24, 400, seed=9)
    await figures.store(a_project(), *facts)

    answer = await asked(
        http, "timeseries", split_by=split_by, top=top, order="-redemptions", grain="day",
        **{"from": "2026-11-20", "to": "2026-11-24"},
    )  # fmt: skip

    starts = [datetime.fromisoformat(bucket["start"]) for bucket in answer["buckets"]]
    named = set()
    for currency in CURRENCIES:
        parts = {getattr(fact.data, field) for fact in of(facts, currency)}
        redeemed = {
            part: figures_of(of(facts, currency, **{field: part}))["redemptions"] for part in parts
        }
        named |= set(sorted(parts, key=lambda part: (-redeemed[part], part or ""))[:top])
    for currency in CURRENCIES:
        own = [series for series in answer["series"] if series["currency"] == currency]
        assert {s["id"] for s in own if not s["others"]} == {
            part for part in named if of(facts, currency, **{field: part})
        }
        assert sum(series["others"] for series in own) == any(
            getattr(fact.data, field) not in named for fact in of(facts, currency)
        )
        assert not any(series["others"] for series in own[:-1])
        for series in own:
            for start, point in zip(starts, series["points"], strict=True):
                inside = [
                    fact
                    for fact in of(facts, currency)
                    if start <= fact.time < start + timedelta(days=1)
                    and (
                        getattr(fact.data, field) not in named
                        if series["others"]
                        else getattr(fact.data, field) == series["id"]
                    )
                ]
                assert point == figures_of(inside)


async def test_filters_narrow_and_may_be_repeated(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOON - timedelta(days=1), 24, 300, seed=4)
    await figures.store(a_project(), *facts)
    wanted = {
        "campaign_id": ["camp_1", "camp_2", "camp_4"],
        "channel": ["newsletter"],
        "category_id": ["cat_1", "cat_0"],
        "partner_id": ["part_1"],
    }
    for names in (["campaign_id"], ["channel", "category_id"], [*wanted]):
        query: dict[str, Any] = {name: wanted[name] for name in names}
        answer = await asked(http, "timeseries", grain="month", **{"from": "2026-11-01"}, **query)
        totals = await asked(http, "totals", **{"from": "2026-11-01"}, **query)
        for number, currency in enumerate(CURRENCIES):
            expected = figures_of(
                fact
                for fact in of(facts, currency)
                if all(getattr(fact.data, name) in wanted[name] for name in names)
            )
            assert answer["series"][number]["points"] == [expected]
            said = totals["data"][number]["figures"]
            assert {name: figure["value"] for name, figure in said.items()} == expected


@pytest.mark.parametrize(
    "compare",
    [
        "compare=previous",
        "compare=year",
        # The other one has the last days of this one too, and is longer.
        "compare=custom&compare_from=2026-11-12&compare_to=2026-11-24",
        # What has not come is not counted, though the other one is read.
        "compare=custom&compare_from=2026-11-25&compare_to=2026-12-03",
    ],
)
@pytest.mark.parametrize("grain", ["day", "week"])
async def test_a_series_tells_the_other_period_and_the_sums_as_their_own_reports_do(
    http: httpx.AsyncClient, figures: Figures, grain: Grain, compare: str
) -> None:
    facts = [
        *some_facts("proj_1", NOW - timedelta(days=20), 21 * 24, 400, seed=14),
        *some_facts("proj_1", NOW - timedelta(days=366), 10 * 24, 200, seed=15),
    ]
    await figures.store(a_project(), *facts)
    period = "from=2026-11-20&to=2026-11-28"
    for more in ("", "&channel=newsletter&partner_id=part_1"):
        both = await asked(http, f"timeseries?{period}&grain={grain}&totals=true&{compare}{more}")
        alone = await asked(http, f"timeseries?{period}&grain={grain}{more}")
        sums = await asked(http, f"totals?{period}&{compare}{more}")
        days = {"from": sums["compared"]["from"], "to": sums["compared"]["to"], "grain": grain}
        before = await asked(http, f"timeseries?{more}", **days)

        assert (alone["compared"], alone["before"], alone["totals"]) == (None, None, None)
        assert (both["buckets"], both["series"]) == (alone["buckets"], alone["series"])
        assert both["compared"] == sums["compared"]
        assert both["before"] == {name: before[name] for name in ("buckets", "series")}
        assert both["totals"] == sums["data"]
        assert any(point["redemptions"] for line in before["series"] for point in line["points"])


async def test_sums_are_rounded_once_and_not_the_sums_of_rounded_points(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    halves = [
        a_success(at=NOON + timedelta(days=day), order_minor=1, margin_basis_points=5_000)
        for day in range(-3, 3)
    ]
    await figures.store(a_project(), *halves)

    days = {"from": f"{NOON:%Y-%m-%d}", "compare": "previous", "totals": "true", "grain": "day"}
    answer = await asked(http, "timeseries", **days, to=f"{NOON + timedelta(days=3):%Y-%m-%d}")

    for series in (answer["series"], answer["before"]["series"]):
        assert [point["gross_profit_minor"] for point in series[0]["points"]] == [1, 1, 1]
    told = answer["totals"][0]["figures"]["gross_profit_minor"]
    assert (told["value"], told["before"]) == (2, 2)  # 1.5, half up


async def test_where_nothing_happened_there_are_zeros_in_the_projects_currency(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(a_project())
    answer = await asked(http, "timeseries", **{"from": "2026-11-20", "to": "2026-11-24"})
    (series,) = answer["series"]
    assert (series["id"], series["currency"]) == (None, "EUR")
    assert series["points"] == [figures_of([])] * 4
    answer = await asked(http, "timeseries", **{"from": "2026-11-20", "to": "2026-11-20"})
    assert (answer["buckets"], answer["series"]) == ([], [])


async def test_the_bucket_that_is_not_over_is_marked(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(a_project(), a_success(at=NOW - timedelta(days=2)), a_visit(at=NOW))
    answer = await asked(http, "timeseries", grain="day")
    # Since the first fact, until today ends.
    assert [b["start"][:10] for b in answer["buckets"]] == [
        "2026-11-24",
        "2026-11-25",
        "2026-11-26",
    ]
    assert [b["unfinished"] for b in answer["buckets"]] == [False, False, True]
    assert answer["period"] == {
        "from": "2026-11-24T00:00:00+01:00",
        "to": "2026-11-27T00:00:00+01:00",
        "until": "2026-11-26T17:06:00+01:00",
        "unfinished": True,
    }


async def test_names_are_the_latest_and_nobodys_refusals_have_none(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    hats = CampaignCategory(id="cat_1", name="Hats")
    await figures.store(
        *(a_project(), a_campaign(category=hats)),
        a_campaign(version=2, name="Summer", category=hats),
        *(a_success(category_id="cat_1"), an_unknown_code()),
        a_success(at=NOON + timedelta(days=1), campaign_version=2, category_id="cat_1"),
    )
    for split_by, id_, name in (
        *(("campaign", "camp_1", "Summer"), ("partner", "part_1", "Dealhunt")),
        *(("category", "cat_1", "Hats"), ("channel", "newsletter", "newsletter")),
    ):
        answer = await asked(http, "timeseries", split_by=split_by, **{"from": "2026-11-20"})
        told = [(s["id"], s["name"], s["others"]) for s in answer["series"]]
        assert told == [(id_, name, False), (None, None, False)]


async def test_measures_may_be_chosen(http: httpx.AsyncClient, figures: Figures) -> None:
    await figures.store(a_project(), a_success(), a_failure())
    answer = await asked(
        http, "timeseries", measure=["profit_minor", "refused"], **{"from": "2026-11-23"}
    )
    assert {tuple(point) for point in answer["series"][0]["points"]} == {
        ("profit_minor", "refused")
    }


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("grain=minute", "grain", "hour"),
        ("grain=hour&from=2026-01-01", "grain", "more than 400 points: day, week, month fit"),
        ("grain=day&from=2024-01-01", "grain", "week, month fit"),
        ("from=2016-01-01&to=2026-01-02", "to", "ten years"),
        ("from=2026-02-01&to=2026-01-01", "to", "before from"),
        ("from=2030-01-01", "from", "today"),
        ("split_by=code", "split_by", "partner"),
        ("split_by=partner&top=0", "top", "1"),
        ("split_by=partner&top=11", "top", "10"),
        ("split_by=partner&order=name", "order", "gross_minor"),
        ("measure=margin", "measure", "gross_minor"),
        ("compare=previous", "compare", "needs from"),
        ("compare=previous&from=2026-11-01&split_by=partner", "compare", "split_by"),
        ("compare_from=2026-11-01&from=2026-11-01", "compare_from", "custom"),
        (
            "compare=custom&from=2026-11-01&grain=day&compare_from=2024-11-01&compare_to=2026-01-01",
            "compare_to",
            "more than 400 points: week, month fit",
        ),
        ("totals=true&split_by=partner", "totals", "split_by"),
        ("top=5", "top", "split_by"),
        ("order=-visits", "order", "split_by"),
        ("totals=true&format=csv", "totals", "file"),
        ("totals=perhaps", "totals", "bool"),
    ],
)
async def test_a_question_that_makes_no_series_is_told_why(
    http: httpx.AsyncClient, query: str, field: str, said: str
) -> None:
    answer = await http.get(f"/v1/reports/timeseries?{query}", headers=KEY)
    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
    assert f"parameter {field}" in answer.json()["message"]
    assert said in answer.json()["message"]


def test_every_currency_is_tried() -> None:
    facts = some_facts("proj_1", NOON, 24, 100, seed=1)
    assert {currency_of(fact) for fact in facts} == {*CURRENCIES}
