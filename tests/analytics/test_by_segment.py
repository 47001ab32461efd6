"""What customers of segments brought: every figure by hand.

| | segments | partner | order less discount | commission, 5 % of the net |
|---|---|---|---|---|
| A | gold, asleep | part_1 | 100.00 − 10.00 | 4.50 |
| B | gold | part_1 | 40.00 − 4.00 | 1.80 |
| C | none | part_2 | 20.00 − 2.00 | 0.90 |
| D | asleep | part_1 | refused, 20.00 | |
| E | none, of a code that nobody issued | | refused, 20.00 | |
| A is given back in part | gold, asleep | part_1 | −50.00 + 5.00 | −2.25 |
"""

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import (
    NOON,
    a_campaign,
    a_failure,
    a_project,
    a_rollback,
    a_segment,
    a_success,
    a_visit,
    an_unknown_code,
    refused_guesses,
)

from analytics.keys import ProjectKeys
from contracts.campaigns import Named

GOLD, ASLEEP = "seg_gold", "seg_asleep"
DAY: Final = "from=2026-11-23&to=2026-11-24"


@pytest.fixture
async def http(clickhouse_db: str, figures: Figures) -> AsyncIterator[httpx.AsyncClient]:
    first = a_success(order_minor=10_000, discount_minor=1_000, segment_ids=(GOLD, ASLEEP))
    of_other: dict[str, Any] = {"partner_id": "part_2", "campaign_id": "camp_2"}
    await figures.store(
        a_project(),
        a_campaign(),
        a_campaign(id="camp_2", name="Autumn", partner=Named(id="part_2", name="Letters")),
        a_segment(GOLD, name="Gold"),
        a_segment(ASLEEP, name="Asleep"),
        a_visit(),
        first,
        a_success(order_minor=4_000, discount_minor=400, segment_ids=(GOLD,)),
        a_success(order_minor=2_000, discount_minor=200, **of_other),
        a_failure(segment_ids=(ASLEEP,)),
        an_unknown_code(),
        a_rollback(first, order_minor=5_000, discount_minor=500),
    )
    keys = ProjectKeys()
    keys.freshness.caught_up.set()
    tell(keys, a_project())
    async with serving(clickhouse_db, keys, lambda: NOON.replace(hour=20)) as client:
        yield client


async def get(http: httpx.AsyncClient, query: str) -> Any:
    answer = await http.get(f"/v1/reports/{query}", headers=KEY)
    assert answer.status_code == 200, answer.text
    return answer.json()


def shown(rows: list[dict[str, Any]], *fields: str) -> set[tuple[Any, ...]]:
    return {tuple(row[field] for field in fields) for row in rows}


EARNED = ("redemptions", "gross_minor", "discount_minor", "commission_minor", "refused", "visits")


async def test_each_segment_has_a_row_and_who_is_in_none_too(http: httpx.AsyncClient) -> None:
    body = await get(http, "segments")

    assert body["total"] == 3
    assert shown(body["data"], "segment_id", "name", *EARNED) == {
        (GOLD, "Gold", 2, 9_000, 900, 405, 0, 0),
        (ASLEEP, "Asleep", 1, 5_000, 500, 225, 1, 0),
        (None, None, 1, 2_000, 200, 90, 1, 0),
    }


async def test_what_is_of_all_counts_once(http: httpx.AsyncClient) -> None:
    [total] = (await get(http, f"totals?{DAY}"))["data"]

    found = {name: total["figures"][name]["value"] for name in EARNED}
    assert found == {
        "redemptions": 3,
        "gross_minor": 11_000,
        "discount_minor": 1_100,
        "commission_minor": 495,
        "refused": 2,
        "visits": 1,
    }


@pytest.mark.parametrize(
    ("asked", "figures_of"),
    [
        (f"segment_id={GOLD}", (2, 9_000, 900, 405, 0, 0)),
        (f"segment_id={GOLD}&segment_id={ASLEEP}", (2, 9_000, 900, 405, 1, 0)),
        ("segment_id=none", (1, 2_000, 200, 90, 1, 0)),
        ("segment_id=seg_other", (0, 0, 0, 0, 0, 0)),
    ],
)
async def test_every_report_is_narrowed_to_a_segment(
    http: httpx.AsyncClient, asked: str, figures_of: tuple[int, ...]
) -> None:
    [total] = (await get(http, f"totals?{DAY}&{asked}"))["data"]
    series = (await get(http, f"timeseries?{DAY}&grain=day&{asked}"))["series"]
    steps = (await get(http, f"funnel?{DAY}&{asked}"))["data"]
    partners = (await get(http, f"partners?{asked}"))["data"]

    assert tuple(total["figures"][name]["value"] for name in EARNED) == figures_of
    assert [tuple(point[n] for n in EARNED) for s in series for point in s["points"]] == [
        figures_of
    ]
    assert {step["step"]: step["count"] for step in steps}["redemptions"] == figures_of[0]
    assert sum(row["gross_minor"] for row in partners) == figures_of[1]


async def test_partners_and_campaigns_are_split_by_segment(http: httpx.AsyncClient) -> None:
    fields = ("segment_id", "segment_name", "redemptions", "gross_minor", "refused")
    gold, asleep = (GOLD, "Gold", 2, 9_000, 0), (ASLEEP, "Asleep", 1, 5_000, 1)
    none = (None, None, 1, 2_000, 0)

    partners = (await get(http, "partners?split_by=segment"))["data"]
    campaigns = (await get(http, "campaigns?split_by=segment"))["data"]
    only = (await get(http, f"campaigns?split_by=segment&segment_id={GOLD}"))["data"]

    assert shown(partners, "partner_id", *fields) == {
        ("part_1", *gold),
        ("part_1", *asleep),
        ("part_2", *none),
    }
    assert shown(campaigns, "campaign_id", "name", *fields) == {
        ("camp_1", "Spring", *gold),
        ("camp_1", "Spring", *asleep),
        ("camp_2", "Autumn", *none),
    }
    assert shown(only, "campaign_id", *fields) == {("camp_1", *gold)}
    assert "segment_id" not in (await get(http, "partners"))["data"][0]


async def test_a_file_has_the_segment_as_a_column(http: httpx.AsyncClient) -> None:
    split = await http.get("/v1/reports/partners?split_by=segment&format=csv", headers=KEY)
    plain = await http.get("/v1/reports/partners?format=csv", headers=KEY)

    head, *lines = split.text.removeprefix("\ufeff").splitlines()
    assert head.split(",")[-2:] != ["segment_id", "segment_name"]
    assert {"segment_id", "segment_name"} <= set(head.split(","))
    assert len(lines) == 3
    assert "segment" not in plain.text.splitlines()[0]


async def test_a_series_each_and_the_others_count_a_customer_once(http: httpx.AsyncClient) -> None:
    async def series(top: int) -> dict[tuple[Any, ...], int]:
        query = f"timeseries?{DAY}&grain=day&split_by=segment&top={top}&order=-gross_minor"
        found = (await get(http, query))["series"]
        return {(s["id"], s["name"], s["others"]): s["points"][0]["gross_minor"] for s in found}

    assert await series(3) == {
        (GOLD, "Gold", False): 9_000,
        (ASLEEP, "Asleep", False): 5_000,
        (None, None, False): 2_000,
    }
    assert await series(1) == {(GOLD, "Gold", False): 9_000, (None, None, True): 7_000}


async def test_who_is_in_two_of_the_others_counts_once_among_them(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    both = a_success(order_minor=700, discount_minor=0, segment_ids=(ASLEEP, "seg_x", "seg_y"))
    await figures.store(both, first=100)

    query = f"timeseries?{DAY}&grain=day&split_by=segment&top=1&order=-gross_minor"
    [_, others] = (await get(http, query))["series"]

    assert (others["others"], others["points"][0]["gross_minor"]) == (True, 7_700)


async def test_refusals_by_segment_are_shares_of_all_counted_once(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    twice = a_failure(segment_ids=(GOLD, ASLEEP), customer_id="cust_2")
    await figures.store(twice, refused_guesses(5), first=100)

    rows = (await get(http, "failures?group_by=segment"))["data"]
    mine = (await get(http, f"failures?group_by=reason&group_by=segment&segment_id={GOLD}"))["data"]

    fields = ("segment_id", "segment_name", "attempts", "share", "customers", "refused_minor")
    assert shown(rows, *fields) == {
        (GOLD, "Gold", 1, 1 / 8, 1, 2_000),
        (ASLEEP, "Asleep", 2, 2 / 8, 2, 4_000),
        (None, None, 6, 6 / 8, 1, 2_000),
    }
    assert shown(mine, "reason", *fields) == {
        ("voucher_expired", GOLD, "Gold", 1, 1.0, 1, 2_000),
    }
    assert sum(row["attempts"] for row in (await get(http, "failures"))["data"]) == 8


async def test_single_attempts_name_them(http: httpx.AsyncClient) -> None:
    rows = (await get(http, f"recent?segment_id={GOLD}"))["data"]
    none = (await get(http, "recent?segment_id=none"))["data"]
    failed = (await get(http, f"failures/attempts?segment_id={ASLEEP}"))["data"]
    file = await http.get(f"/v1/reports/recent?segment_id={GOLD}&format=csv", headers=KEY)

    assert sorted(row["segment_ids"] for row in rows) == [[GOLD], [GOLD, ASLEEP]]
    assert [row["segment_ids"] for row in none] == [[], []]
    assert [row["segment_ids"] for row in failed] == [[ASLEEP]]
    assert f"{GOLD} {ASLEEP}" in file.text


async def test_a_segment_with_more_refusals_needs_a_look(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    more = [a_failure(segment_ids=(GOLD,)) for _ in range(12)]
    await figures.store(*more, first=100)

    rows = (await get(http, "attention?by=segment"))["data"]
    partners = (await get(http, "attention?by=partner"))["data"]

    fields = ("segment_id", "segment_name", "partner_id", "refused")
    assert shown(rows, *fields) == {(GOLD, "Gold", None, 12)}
    assert shown(partners, *fields) == {(None, None, "part_1", 13)}


async def test_a_segment_goes_by_the_name_that_it_has_now_or_had_at_last(
    http: httpx.AsyncClient, figures: Figures
) -> None:
    await figures.store(
        a_segment(GOLD, name="Platinum", version=2),
        a_segment(GOLD, name="Older"),
        a_segment(ASLEEP, name="Asleep", version=2, deleted=True),
        a_segment(GOLD, name="Theirs", version=9, project="proj_2"),
        first=100,
    )

    rows = (await get(http, "segments"))["data"]

    assert {row["name"] for row in rows} == {"Platinum", "Asleep", None}


@pytest.mark.usefixtures("http")
async def test_bi_reads_the_same(figures: Figures) -> None:
    rows = await figures.lines(
        """
        SELECT segment_id, segment_name, partner_id, sum(gross_minor) AS gross, sum(refused) AS no
        FROM segment_performance WHERE project_id = 'proj_1' GROUP BY ALL ORDER BY ALL
        """
    )
    log = await figures.value(
        f"SELECT count() FROM redemption_log WHERE has(segment_ids, '{ASLEEP}')"
    )

    assert [tuple(row.values()) for row in rows] == [
        ("", "", "part_2", 2_000, 0),
        (ASLEEP, "Asleep", "part_1", 5_000, 1),
        (GOLD, "Gold", "part_1", 9_000, 0),
    ]
    assert log == 3


async def test_a_list_that_is_long_is_no_trouble_here(figures: Figures) -> None:
    members = tuple(f"cust_{number:024x}" for number in range(20_000))
    await figures.store(a_segment("seg_long", name="Long", members=members))

    assert await figures.lines("SELECT segment_id, segment_name FROM segment_names") == [
        {"segment_id": "seg_long", "segment_name": "Long"}
    ]
