"""Every report as CSV says what its JSON says, and no spreadsheet runs a cell of it."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import pytest
from kit.analytics_by_hand import some_facts
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import NOON, a_campaign, a_failure, a_project, a_success

from analytics.api import pages
from analytics.api.attempts import Attempt, Attempts
from analytics.keys import ProjectKeys
from contracts.campaigns import Named
from servicekit.http.errors import ApiError

NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
DECIMALS = {"EUR": 2, "JPY": 0}
LISTS = (
    *("partners", "campaigns", "failures?group_by=code&group_by=reason"),
    *("failures/attempts", "recent", "pace?campaign_id=camp_1&campaign_id=camp_2"),
    "attention?from=2026-11-20&to=2026-11-26",
)


@pytest.fixture
async def http(clickhouse_db: str) -> AsyncIterator[httpx.AsyncClient]:
    keys = ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, a_project())
    async with serving(clickhouse_db, keys, lambda: NOW) as client:
        yield client


async def table(http: httpx.AsyncClient, path: str) -> list[dict[str, str]]:
    answer = await http.get(f"/v1/reports/{path}", headers=KEY | {"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def said(row: dict[str, Any]) -> dict[str, str]:
    """Write a row of JSON as the CSV should."""
    told = {}
    for name, value in row.items():
        short = name.removesuffix("_minor")
        if short == name:
            told[name] = _plain(name, value)
        else:
            head = f"{short}_value" if short in row else short
            told[head] = f"{Decimal(value).scaleb(-DECIMALS[row['currency']]):f}"
    return told


def _plain(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    if name in {"as_of", "start", "end"} or name.endswith("_at"):
        return datetime.fromisoformat(value).astimezone(BERLIN).isoformat()
    return str(value)


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_as_csv_has_every_row_of_it(
    http: httpx.AsyncClient, figures: Figures, path: str
) -> None:
    facts = some_facts("proj_1", NOW - 6 * DAY, 6 * 24, 150, seed=31)
    refusals = [a_failure(at=NOW - DAY) for _ in range(30)]
    await figures.store(a_project(), a_campaign(), *facts, *refusals)
    pages: list[dict[str, Any]] = []
    answer = (await http.get(f"/v1/reports/{path}", headers=KEY)).json()
    joint = "&" if "?" in path else "?"
    for number in range(1, 50):
        is_by_page = "total" in answer and "pace" not in path
        place = f"page={number}" if is_by_page else f"cursor={answer.get('more_cursor')}"
        if is_by_page:
            answer = (await http.get(f"/v1/reports/{path}{joint}{place}", headers=KEY)).json()
            pages += answer["data"]
            if len(pages) >= answer["total"]:
                break
        else:
            pages += answer["data"]
            if not answer.get("has_more"):
                break
            answer = (await http.get(f"/v1/reports/{path}{joint}{place}", headers=KEY)).json()

    rows = await table(http, path)

    assert rows
    assert rows == [said(row) for row in pages]


def _subject(series: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in series.items() if name != "points"}


async def test_what_is_over_time_is_a_row_for_each_bucket_or_measure(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOW - 3 * DAY, 3 * 24, 150, seed=32)
    await figures.store(a_project(), *facts)
    query = "split_by=partner&top=1&from=2026-11-23&grain=day"
    answer = (await http.get(f"/v1/reports/timeseries?{query}", headers=KEY)).json()
    expected = [
        said({**bucket, **_subject(series), **point})
        for series in answer["series"]
        for bucket, point in zip(answer["buckets"], series["points"], strict=True)
    ]
    assert await table(http, f"timeseries?{query}") == expected

    query = "from=2026-11-25&grain=day&compare=previous"
    answer = (await http.get(f"/v1/reports/timeseries?{query}", headers=KEY)).json()
    expected = [
        said({"before": whose is answer["before"], **bucket, **_subject(series), **point})
        for whose in (answer, answer["before"])
        for series in whose["series"]
        for bucket, point in zip(whose["buckets"], series["points"], strict=True)
    ]
    assert await table(http, f"timeseries?{query}") == expected

    query = "from=2026-11-25&compare=previous"
    answer = (await http.get(f"/v1/reports/totals?{query}", headers=KEY)).json()
    rows = await table(http, f"totals?{query}")
    for total in answer["data"]:
        own = {row.pop("measure"): row for row in rows if row["currency"] == total["currency"]}
        assert len(own) == len(total["figures"])
        for measure, figure in total["figures"].items():
            if measure == "gross_minor":
                digits = DECIMALS[total["currency"]]
                amounts = ("value", "before", "difference")
                written = {each: f"{Decimal(figure[each]).scaleb(-digits):f}" for each in amounts}
                assert {name: own["gross"][name] for name in amounts} == written
            if measure == "redemptions":
                assert own[measure]["value"] == str(figure["value"])
                assert own[measure]["new"] == str(figure["new"]).lower()
        assert own["refused"] != own["refused_value"]

    steps = await table(http, "funnel")
    answer = (await http.get("/v1/reports/funnel", headers=KEY)).json()
    assert steps == [said(step) for step in answer["data"]]


@pytest.mark.parametrize("name", ["=1+1", "+49", "-2", "@x", "\t=1", "=HYPERLINK(0)"])
async def test_no_cell_is_a_formula_and_no_number_is_a_text(
    http: httpx.AsyncClient, figures: Figures, name: str
) -> None:
    evil = a_campaign(name=name, partner=Named(id="part_1", name=name))
    loss = a_success(discount_minor=900, margin_basis_points=0, code=name.strip())
    await figures.store(a_project(), evil, loss, a_failure(code=name.strip()))
    (row,) = await table(http, "campaigns")
    assert (row["name"], row["partner_name"]) == (f"'{name}", f"'{name}")
    assert float(row["profit"]) < 0  # a minus sign and no apostrophe
    for attempt in await table(http, "recent"):
        assert attempt["code"].startswith("'")


async def test_a_cell_may_hold_anything_else(http: httpx.AsyncClient, figures: Figures) -> None:
    name = 'Ü "quoted", 1E5;\nnext'
    await figures.store(a_project(), a_campaign(name=name), a_success(code="007"))
    (row,) = await table(http, "campaigns")
    assert row["name"] == name
    (attempt,) = await table(http, "recent")
    assert attempt["code"] == "007"


async def test_an_empty_report_has_its_head(http: httpx.AsyncClient, figures: Figures) -> None:
    await figures.store(a_project())
    for path in LISTS:
        answer = await http.get(f"/v1/reports/{path}", headers=KEY | {"Accept": "text/csv"})
        lines = answer.text.removeprefix("\ufeff").splitlines()
        assert len(lines) == (3 if "pace" in path else 1)
        assert lines[0].count(",") > 5


async def test_the_form_is_what_was_asked_for(http: httpx.AsyncClient, figures: Figures) -> None:
    await figures.store(a_project(), *(a_success(at=NOON, partner_id=f"p{n}") for n in range(150)))
    for headers, query, kind in (
        ({"Accept": "text/csv"}, "", "text/csv"),
        ({"Accept": "text/csv, application/json;q=0.5"}, "", "application/json"),
        ({"Accept": "*/*"}, "", "application/json"),
        ({"Accept": "text/csv"}, "?format=json", "application/json"),
        ({"Accept": "application/json"}, "?format=csv", "text/csv"),
    ):
        answer = await http.get(f"/v1/reports/partners{query}", headers=KEY | headers)
        assert answer.headers["content-type"].startswith(kind), (headers, query)
    assert len(await table(http, "partners")) == 150  # all of them
    text = (await http.get("/v1/reports/partners?format=csv", headers=KEY)).text
    assert text.count("\n") == text.count("\r\n") == 151
    assert len(await table(http, "partners?limit=120&page=2")) == 30
    answer = await http.get("/v1/reports/partners?limit=101", headers=KEY)
    assert "limit" in answer.json()["message"]


def test_a_file_that_has_no_cursor_is_never_cut_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_OF_A_FILE", 2)
    cut = pages.Found([{}, {}], has_more=True)

    with pytest.raises(ApiError) as refused:
        cut.told(cast("Any", SimpleNamespace(csv=True)), Attempt, Attempts)

    assert refused.value.key == "too_many_rows"
