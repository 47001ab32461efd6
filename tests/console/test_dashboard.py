"""What the dashboard makes of the reports' answers; how it looks is tested in tests/browser."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from console import query
from console.pages.campaigns.view import NAMES as CAMPAIGNS
from console.pages.dashboard.view import (
    CARDS,
    NAMES,
    Attention,
    Reports,
    attention,
    earned,
    recent,
    soon,
)
from console.pages.failures.view import NAMES as FAILURES
from console.pages.redemptions.view import NAMES as REDEMPTIONS
from console.web.period import picked

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)
BASE = "/p/proj_1"
LISTS = {"/campaigns": CAMPAIGNS, "/failures": FAILURES, "/redemptions": REDEMPTIONS}
FIGURES = {
    **dict.fromkeys(("visits", "attempts", "new_customers"), 30),
    "redemptions": 20,
    "refused": 10,
    "refusal_rate": 1 / 3,
    "roi": 3.4,
    **dict.fromkeys(("discount_minor", "commission_minor", "cost_minor"), 1_000),
    "gross_minor": 123_456,
    "profit_minor": 40_000,
    "refused_minor": 9_900,
}


def figure(value: Any) -> dict[str, Any]:
    return {"value": value, "before": None, "difference": None, "ratio": None, "new": False}


def totals(*currencies: str) -> list[dict[str, Any]]:
    figures = {measure: figure(value) for measure, value in FIGURES.items()}
    return [{"currency": each, "figures": figures} for each in currencies]


def series(
    *currencies: str, buckets: int = 2, before: dict[str, Any] | None = None
) -> dict[str, Any]:
    starts = [f"2026-11-{25 + at}T00:00:00+01:00" for at in range(buckets)]
    return {
        "grain": "day",
        "buckets": [{"start": start, "unfinished": False} for start in starts],
        "series": [{"currency": each, "points": [FIGURES] * buckets} for each in currencies],
        "before": before,
        "totals": totals(*currencies),
    }


def reports(*currencies: str, **overrides: Any) -> Reports:
    found = Reports(
        series=series(*currencies),
        partners={"data": [{"currency": each, "name": each} for each in currencies]},
        failures={
            "data": [
                {
                    "reason": "voucher_expired",
                    "refused_minor": 9_900,
                    "currency": currencies[0],
                    "attempts": 10,
                }
            ]
        },
    )
    return found._replace(**overrides)


def asked(**values: str) -> Any:
    return picked(query.read(NAMES, list(values.items())), NOW, BERLIN)


def test_every_card_is_there_and_money_is_in_the_projects_currency() -> None:
    shown = earned(asked(), reports("USD", "EUR"), "EUR", BASE)

    assert len(shown.figures) == len(CARDS)
    assert shown.currency == "EUR"
    assert [each["name"] for each in shown.partners] == ["EUR"]


def test_what_was_only_in_another_currency_is_shown_in_that() -> None:
    assert earned(asked(), reports("USD"), "EUR", BASE).currency == "USD"


def test_a_figure_leads_to_the_list_that_it_counts_with_its_period() -> None:
    shown = earned(asked(period="today"), reports("EUR"), "EUR", BASE)

    assert [each.href for each in shown.figures if each.href] == [
        f"{BASE}/redemptions?result=SUCCESS&period=today",
        f"{BASE}/failures?period=today",
    ]


def test_wherever_it_leads_that_page_knows_the_way() -> None:
    counts = {"data": [{"status": "used_up", "total": 3}], "total": 40}
    shown = earned(asked(period="today"), reports("EUR"), "EUR", BASE)
    items = attention(Attention(counts, ending=12, not_enforced=1, refusals_up=2), BASE)
    ways = [each.href for each in shown.figures] + [each.href for each in items]
    ways += [each.href or "" for each in shown.reasons.bars]

    for path, _, asks in (way.partition("?") for way in ways if way):
        query.read(LISTS[path.removeprefix(BASE)], parse_qsl(asks, strict_parsing=True))


def test_a_reason_leads_to_its_attempts() -> None:
    shown = earned(asked(), reports("EUR"), "EUR", BASE)

    [bar] = shown.reasons.bars

    assert bar.href == f"{BASE}/failures?reason=voucher_expired"
    assert (bar.text, bar.tail) == ("99.00", "10 attempts")


def test_a_shorter_month_before_is_drawn_as_far_as_it_goes() -> None:
    both = series("EUR", before=series("EUR", buckets=1))

    lines = earned(asked(), reports("EUR", series=both), "EUR", BASE).counted

    assert json.loads(lines.json)["before"]["values"] == [20, None]


def test_the_caption_says_the_figures() -> None:
    shown = earned(asked(), reports("EUR"), "EUR", BASE)

    assert "20 redemptions and 10 refusals" in shown.summary
    assert "gross 1,234.56" in shown.earned_summary


def test_only_what_needs_a_look_is_named_and_the_worst_first() -> None:
    counts = {"data": [{"status": "used_up", "total": 3}], "total": 40}

    found = attention(Attention(counts, ending=12, not_enforced=1, refusals_up=0), BASE)

    assert [(each.count, each.href, each.tone) for each in found] == [
        ("1", f"{BASE}/campaigns?status=disabled", "bad"),
        ("12", f"{BASE}/campaigns?status=ending", ""),
        ("3", f"{BASE}/campaigns?status=used_up", ""),
    ]


def test_nothing_needs_a_look() -> None:
    counts = {"data": [{"status": "used_up", "total": 0}], "total": 0}

    assert not attention(Attention(counts, 0, 0, 0), BASE)


def test_what_ends_soon_ends_within_seven_days() -> None:
    assert soon(NOW) == "2026-12-03T16:06:00+00:00"


def test_a_refused_attempt_says_why_and_an_accepted_one_does_not() -> None:
    rows = [{"reason": "voucher_expired"}, {"reason": None}, {"reason": "made_up_later"}]

    shown = recent({"data": rows}, "EUR")

    assert [row["why"] for row in shown.rows] == ["Expired", "", "made_up_later"]


def test_all_time_is_called_so() -> None:
    assert earned(asked(period="all"), reports("EUR"), "EUR", BASE).summary.startswith("All time:")
