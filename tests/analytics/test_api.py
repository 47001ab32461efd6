"""HTTP as a client sees it: keys, questions, and every way to be refused."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import httpx
import pytest
from kit import tokens
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import (
    SECRET,
    a_campaign,
    a_failure,
    a_key,
    a_project,
    a_success,
    a_visit,
)
from kit.patience import until_true
from pydantic import BaseModel

from analytics.api import examples, series, totals, turns
from analytics.keys import ProjectKeys
from analytics.reports.listing import Report
from analytics.store import ClickHouse
from contracts.projects import Ended

REPORTS = ("partners", "campaigns", "failures")
ROUTES = (
    *(
        *REPORTS,
        "attention",
        "failures/attempts",
        "funnel",
        "pace",
        "recent",
        "segments",
        "timeseries",
        "totals",
    ),
    *("portal/totals", "portal/timeseries", "portal/redemptions"),
)
AWAY = "http://nobody:x@127.0.0.1:1/coupons"


@pytest.fixture
def keys() -> ProjectKeys:
    keys = ProjectKeys()
    tell(keys, a_project(keys=(a_key(), a_key("key_shop", "redemptions"))))
    keys.freshness.caught_up.set()
    return keys


@pytest.fixture
async def http(
    clickhouse_db: str, figures: Figures, keys: ProjectKeys
) -> AsyncIterator[httpx.AsyncClient]:
    await figures.store(a_project(), a_campaign(), a_success(), a_failure(), a_visit())
    async with serving(clickhouse_db, keys) as client:
        yield client


def assert_error(answer: httpx.Response, code: int, key: str) -> dict[str, Any]:
    assert answer.status_code == code
    body: dict[str, Any] = answer.json()
    assert (body["code"], body["key"]) == (code, key)
    assert body["message"]
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert "Traceback" not in answer.text
    return body


@pytest.mark.parametrize("report", REPORTS)
async def test_a_report_is_a_list(http: httpx.AsyncClient, report: str) -> None:
    answer = await http.get(f"/v1/reports/{report}", headers=KEY)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert (body["object"], body["data_ref"], body["total"]) == ("list", "data", 1)
    assert body["data"][0]["partner_id"] == (None if report == "failures" else "part_1")


async def test_money_is_whole_numbers(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/reports/partners", headers=KEY)

    (line,) = json.loads(answer.content, parse_float=str)["data"]
    money = {name: value for name, value in line.items() if name.endswith("_minor")}
    assert len(money) == 8
    assert all(isinstance(value, int) for value in money.values())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-App-Id": "key_1"},
        {"X-App-Token": SECRET},
        KEY | {"X-App-Token": "wrong"},
        KEY | {"X-App-Id": "key_2"},
        KEY | {"X-App-Id": "key_1' OR 1=1 --"},
        KEY | {"X-App-Token": b"\xff\xfe"},
        KEY | {"X-App-Id": "k" * 5000},
        KEY | {"X-App-Id": b"\xff" * 101},
        KEY | {"X-App-Id": "key_1\0"},
    ],
    ids=[
        *("none", "id-only", "token-only", "wrong-token", "unknown-id", "sql", "not-ascii"),
        *("endless", "too-long", "nul"),
    ],
)
async def test_who_has_no_key_gets_nothing(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for report in REPORTS:
        answer = await http.get(f"/v1/reports/{report}", headers=headers)
        assert_error(answer, 401, "unauthorized")


async def test_a_key_needs_the_scope_of_reports(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/reports/partners", headers=KEY | {"X-App-Id": "key_shop"})
    body = assert_error(answer, 403, "missing_required_permission")
    assert "reports" in body["details"]


@pytest.mark.parametrize(
    ("scope", "reports", "portal"),
    [("reports", 200, 403), ("portal", 403, 200), ("campaigns", 403, 403), ("settings", 403, 403)],
)
async def test_a_token_opens_what_its_scopes_say(
    http: httpx.AsyncClient, scope: str, reports: int, portal: int
) -> None:
    token = tokens.bearer("proj_1", [scope], partner_id="part_1")

    asked = await http.get("/v1/reports/partners", headers=token)
    own = await http.get("/v1/reports/portal/totals", headers=token)

    assert (asked.status_code, own.status_code) == (reports, portal)


@pytest.mark.parametrize("ended", ["sess_a", "grant_a"])
async def test_a_token_whose_session_or_grant_has_ended_is_refused(
    http: httpx.AsyncClient, keys: ProjectKeys, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.bearer("proj_1", ["reports"])
    assert (await http.get("/v1/reports/partners", headers=token)).status_code == 200
    until = datetime.now(UTC) + timedelta(minutes=10)
    monkeypatch.setattr("servicekit.http.keys.REVOKED_WITHIN_SECONDS", 0.0)

    tell(keys, a_project(version=2, ended=(Ended(id=ended, until=until),)))

    assert_error(await http.get("/v1/reports/partners", headers=token), 401, "unauthorized")
    stranger = tokens.bearer("proj_unknown", ["reports"])
    assert_error(await http.get("/v1/reports/partners", headers=stranger), 401, "unauthorized")


async def test_a_key_that_was_unknown_a_moment_ago_works_at_once(
    http: httpx.AsyncClient, keys: ProjectKeys
) -> None:
    """Once its snapshot has come, whatever ClickHouse has of it by then."""
    new = KEY | {"X-App-Id": "key_new"}
    assert_error(await http.get("/v1/reports/partners", headers=new), 401, "unauthorized")

    tell(keys, a_project(version=2, keys=(a_key(), a_key("key_new"))))

    assert (await http.get("/v1/reports/partners", headers=new)).status_code == 200


async def test_a_revoked_key_is_refused(http: httpx.AsyncClient, keys: ProjectKeys) -> None:
    tell(keys, a_project(version=2, keys=()))
    answer = await http.get("/v1/reports/partners", headers=KEY)
    assert_error(answer, 401, "unauthorized")


async def test_a_made_up_key_is_refused_without_a_query(keys: ProjectKeys) -> None:
    """With ClickHouse away, every query would be a 503; a wrong secret costs as little."""
    async with serving(AWAY, keys) as client:
        for made_up in ({"X-App-Id": "key_made_up"}, {"X-App-Token": "wrong"}):
            answer = await client.get("/v1/reports/partners", headers=KEY | made_up)
            assert_error(answer, 401, "unauthorized")


MALFORMED = [
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=ten", "limit"),
    ("page=0", "page"),
    ("page=99999999999999999999", "page"),
    ("order=nonsense", "order"),
    ("order=profit_minor;DROP TABLE visits", "order"),
    ("order=--profit_minor", "order"),
    ("from=2026-13-01", "from"),
    ("from=2026-01-01T00:00:00", "from"),
    ("to=soon", "to"),
    ("from=2026-02-01&to=2026-01-01", "to"),
    ("partner_id=" + "x" * 101, "partner_id"),
    ("partner_id=%0A%E2%80%8B", "partner_id"),
    ("campaign_id=", "campaign_id"),
    ("partner_id=part%001", "partner_id"),
    ("form=2026-01-01", "form"),
    ("from=2026-01-01&currency=EUR", "currency"),
    ("From=2026-01-01", "From"),
    ("from=2026-01-01&from=2026-02-01", "from"),
    ("limit=2&limit=3", "limit"),
    ("format=xml", "format"),
    ("&".join(f"partner_id=part_{n}" for n in range(51)), "partner_id"),
    ("offset=10", "offset"),
]


async def test_a_malformed_question_is_told_which_field(http: httpx.AsyncClient) -> None:
    for report in REPORTS:
        for query, field in MALFORMED:
            answer = await http.get(f"/v1/reports/{report}?{query}", headers=KEY)
            body = assert_error(answer, 400, "invalid_query_params")
            assert field in body["message"], query


async def test_every_field_of_a_line_can_be_ordered_by(http: httpx.AsyncClient) -> None:
    for report in REPORTS:
        (line,) = (await http.get(f"/v1/reports/{report}", headers=KEY)).json()["data"]
        for field, sign in zip(line, cycle(("", "-")), strict=False):
            answer = await http.get(f"/v1/reports/{report}?order={sign}{field}", headers=KEY)
            assert answer.status_code == 200, answer.text


async def test_any_filter_is_answered(http: httpx.AsyncClient) -> None:
    for text in ("%F0%9F%92%A9", "'", "%5C", "a%0Ab", "{a:String}", "%EF%BF%BE", "%FF"):
        answer = await http.get(f"/v1/reports/campaigns?partner_id={text}", headers=KEY)
        assert (answer.status_code, answer.json()["total"]) == (200, 0), text


async def test_a_blank_pasted_around_a_filter_narrows_to_the_same(http: httpx.AsyncClient) -> None:
    (line,) = (await http.get("/v1/reports/campaigns", headers=KEY)).json()["data"]
    for name in ("partner_id", "campaign_id"):
        pasted = {name: f"\u200b {line[name]}\n"}
        answer = await http.get("/v1/reports/campaigns", params=pasted, headers=KEY)
        assert answer.json()["data"] == [line], answer.text


async def test_the_longest_filters_are_answered(http: httpx.AsyncClient) -> None:
    longest = [f"{number:02}" + "\N{PILE OF POO}" * 98 for number in range(25)]
    for report in REPORTS:
        for names in ({"partner_id": longest}, {"partner_id": longest[:1], "channel": longest}):
            answer = await http.get(f"/v1/reports/{report}", params=names, headers=KEY)
            assert (answer.status_code, answer.json()["total"]) == (200, 0), answer.text


async def test_dates_are_days_of_the_project(http: httpx.AsyncClient, figures: Figures) -> None:
    # In Berlin the 23rd of November ends at 23:00 UTC.
    late = a_success().time.replace(hour=22, minute=59)
    after = late.replace(hour=23, minute=0)
    await figures.store(a_success(at=late), a_success(at=after), first=100)

    answer = await http.get("/v1/reports/partners?from=2026-11-23&to=2026-11-24", headers=KEY)

    assert answer.json()["data"][0]["redemptions"] == 2
    answer = await http.get("/v1/reports/partners?from=2026-11-24", headers=KEY)
    assert answer.json()["data"][0]["redemptions"] == 1


@pytest.mark.parametrize(
    ("method", "path", "code", "key"),
    [
        ("GET", "/v1/reports/nothing", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("POST", "/v1/reports/partners", 405, "method_not_allowed"),
        ("DELETE", "/livez", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there_is_an_error_object_too(
    http: httpx.AsyncClient, method: str, path: str, code: int, key: str
) -> None:
    assert_error(await http.request(method, path, headers=KEY), code, key)


async def test_a_request_id_is_echoed_or_made(http: httpx.AsyncClient) -> None:
    given = await http.get("/v1/reports/partners", headers=KEY | {"X-Request-Id": "mine-1"})
    assert given.headers["X-Request-Id"] == "mine-1"
    made = await http.get("/v1/reports/partners", headers={"X-Request-Id": "no\tgood"})
    assert made.headers["X-Request-Id"].startswith("v-")
    assert made.json()["request_id"] == made.headers["X-Request-Id"]


async def test_until_the_keys_are_read_the_answer_is_to_come_back_later(
    clickhouse_db: str,
) -> None:
    async with serving(clickhouse_db, ProjectKeys()) as client:
        answer = await client.get("/v1/reports/partners", headers=KEY)
        assert_error(answer, 503, "service_unavailable")
        ready = (await client.get("/readyz")).json()
        assert ready["ready"] is False
        assert ready["dependencies"]["keys"] != "ok"


async def test_keys_that_are_not_read_any_more_are_told_by_the_probe(
    clickhouse_db: str, keys: ProjectKeys
) -> None:
    keys.freshness.answered_at -= 900
    async with serving(clickhouse_db, keys) as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["dependencies"]["keys"].startswith("stale")


async def test_without_clickhouse_the_answer_is_to_come_back_later(keys: ProjectKeys) -> None:
    async with serving(AWAY, keys) as client:
        answer = await client.get("/v1/reports/partners", headers=KEY)
        assert_error(answer, 503, "service_unavailable")
        assert int(answer.headers["Retry-After"]) > 0

        assert (await client.get("/livez")).status_code == 200
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["ready"] is False
        assert ready.json()["dependencies"]["clickhouse"] != "ok"


async def test_health_and_metrics(http: httpx.AsyncClient) -> None:
    ready = await http.get("/readyz")
    assert ready.json() == {"ready": True, "dependencies": {"clickhouse": "ok", "keys": "ok"}}
    await http.get("/v1/reports/partners", headers=KEY)
    page = (await http.get("/metrics")).text
    labels = 'method="GET",role="api",route="/v1/reports/partners",service="analytics",status="200"'
    assert f"http_request_seconds_count{{{labels}}} 1.0" in page


async def test_the_pages_lie_where_the_gateway_looks(http: httpx.AsyncClient) -> None:
    assert (await http.get("/docs/analytics")).status_code == 200
    described = (await http.get("/openapi/analytics.json")).json()
    assert set(described["paths"]) == {f"/v1/reports/{route}" for route in ROUTES}
    answers = described["paths"]["/v1/reports/partners"]["get"]["responses"]
    assert set(answers) == {"200", "304", "400", "401", "403", "503", "504"}


async def test_one_project_has_two_reports_made_at_once(
    keys: ProjectKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(keys, a_project(id="proj_2", keys=(a_key("key_2"),)))
    at_work: Counter[str] = Counter()
    most: Counter[str] = Counter()
    goes_on = asyncio.Event()

    async def fetch(_report: Any, _client: Any, query: Any, _page: Any) -> Any:
        at_work[query.project_id] += 1
        most[query.project_id] = max(at_work.values())
        if query.project_id != "proj_2":
            await goes_on.wait()
        at_work[query.project_id] -= 1
        return [], 0

    async def client(_clickhouse: Any) -> None:
        return

    monkeypatch.setattr(Report, "fetch", fetch)
    monkeypatch.setattr(ClickHouse, "client", client)
    async with serving(AWAY, keys) as http, asyncio.TaskGroup() as group:
        asked = [
            group.create_task(http.get("/v1/reports/partners", headers=KEY)) for _ in range(20)
        ]
        await until_true(lambda: at_work["proj_1"] >= 2)  # however slow the machine
        await asyncio.sleep(0.1)  # for a third, if it were let in
        other = await http.get("/v1/reports/partners", headers=KEY | {"X-App-Id": "key_2"})
        goes_on.set()
        answers = await asyncio.gather(*asked)
    assert {other.status_code, *(answer.status_code for answer in answers)} == {200}
    assert max(most.values()) == 2


async def test_who_asks_for_more_than_his_turns_is_told_to_come_back(
    keys: ProjectKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = asyncio.Semaphore(0)

    async def hang(_clickhouse: Any) -> None:
        at_work.release()
        await asyncio.Event().wait()

    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(ClickHouse, "client", hang)
    async with serving(AWAY, keys) as http:
        held = [
            asyncio.create_task(http.get("/v1/reports/partners", headers=KEY)) for _ in range(2)
        ]
        async with asyncio.timeout(30):
            for _ in held:  # both have their turns, however slow the machine
                await at_work.acquire()
            answer = await http.get("/v1/reports/partners", headers=KEY)
        for each in held:
            each.cancel()
    assert_error(answer, 503, "service_unavailable")


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (series.Timeseries, examples.TIMESERIES),
        (totals.Totals, examples.TOTALS),
        (totals.Funnel, examples.FUNNEL),
    ],
)
def test_an_example_is_an_answer(model: type[BaseModel], example: dict[str, Any]) -> None:
    assert model.model_validate(example).model_dump(mode="json", by_alias=True) == example
