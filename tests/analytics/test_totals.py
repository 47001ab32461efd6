"""Totals and the funnel over HTTP, beside the same of another period, worked out in Python."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from kit.analytics_by_hand import CURRENCIES, Fact, figures_of, of, some_facts
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import (
    NOON,
    a_failure,
    a_project,
    a_success,
    a_visit,
    an_unknown_code,
    refused_guesses,
)

from analytics.keys import ProjectKeys

NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)  # 17:06 in Berlin
DAY = timedelta(days=1)


@pytest.fixture
async def http(clickhouse_db: str) -> AsyncIterator[httpx.AsyncClient]:
    keys = ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, a_project())
    async with serving(clickhouse_db, keys, lambda: NOW) as client:
        yield client


async def asked(http: httpx.AsyncClient, query: str) -> Any:
    answer = await http.get(f"/v1/reports/{query}", headers=KEY)
    assert answer.status_code == 200, answer.text
    return answer.json()


def within(facts: list[Fact], span: dict[str, Any]) -> list[Fact]:
    starts_at, until = (datetime.fromisoformat(span[name]) for name in ("from", "until"))
    return [fact for fact in facts if starts_at <= fact.time < until]


@pytest.mark.parametrize(
    ("query", "period", "compared"),
    [
        pytest.param(
            "from=2026-11-20&to=2026-11-23&compare=previous",
            ("2026-11-20T00:00:00+01:00", "2026-11-23T00:00:00+01:00"),
            ("2026-11-17T00:00:00+01:00", "2026-11-20T00:00:00+01:00"),
            id="the-period-before",
        ),
        pytest.param(
            "from=2026-11-26&to=2026-11-27&compare=previous",
            ("2026-11-26T00:00:00+01:00", "2026-11-26T17:06:00+01:00"),
            ("2026-11-25T00:00:00+01:00", "2026-11-25T17:06:00+01:00"),
            id="today-meets-the-same-part-of-yesterday",
        ),
        pytest.param(
            "from=2026-11-23&compare=year",
            ("2026-11-23T00:00:00+01:00", "2026-11-26T17:06:00+01:00"),
            ("2025-11-24T00:00:00+01:00", "2025-11-27T17:06:00+01:00"),
            id="this-week-meets-the-same-part-of-a-year-before",
        ),
        pytest.param(
            "from=2026-11-21&to=2026-11-23&compare=custom&compare_from=2026-11-14",
            ("2026-11-21T00:00:00+01:00", "2026-11-23T00:00:00+01:00"),
            ("2026-11-14T00:00:00+01:00", "2026-11-16T00:00:00+01:00"),
            id="one-that-is-named-is-as-long",
        ),
        pytest.param(
            "from=2026-11-21&to=2026-11-23&compare=custom"
            "&compare_from=2026-11-10T00:00:00Z&compare_to=2026-11-20",
            ("2026-11-21T00:00:00+01:00", "2026-11-23T00:00:00+01:00"),
            ("2026-11-10T01:00:00+01:00", "2026-11-20T00:00:00+01:00"),
            id="or-as-long-as-is-said",
        ),
        pytest.param(
            "from=2026-11-30&to=2026-12-07&compare=previous",
            ("2026-11-30T00:00:00+01:00", "2026-11-30T00:00:00+01:00"),
            ("2026-11-23T00:00:00+01:00", "2026-11-23T00:00:00+01:00"),
            id="what-has-not-begun-meets-nothing",
        ),
    ],
)
async def test_a_period_meets_the_other(
    http: httpx.AsyncClient,
    figures: Figures,
    query: str,
    period: tuple[str, str],
    compared: tuple[str, str],
) -> None:
    facts = [
        *some_facts("proj_1", NOW - 20 * DAY, 20 * 24, 300, seed=5),
        *some_facts("proj_1", NOW - 366 * DAY, 10 * 24, 100, seed=6),
    ]
    await figures.store(a_project(), *facts)

    answer = await asked(http, f"totals?{query}")

    assert (answer["period"]["from"], answer["period"]["until"]) == period
    assert (answer["compared"]["from"], answer["compared"]["until"]) == compared
    told = {row["currency"]: row["figures"] for row in answer["data"]}
    for currency, told_figures in told.items():
        now = figures_of(of(within(facts, answer["period"]), currency))
        before = figures_of(of(within(facts, answer["compared"]), currency))
        for measure, figure in told_figures.items():
            assert figure["value"] == now[measure], measure
            assert figure["before"] == before[measure], measure
            if figure["value"] is None or figure["before"] is None:
                assert (figure["difference"], figure["ratio"]) == (None, None)
                continue
            difference = figure["value"] - figure["before"]
            assert figure["difference"] == pytest.approx(difference)
            assert figure["new"] == (figure["before"] == 0 and figure["value"] != 0)
            expected = difference / abs(figure["before"]) if figure["before"] else None
            assert figure["ratio"] == (None if expected is None else pytest.approx(expected))
    happened = within(facts, answer["period"]) + within(facts, answer["compared"])
    assert set(told) == {"EUR", *(c for c in CURRENCIES if of(happened, c))}


async def test_without_a_comparison_there_are_figures_alone(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(a_project(), a_success(), a_success(currency="JPY"), a_failure(), a_visit())
    answer = await asked(http, "totals")
    assert answer["compared"] is None
    assert answer["period"]["from"] == "2026-11-23T00:00:00+01:00"  # the first fact's day
    assert [row["currency"] for row in answer["data"]] == ["EUR", "JPY"]
    euro = answer["data"][0]["figures"]
    assert euro["gross_minor"] == {
        "value": 1000,
        "before": None,
        "difference": None,
        "ratio": None,
        "new": False,
    }
    assert {name: figure["value"] for name, figure in euro.items()} == figures_of(
        [a_success(), a_failure(), a_visit()]
    )


async def test_all_time_may_be_longer_than_what_may_be_asked_for(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(a_project(), a_success(at=NOW - 16 * 366 * DAY), a_success(at=NOW - DAY))
    for report in ("totals", "funnel"):
        assert (await asked(http, report))["period"]["from"].startswith("2010-11-")
    answer = await asked(http, "timeseries")
    assert answer["grain"] == "month"
    assert sum(point["redemptions"] for point in answer["series"][0]["points"]) == 2


async def test_a_project_without_facts_has_zeros(http: httpx.AsyncClient, figures: Figures) -> None:
    await figures.store(a_project())
    for query in ("totals", "totals?from=2026-11-01&compare=year"):
        (row,) = (await asked(http, query))["data"]
        assert row["currency"] == "EUR"
        assert row["figures"]["profit_minor"]["value"] == 0
        assert row["figures"]["roi"]["value"] is None


async def test_totals_and_failures_agree_on_what_was_refused(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    """Unknown codes are nobody's and still refused; what was refused unread was never decided."""
    unread = refused_guesses(40)
    await figures.store(a_project(), a_failure(), an_unknown_code(), a_success(), unread)
    (row,) = (await asked(http, "totals?from=2026-11-23"))["data"]
    failures = (await asked(http, "failures?from=2026-11-23"))["data"]
    decided = [line for line in failures if line["reason"] != "too_many_requests"]
    assert row["figures"]["refused"]["value"] == sum(line["attempts"] for line in decided) == 2
    assert row["figures"]["refusal_rate"]["value"] == pytest.approx(2 / 3)


async def test_the_funnel_counts_what_happened_whatever_it_was_paid_in(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOW - 4 * DAY, 4 * 24, 200, seed=8)
    await figures.store(a_project(), *facts)

    answer = await asked(http, "funnel?from=2026-11-25&compare=previous")

    spans = [answer["period"], answer["compared"]]
    now, before = (figures_of(within(facts, span)) for span in spans)
    steps = ["visits", "attempts", "redemptions", "new_customers"]
    assert [(s["step"], s["count"], s["before"]) for s in answer["data"]] == [
        (step, now[step], before[step]) for step in steps
    ]
    visits, attempts, redemptions, new = answer["data"]
    assert (visits["of_previous"], visits["of_first"]) == (None, None)
    assert attempts["of_previous"] == pytest.approx(now["attempts"] / now["visits"])
    assert redemptions["of_previous"] == pytest.approx(now["redemptions"] / now["attempts"])
    assert new["of_first"] == pytest.approx(now["new_customers"] / now["visits"])


async def test_a_funnel_without_visits_has_no_ratio(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(a_project(), a_success())
    _, attempts, redemptions, _ = (await asked(http, "funnel"))["data"]
    assert (attempts["of_previous"], attempts["of_first"]) == (None, None)
    assert redemptions["of_previous"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("compare=previous", "compare"),
        ("compare=week&from=2026-11-01", "compare"),
        ("compare=custom&from=2026-11-01", "compare_from"),
        (
            "compare=custom&from=2026-11-01&compare_from=2026-10-01&compare_to=2026-09-01",
            "compare_to",
        ),
        ("compare_from=2026-10-01&from=2026-11-01", "compare_from"),
        ("compare_to=2026-10-01&from=2026-11-01&compare=year", "compare_to"),
        ("compare=custom&from=2026-11-01&compare_from=soon", "compare_from"),
        ("from=2006-11-01", "to"),
        ("split_by=partner", "split_by"),
    ],
)
async def test_a_comparison_that_means_nothing_is_told_why(
    http: httpx.AsyncClient, query: str, field: str
) -> None:
    for report in ("totals", "funnel"):
        answer = await http.get(f"/v1/reports/{report}?{query}", headers=KEY)
        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
        assert f"parameter {field}" in answer.json()["message"], answer.text


async def test_what_has_not_changed_is_not_sent_again(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(a_project(), a_success(at=NOON))
    reports = ("totals", "recent", "partners", "timeseries", "recent?format=csv")
    tags: dict[str, str] = {}
    for report in reports:
        first = await http.get(f"/v1/reports/{report}", headers=KEY)
        tags[report] = first.headers["ETag"]
        known = KEY | {"If-None-Match": tags[report]}
        again = await http.get(f"/v1/reports/{report}", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tags[report]
        assert again.headers["Cache-Control"] == "private, no-cache"
    await figures.store(a_success(at=NOON + DAY), first=10)
    for report in reports:
        known = KEY | {"If-None-Match": tags[report]}
        assert (await http.get(f"/v1/reports/{report}", headers=known)).status_code == 200
