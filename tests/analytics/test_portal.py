"""What a partner's own people see: their own deals, and nothing that gives anything else away."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from kit import tokens
from kit.analytics_by_hand import CURRENCIES, figures_of, of, some_facts
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import NOON, a_campaign, a_failure, a_project, a_success, a_visit

from analytics.keys import ProjectKeys
from contracts.campaigns import Named
from contracts.redemptions import RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack

NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)
DAY = timedelta(days=1)
PARTNER = tokens.bearer("proj_1", ["portal"], partner_id="part_1")
SHOWN = ("visits", "redemptions", "net_minor", "commission_minor")
ROUTES = ("totals", "timeseries", "redemptions")
SECRET_WORDS = (
    *("margin", "profit", "roi", "customer", "gross", "discount", "cost", "refus", "attempt"),
    *("part_0", "part_2", "Rival", "camp_0", "camp_2"),
)

MORE = re.compile(r'"more_cursor":\s*"[^"]*"')  # may spell any short word


@pytest.fixture
async def http(clickhouse_db: str) -> AsyncIterator[httpx.AsyncClient]:
    keys = ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, a_project())
    tell(keys, a_project(id="proj_2", keys=()))
    async with serving(clickhouse_db, keys, lambda: NOW) as client:
        yield client


async def asked(http: httpx.AsyncClient, query: str) -> Any:
    answer = await http.get(f"/v1/reports/portal/{query}", headers=PARTNER)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_partner_sees_the_figures_of_its_own_deals(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOW - 4 * DAY, 4 * 24, 300, seed=21)
    await figures.store(a_project(), *facts)

    totals = await asked(http, "totals?from=2026-11-25&compare=previous")
    both = await asked(http, "timeseries?from=2026-11-25&compare=previous&totals=true")
    assert (both["compared"], both["totals"]) == (totals["compared"], totals["data"])
    series = await asked(http, "timeseries?from=2026-11-20&grain=month")
    split = await asked(http, "timeseries?from=2026-11-20&grain=month&split_by=campaign")

    for number, currency in enumerate(CURRENCIES):
        own = of(facts, currency, partner_id="part_1")
        today = [f for f in own if f.time >= datetime(2026, 11, 24, 23, tzinfo=UTC)]
        told = totals["data"][number]["figures"]
        assert {name: figure["value"] for name, figure in told.items()} == {
            name: figures_of(today)[name] for name in SHOWN
        }
        (point,) = series["series"][number]["points"]
        assert point == {name: figures_of(own)[name] for name in SHOWN}
        for each in (s for s in split["series"] if s["currency"] == currency):
            expected = figures_of(of(facts, currency, campaign_id=each["id"]))
            assert each["points"] == [{name: expected[name] for name in SHOWN}]
    assert {each["id"] for each in split["series"]} == {"camp_1", "camp_4"}

    sales = await asked(http, "redemptions?limit=100")
    sold = [
        f for f in facts if isinstance(f, RedemptionSucceeded) and f.data.partner_id == "part_1"
    ]
    assert {sale["id"] for sale in sales["data"]} == {f.data.redemption_id for f in sold}
    for currency in CURRENCIES:
        paid = [sale for sale in sales["data"] if sale["currency"] == currency]
        # Each as it was redeemed, whatever was rolled back of it since.
        kept = [f for f in facts if not isinstance(f, RedemptionRolledBack)]
        expected = figures_of(of(kept, currency, partner_id="part_1"))
        for measure in ("net_minor", "commission_minor"):
            assert sum(sale[measure] for sale in paid) == expected[measure]


async def test_nothing_that_a_partner_sees_gives_anything_else_away(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    facts = some_facts("proj_1", NOW - 4 * DAY, 4 * 24, 200, seed=22)
    rival = Named(id="part_0", name="Rival")
    await figures.store(a_project(), a_campaign(id="camp_0", partner=rival), *facts)
    for query in (
        *(
            "totals",
            "totals?compare=year&from=2026-11-01",
            "timeseries",
            "timeseries?split_by=channel",
            "timeseries?totals=true&compare=previous&from=2026-11-25",
        ),
        *("timeseries?split_by=campaign&top=10", "redemptions?limit=100", "redemptions?format=csv"),
        *("totals?format=csv", "timeseries?format=csv&split_by=campaign"),
        *("totals?campaign_id=camp_0", "redemptions?campaign_id=camp_0&campaign_id=camp_2"),
    ):
        answer = await http.get(f"/v1/reports/portal/{query}", headers=PARTNER)
        assert answer.status_code == 200, answer.text
        said = MORE.sub("", answer.text)
        for word in SECRET_WORDS:
            assert word not in said, (query, word)
        if "camp_0" in query:
            assert all(not sum(row.values()) for row in _numbers(answer.json()))


def _numbers(answer: Any) -> list[dict[str, int]]:
    if "has_more" in answer:
        return [{"rows": len(answer["data"])}]
    return [{n: f["value"] for n, f in row["figures"].items()} for row in answer["data"]]


@pytest.mark.parametrize(
    "query",
    [
        *("timeseries?measure=profit_minor", "timeseries?split_by=campaign&order=-profit_minor"),
        *(
            "timeseries?split_by=partner",
            "timeseries?split_by=category",
            "totals?partner_id=part_0",
        ),
        *("redemptions?partner_id=part_0", "redemptions?customer_id=x", "totals?category_id=cat_0"),
    ],
)
async def test_what_is_not_for_partners_cannot_even_be_asked(
    http: httpx.AsyncClient, query: str
) -> None:
    answer = await http.get(f"/v1/reports/portal/{query}", headers=PARTNER)
    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")


async def test_staff_and_partners_have_doors_of_their_own(http: httpx.AsyncClient) -> None:
    nobodys = tokens.bearer("proj_1", ["portal"])  # of no partner: sees nothing, not everything
    staff = tokens.bearer("proj_1", ["reports"], partner_id=None)
    for route in ROUTES:
        for headers in (KEY, nobodys, staff):
            answer = await http.get(f"/v1/reports/portal/{route}", headers=headers)
            assert (answer.status_code, answer.json()["key"]) == (
                403,
                "missing_required_permission",
            )
    for route in ("partners", "totals", "recent", "failures", "portal", "portals/totals"):
        answer = await http.get(f"/v1/reports/{route}", headers=PARTNER)
        assert answer.status_code == 403, route


async def test_the_same_partner_id_in_another_project_is_another_partner(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(
        *(a_project(), a_success(), a_visit()),
        *(a_success(project="proj_2", code="ELSEWHERE"), a_visit(project="proj_2")),
    )
    other = tokens.bearer("proj_2", ["portal"], partner_id="part_1")
    for headers, code in ((PARTNER, "SPRING"), (other, "ELSEWHERE")):
        answer = await http.get("/v1/reports/portal/redemptions", headers=headers)
        assert [sale["code"] for sale in answer.json()["data"]] == [code]


async def test_since_when_a_partner_is_told_of_is_its_own_first_fact(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(
        a_project(), a_failure(at=NOON - 300 * DAY, partner_id="part_0"), a_success(at=NOON)
    )
    answer = await asked(http, "totals")
    assert answer["period"]["from"] == "2026-11-23T00:00:00+01:00"
    assert json.dumps(answer["data"]).count('"value": 1,') == 1
