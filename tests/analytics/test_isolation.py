"""Whatever happens in another project changes no byte of any report of ours."""

from datetime import UTC, datetime, timedelta

import httpx
from kit import tokens
from kit.analytics_by_hand import some_facts
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import a_campaign, a_key, a_project, refused_guesses

from analytics.keys import ProjectKeys
from contracts.campaigns import Named

NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)
DAY = timedelta(days=1)
PERIOD = "from=2026-11-20&to=2026-11-27"
QUERIES = {
    "/v1/reports/partners": ("", PERIOD),
    "/v1/reports/campaigns": (
        *("", "partner_id=part_1&category_id=cat_1", "format=csv", "split_by=segment"),
    ),
    "/v1/reports/failures": (
        *("", f"{PERIOD}&compare=previous", "group_by=partner&group_by=campaign&group_by=code"),
    ),
    "/v1/reports/failures/attempts": ("limit=100", "campaign_id=camp_1"),
    "/v1/reports/attention": ("", "by=partner", PERIOD),
    "/v1/reports/timeseries": (
        *(
            "",
            *(
                f"split_by={part}"
                for part in ("partner", "campaign", "category", "channel", "segment")
            ),
        ),
    ),
    "/v1/reports/totals": ("", f"{PERIOD}&compare=year", f"{PERIOD}&compare=previous"),
    "/v1/reports/funnel": ("", "campaign_id=camp_1"),
    "/v1/reports/recent": ("limit=100", "code=CODE-1-1"),
    "/v1/reports/segments": ("", "segment_id=seg_1"),
    "/v1/reports/pace": ("campaign_id=camp_1&campaign_id=camp_2",),
    "/v1/reports/portal/totals": ("", f"{PERIOD}&compare=previous"),
    "/v1/reports/portal/timeseries": ("", "split_by=campaign"),
    "/v1/reports/portal/redemptions": ("limit=100", "campaign_id=camp_1"),
}


async def told(http: httpx.AsyncClient) -> dict[str, str]:
    partner = tokens.bearer("proj_1", ["portal"], partner_id="part_1")
    answers = {}
    for path, queries in QUERIES.items():
        headers = partner if "/portal/" in path else KEY
        for query in queries:
            answer = await http.get(f"{path}?{query}", headers=headers)
            assert answer.status_code == 200, answer.text
            answers[f"{path}?{query}"] = answer.text
    return answers


async def test_another_projects_facts_change_no_report_of_ours(
    clickhouse_db: str, figures: Figures
) -> None:
    keys = ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, a_project())
    other = a_project(id="proj_2", currency="JPY", keys=(a_key("key_2"),))
    tell(keys, other)
    await figures.store(
        a_project(),
        a_campaign(id="camp_1", partner=Named(id="part_1", name="Dealhunt")),
        *some_facts("proj_1", NOW - 30 * DAY, 30 * 24, 300, seed=41),
    )
    async with serving(clickhouse_db, keys, lambda: NOW) as http:
        described = (await http.get("/openapi/analytics.json")).json()
        assert set(described["paths"]) == set(QUERIES)  # a new report has its line here
        before = await told(http)

        # The same ids, older and newer than all of ours, and under other names.
        await figures.store(
            other,
            a_campaign(project="proj_2", id="camp_1", partner=Named(id="part_1", name="Not yours")),
            *some_facts("proj_2", NOW - 400 * DAY, 399 * 24, 600, seed=42),
            refused_guesses(7, project="proj_2"),
            first=5000,
        )

        assert await told(http) == before
        theirs = await http.get("/v1/reports/totals", headers=KEY | {"X-App-Id": "key_2"})
        assert theirs.json()["data"][0]["figures"]["redemptions"]["value"] > 0
        for answer in before.values():
            assert "Not yours" not in answer
