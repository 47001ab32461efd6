"""What the reports answer, recomputed by hand from the events."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from kit.analytics_figures import Figures
from kit.analytics_samples import (
    NOON,
    PROJECT,
    a_campaign,
    a_failure,
    a_project,
    a_success,
    a_visit,
    an_unknown_code,
    refused_guesses,
)

from analytics.periods import Period
from analytics.query import Filters, Page, ReportQuery, SortBy
from analytics.reports import failures
from analytics.reports.earnings import CAMPAIGNS, PARTNERS
from contracts.campaigns import CampaignCategory, CommissionPlan, Named
from contracts.redemptions import Reason, RedemptionFailed, RedemptionSucceeded

SINCE_EVER = datetime(1900, 1, 1, tzinfo=UTC)
FOR_EVER = datetime(2299, 1, 1, tzinfo=UTC)
FAILURES = failures.report(["reason", "partner"], compared=False)


def asked(
    *, starts_at: datetime = SINCE_EVER, ends_at: datetime = FOR_EVER, **narrowed: Any
) -> ReportQuery:
    filters = Filters(**{name: tuple(values) for name, values in narrowed.items()})
    return ReportQuery(PROJECT, Period(starts_at, ends_at), filters)


def page(
    order: str = "profit_minor", *, up: bool = False, limit: int = 100, number: int = 1
) -> Page:
    return Page(SortBy(order, descending=not up), limit=limit, number=number)


async def test_the_example_of_the_metrics_page(figures: Figures) -> None:
    plan = CommissionPlan(share_basis_points=500, flat_minor=30, new_customer_bonus_minor=100)
    accepted = a_success(
        order_minor=4990, discount_minor=500, customer_is_new=True, commission_plan=plan
    )
    await figures.store(
        a_project(), a_campaign(), a_visit(), a_visit(), a_visit(), accepted, a_failure()
    )

    lines, total = await PARTNERS.fetch(figures.client, asked(), page())

    assert total == 1
    assert lines[0].model_dump() == {
        "partner_id": "part_1",
        "name": "Dealhunt",
        "currency": "EUR",
        "visits": 3,
        "redemptions": 1,
        "rolled_back": 0,
        "new_customers": 1,
        "gross_minor": 4990,
        "discount_minor": 500,
        "commission_minor": 355,
        "gross_profit_minor": 1497,  # 30 % of 49.90
        "cost_minor": 855,
        "profit_minor": 642,
        "roi": pytest.approx(642 / 855),
        "refused": 1,
        "attempts": 2,
        "refusal_rate": 0.5,
        "net_minor": 4490,
        "refused_minor": 2000,
    }


def a_year(seed: int) -> list[RedemptionSucceeded | RedemptionFailed]:
    """Outcomes of four partners and eight campaigns, some of them twice the size of a fortune."""
    chance = Random(seed)  # noqa: S311
    events: list[RedemptionSucceeded | RedemptionFailed] = []
    for number in range(300):
        campaign = chance.randrange(8)
        common: dict[str, Any] = {
            "at": NOON - timedelta(hours=chance.randrange(24 * 365)),
            "campaign_id": f"camp_{campaign}",
            "partner_id": f"part_{campaign % 4}",
            "customer_id": f"cust_{chance.randrange(50)}",
        }
        if number % 5 == 0:
            reason = chance.choice([Reason.VOUCHER_EXPIRED, Reason.CAMPAIGN_LIMIT_EXCEEDED])
            basket = chance.randrange(10_000)
            events.append(a_failure(**common, reason=reason, order_minor=basket))
            continue
        order = chance.choice([chance.randrange(1, 10_000), 9_007_199_254_740_991])
        plan = CommissionPlan(
            share_basis_points=chance.randrange(1_500), flat_minor=chance.randrange(50)
        )
        events.append(
            a_success(
                **common,
                order_minor=order,
                discount_minor=min(order, chance.randrange(500)),
                commission_plan=plan,
                margin_basis_points=chance.randrange(10_001),
                customer_is_new=chance.random() < 0.3,
            )
        )
    return events


def by_hand(events: list[Any]) -> dict[str, Any]:
    """The definitions of docs/metrics.md over these events, in exact fractions."""
    good = [e.data for e in events if isinstance(e, RedemptionSucceeded)]
    bad = [e.data for e in events if isinstance(e, RedemptionFailed)]
    half = Fraction(1, 2)
    commission = sum(
        (Fraction((d.order_minor - d.discount_minor) * d.commission_plan.share_basis_points, 10_000)
        + half) // 1 + d.commission_plan.flat_minor
        for d in good
    )  # fmt: skip
    earned = sum(Fraction(d.order_minor * d.margin_basis_points, 10_000) for d in good)
    discount = sum(d.discount_minor for d in good)
    cost = discount + commission
    gross_profit = (earned + half) // 1
    return {
        "redemptions": len(good),
        "new_customers": sum(d.customer_is_new for d in good),
        "gross_minor": sum(d.order_minor for d in good),
        "discount_minor": discount,
        "net_minor": sum(max(d.order_minor - d.discount_minor, 0) for d in good),
        "commission_minor": commission,
        "gross_profit_minor": gross_profit,
        "cost_minor": cost,
        "profit_minor": gross_profit - cost,
        "roi": pytest.approx(float(Fraction(gross_profit - cost, cost))) if cost else None,
        "refused": len(bad),
        "attempts": len(good) + len(bad),
        "refusal_rate": pytest.approx(len(bad) / (len(good) + len(bad))),
        "refused_minor": sum(d.order_minor for d in bad),
    }


@pytest.mark.parametrize("level", ["partner_id", "campaign_id"])
async def test_figures_are_exact_however_large(figures: Figures, level: str) -> None:
    events = a_year(seed=1)
    await figures.store(*events)
    await figures.store(*events[100:200], first=1000)  # repeats, under other offsets

    report: Any = PARTNERS if level == "partner_id" else CAMPAIGNS
    lines, _ = await report.fetch(figures.client, asked(), page())

    subjects = {getattr(e.data, level) for e in events}
    assert {getattr(line, level) for line in lines} == subjects
    for line in lines:
        own = [e for e in events if getattr(e.data, level) == getattr(line, level)]
        assert line.model_dump(include=set(by_hand(own))) == by_hand(own)
    profits = [line.profit_minor for line in lines]
    assert profits == sorted(profits, reverse=True)


ABOUT_NOTHING: dict[str, Any] = dict.fromkeys(failures.Failures.model_fields) | {
    "currency": "EUR",
    "last_at": NOON,
    "new": False,
}


async def test_failures_are_grouped_by_reason_and_partner(figures: Figures) -> None:
    await figures.store(
        a_project(),
        a_campaign(),
        a_failure(customer_id="cust_1", order_minor=100),
        a_failure(customer_id="cust_1", order_minor=200),
        a_failure(customer_id="cust_2", order_minor=400),
        a_failure(customer_id=None, reason=Reason.MISSING_CUSTOMER),
        an_unknown_code(order_minor=7),
    )

    lines, total = await FAILURES.fetch(figures.client, asked(), page("attempts"))

    assert total == 3
    assert lines[0].model_dump() == ABOUT_NOTHING | {
        "reason": "voucher_expired",
        "partner_id": "part_1",
        "partner_name": "Dealhunt",
        "attempts": 3,
        "share": 0.6,
        "customers": 2,
        "refused_minor": 700,
        "top_partner_id": "part_1",
        "top_partner_name": "Dealhunt",
    }
    unknown = next(line for line in lines if line.reason == "not_found")
    assert (unknown.partner_id, unknown.partner_name, unknown.currency) == (None, None, "EUR")


async def test_refused_guesses_show_among_the_failures_and_in_no_other_figure(
    figures: Figures,
) -> None:
    await figures.store(
        *(a_project(), a_campaign(), a_success(), an_unknown_code(order_minor=7)),
        *(refused_guesses(1_900), refused_guesses(60, limit="customer")),
        refused_guesses(1, minute=NOON - timedelta(days=1)),
        refused_guesses(5, project="proj_2"),
    )
    today = asked(starts_at=NOON)

    lines, total = await FAILURES.fetch(figures.client, today, page("attempts"))

    assert total == 2
    assert lines[0].model_dump() == ABOUT_NOTHING | {
        "reason": "too_many_requests",
        "attempts": 1_960,
        "share": 1_960 / 1_961,
        "customers": 0,
        "refused_minor": 0,
    }
    (partner,), _ = await PARTNERS.fetch(figures.client, today, page())
    assert partner.refused == 0
    of_a_partner, _ = await FAILURES.fetch(
        figures.client, asked(partners=["part_1"]), page("attempts")
    )
    assert of_a_partner == []


async def test_one_project_never_sees_anothers_rows(figures: Figures) -> None:
    canary: dict[str, Any] = {
        "project": "proj_canary",
        "partner_id": "part_canary",
        "campaign_id": "camp_canary",
    }
    await figures.store(
        a_project(),
        a_campaign(),
        a_success(),
        a_failure(),
        a_visit(),
        a_campaign(
            project="proj_canary", id="camp_1", partner=Named(id="part_1", name="Not yours")
        ),
        a_success(**canary),
        a_failure(**canary),
        a_visit(**canary),
        a_success(project="proj_canary"),  # the same partner and campaign ids as ours
        a_visit(project="proj_canary"),
    )

    answers: list[Any] = [
        await PARTNERS.fetch(figures.client, asked(), page()),
        await CAMPAIGNS.fetch(figures.client, asked(), page()),
        await FAILURES.fetch(figures.client, asked(), page("attempts")),
    ]

    for lines, total in answers:
        assert total == 1
        assert "canary" not in str(lines)
        assert "Not yours" not in str(lines)
    (partner,), _ = answers[0]
    assert (partner.redemptions, partner.visits) == (1, 1)


async def test_a_period_begins_with_its_start_and_ends_before_its_end(figures: Figures) -> None:
    day = timedelta(days=1)
    await figures.store(
        a_project(),
        a_success(at=NOON - timedelta(milliseconds=1)),
        a_success(at=NOON),
        a_success(at=NOON + day - timedelta(milliseconds=1)),
        a_success(at=NOON + day),
        a_visit(at=NOON),
        a_visit(at=NOON + day),
    )

    a_day = asked(starts_at=NOON, ends_at=NOON + day)
    (line,), _ = await PARTNERS.fetch(figures.client, a_day, page())

    assert (line.redemptions, line.visits) == (2, 1)


async def test_filters_narrow_to_one_partner_or_campaign(figures: Figures) -> None:
    await figures.store(
        a_project(),
        a_success(partner_id="part_1", campaign_id="camp_1"),
        a_success(partner_id="part_1", campaign_id="camp_2"),
        a_success(partner_id="part_2", campaign_id="camp_3"),
        a_visit(partner_id="part_2", campaign_id="camp_3"),
    )

    of_one = asked(partners=["part_1"])
    lines, _ = await CAMPAIGNS.fetch(figures.client, of_one, page("campaign_id", up=True))
    assert [line.campaign_id for line in lines] == ["camp_1", "camp_2"]
    lines, _ = await CAMPAIGNS.fetch(figures.client, asked(campaigns=["camp_3"]), page())
    assert [(line.campaign_id, line.visits) for line in lines] == [("camp_3", 1)]
    lines, _ = await CAMPAIGNS.fetch(figures.client, asked(campaigns=["camp_2", "camp_3"]), page())
    assert {line.campaign_id for line in lines} == {"camp_2", "camp_3"}
    lines, total = await CAMPAIGNS.fetch(figures.client, asked(partners=["part_9"]), page())
    assert (lines, total) == ([], 0)


@pytest.mark.parametrize(
    "text", ["it's", 'a "quote"', "back\\slash", "tab\tline\n", "{p:String}", "ü€"]
)
async def test_any_text_is_a_value_and_never_sql(figures: Figures, text: str) -> None:
    await figures.store(a_success(partner_id=text), a_success(partner_id="part_2"))

    lines, _ = await PARTNERS.fetch(figures.client, asked(partners=[text]), page())

    assert [line.partner_id for line in lines] == [text]


async def test_pages_follow_each_other_and_know_the_total(figures: Figures) -> None:
    await figures.store(*(a_success(partner_id=f"part_{n}") for n in range(7)))

    pages = [
        await PARTNERS.fetch(figures.client, asked(), page(limit=3, number=n)) for n in (1, 2, 3, 4)
    ]

    assert [len(lines) for lines, _ in pages] == [3, 3, 1, 0]
    assert {total for _, total in pages} == {7}
    seen = [line.partner_id for lines, _ in pages for line in lines]
    assert sorted(seen) == [f"part_{n}" for n in range(7)]


async def test_who_cost_nothing_has_no_roi_and_comes_last(figures: Figures) -> None:
    free = CommissionPlan()
    await figures.store(
        a_success(partner_id="part_free", discount_minor=0, commission_plan=free),
        a_success(partner_id="part_paid"),
        a_failure(partner_id="part_refused"),
    )

    lines, _ = await PARTNERS.fetch(figures.client, asked(), page("roi"))

    assert [line.partner_id for line in lines] == ["part_paid", "part_free", "part_refused"]
    assert [line.roi for line in lines[1:]] == [None, None]


async def test_currencies_are_never_added_up(figures: Figures) -> None:
    await figures.store(
        a_project(),
        a_success(currency="EUR"),
        a_success(currency="USD"),
        a_visit(),
        a_failure(currency=None),
    )

    lines, _ = await PARTNERS.fetch(figures.client, asked(), page("currency", up=True))

    assert [(line.currency, line.redemptions) for line in lines] == [("EUR", 1), ("USD", 1)]
    assert (lines[0].visits, lines[0].refused) == (1, 1)  # what names none counts in the project's


def named(version: int, name: str, partner: str, category: str | None, **more: Any) -> Any:
    """A version of the campaign; a category's id is made of the name that it had at first."""
    return a_campaign(
        version=version,
        name=name,
        partner=Named(id="part_1", name=partner),
        category=category and CampaignCategory(id=f"cat_{category}", name=category),
        **more,
    )


LAST_YEAR, NOW = NOON - timedelta(days=365), NOON


async def renamed(figures: Figures) -> None:
    """Two redemptions, two refusals and two visits: before and after everything had a new name."""
    await figures.store(
        a_project(), named(1, "Spring", "Dealhunt", "Shoes"), named(2, "Summer", "Hunter", "Hats")
    )
    for version, at in ((2, NOW), (1, LAST_YEAR)):
        known: dict[str, Any] = {"campaign_version": version, "at": at}
        category = "cat_Shoes" if version == 1 else "cat_Hats"
        await figures.store(
            a_success(**known, category_id=category),
            a_failure(**known, category_id=category),
            a_visit(**known),
            first=version * 10,
        )


async def test_a_refusal_in_a_foreign_currency_is_booked_in_its_own(figures: Figures) -> None:
    refused = a_failure(currency="JPY", order_minor=9_999, reason=Reason.INVALID_ORDER)
    await figures.store(a_project(), a_campaign(), a_success(), refused)

    lines, _ = await PARTNERS.fetch(figures.client, asked(), page("currency", up=True))
    assert [(line.currency, line.refused, line.refused_minor) for line in lines] == [
        ("EUR", 0, 0),
        ("JPY", 1, 9_999),
    ]
    (failure,), _ = await FAILURES.fetch(figures.client, asked(), page("attempts"))
    assert (failure.currency, failure.refused_minor) == ("JPY", 9_999)


async def test_a_period_that_is_over_keeps_the_names_that_it_had(figures: Figures) -> None:
    await renamed(figures)
    past = asked(ends_at=LAST_YEAR + timedelta(days=1))

    for query, name, partner in ((past, "Spring", "Dealhunt"), (asked(), "Summer", "Hunter")):
        (deal,), _ = await CAMPAIGNS.fetch(figures.client, query, page())
        assert (deal.name, deal.partner_name) == (name, partner)
        (earner,), _ = await PARTNERS.fetch(figures.client, query, page())
        assert earner.name == partner
        (refusals,), _ = await FAILURES.fetch(figures.client, query, page("attempts"))
        assert refusals.partner_name == partner


async def test_a_visit_keeps_the_names_that_it_saw(figures: Figures) -> None:
    await figures.store(a_project(), named(1, "Spring", "Dealhunt", None))
    await figures.store(named(2, "Summer", "Hunter", None), first=1)
    await figures.store(a_visit(campaign_version=1))
    (deal,), _ = await CAMPAIGNS.fetch(figures.client, asked(), page())
    assert (deal.name, deal.partner_name) == ("Spring", "Dealhunt")

    later = NOON + timedelta(seconds=1)  # whoever imports visits may not know the version
    await figures.store(a_visit(campaign_version=None, at=later), first=5)
    (deal,), _ = await CAMPAIGNS.fetch(figures.client, asked(), page())
    assert (deal.name, deal.partner_name) == ("Summer", "Hunter")


@pytest.mark.parametrize(
    "view", ["partner_performance", "campaign_performance", "failure_reasons", "funnel"]
)
async def test_a_day_of_a_view_keeps_its_names(figures: Figures, view: str) -> None:
    await renamed(figures)
    lines = await figures.lines(f"SELECT * FROM {view} ORDER BY day")
    assert [line["partner_name"] for line in lines] == ["Dealhunt", "Hunter"]
    if view != "partner_performance":
        assert [line["campaign_name"] for line in lines] == ["Spring", "Summer"]


NAMES = """
    SELECT campaign_name, partner_name, category_id, category_name FROM redemption_log
    WHERE result = 'succeeded' ORDER BY occurred_at
"""


async def test_a_line_of_the_log_has_the_names_of_its_ids(figures: Figures) -> None:
    await renamed(figures)
    assert [tuple(line.values()) for line in await figures.lines(NAMES)] == [
        ("Spring", "Dealhunt", "cat_Shoes", "Shoes"),
        ("Summer", "Hunter", "cat_Hats", "Hats"),
    ]


async def test_a_category_that_is_gone_is_still_named_where_it_was(figures: Figures) -> None:
    await figures.store(named(1, "Spring", "Dealhunt", "Shoes"), a_success(category_id="cat_Shoes"))
    await figures.store(named(2, "Spring", "Dealhunt", None), first=5)

    (line,) = await figures.lines(NAMES)

    assert (line["category_id"], line["category_name"]) == ("cat_Shoes", "Shoes")


@pytest.mark.parametrize(
    ("known", "name"), [(1, "Spring"), (7, "Summer")], ids=["not-come-yet", "compacted-away"]
)
async def test_of_a_version_that_is_not_known_the_nearest_gives_its_names(
    figures: Figures, known: int, name: str
) -> None:
    await figures.store(a_project(), named(known, name, "Dealhunt", "Shoes"))
    await figures.store(a_success(campaign_version=4, category_id="cat_Hats"))

    (deal,), _ = await CAMPAIGNS.fetch(figures.client, asked(), page())
    assert (deal.name, deal.partner_name) == (name, "Dealhunt")
    (line,) = await figures.lines(NAMES)
    assert line["campaign_name"] == name
    assert line["category_name"] == ""  # no other category's


async def test_a_version_that_comes_again_or_late_changes_no_name(figures: Figures) -> None:
    new = named(2, "Summer", "Hunter", None)
    await figures.store(a_project(), new, a_success(campaign_version=2))
    await figures.store(named(1, "Spring", "Dealhunt", None), new, first=10)

    lines, total = await CAMPAIGNS.fetch(figures.client, asked(), page())

    assert total == 1
    assert (lines[0].name, lines[0].partner_name) == ("Summer", "Hunter")


async def test_views_agree_with_the_reports(figures: Figures) -> None:
    events = [e for e in a_year(seed=2) if e.data.order_minor < 10_000]
    await figures.store(a_project(), *events, *(a_visit(partner_id="part_0") for _ in range(5)))
    lines, _ = await PARTNERS.fetch(figures.client, asked(), page("partner_id", up=True))

    found = await figures.lines(
        """
        SELECT partner_id, sum(visits) AS visits, sum(redemptions) AS redemptions,
            sum(new_customers) AS new_customers, sum(gross_minor) AS gross_minor,
            sum(cost_minor) AS cost_minor, sum(refused) AS refused,
            toInt64(floor(sum(gross_profit_exact_minor) + toDecimal128('0.5', 4)))
                AS gross_profit_minor
        FROM partner_performance WHERE project_id = 'proj_1' GROUP BY partner_id ORDER BY partner_id
        """
    )

    assert found == [line.model_dump(include=set(found[0])) for line in lines]
    assert await figures.value("SELECT count() FROM redemption_log") == len(events)
    refused = sum(isinstance(e, RedemptionFailed) for e in events)
    assert await figures.value("SELECT sum(failures) FROM failure_reasons") == refused
    assert await figures.value("SELECT sum(attempts) FROM funnel") == len(events)
