"""What clients read, field by field: `golden/*.json` is the whole of each object."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kit.campaigns_samples import NOON, a_campaign, a_definition, a_project, a_voucher
from pydantic import BaseModel

from campaigns.campaigns.bodies import campaign_response
from campaigns.catalogue import Category
from campaigns.categories.bodies import category_response
from campaigns.codes import CodeConfig
from campaigns.feeds.bodies import deal_cells, deal_response
from campaigns.issuing.bodies import async_action_response
from campaigns.model import CodeTemplate, Details, Job, Partner
from campaigns.partners.bodies import partner_response
from campaigns.projects.bodies import opened_response, project_response
from campaigns.projects.credentials import Credentials
from campaigns.vouchers.bodies import voucher_response
from contracts.campaigns import CampaignCategory, CommissionPlan
from contracts.discounts import PercentOff
from contracts.terms import Limit, Limits, Terms
from contracts.validity import Validity

GOLDEN = Path(__file__).parent / "golden"
LATER = NOON + timedelta(milliseconds=1500)

CAMPAIGN = a_campaign(
    definition=a_definition(
        terms=Terms(
            discount=PercentOff(basis_points=1550),
            validity=Validity(starts_at=NOON, ends_at=NOON + timedelta(days=30)),
            limits=Limits(total=1000, per_customer=1),
        ),
        details=Details(
            type="STATIC",
            description="for readers",
            contract_notes="5 % until spring",
            deal_url="https://blog.example/deal",
            landing_url="https://shop.example/winter",
        ),
        commission_plan=CommissionPlan(
            share_basis_points=500, flat_minor=100, new_customer_bonus_minor=300
        ),
        metadata={"season": "winter"},
    ),
    category=CampaignCategory(id="cat_1", name="Winter"),
    code_template=CodeTemplate(CodeConfig(prefix="BLOG-", length=8), 2, quantity_given=True),
    vouchers_count=7,
    issuing=True,
    updated_at=LATER,
)
JOB = Job(
    project_id="proj_a",
    id="aa_1",
    campaign_id="camp_1",
    status="IN_PROGRESS",
    wanted=3000,
    done=1000,
    quantity=1,
    active=True,
    config=CodeConfig(),
    metadata={},
    actor="user_1",
    request_id="v-1",
    failure=None,
    created_at=NOON,
    updated_at=LATER,
)
PARTNER = Partner(
    id="part_1",
    version=2,
    name="Blog",
    active=True,
    status="live",
    contract_notes="5 % until spring",
    deal_url="https://blog.example/deal",
    landing_url=None,
    contact="jo@blog.example",
    metadata={"tier": 1},
    created_at=NOON,
    updated_at=LATER,
)

RESPONSES: dict[str, BaseModel] = {
    "campaign": campaign_response(CAMPAIGN, LATER),
    "campaign.bare": campaign_response(a_campaign(), LATER),
    "voucher": voucher_response(a_voucher(code="WINTER/24", quantity=3), CAMPAIGN, LATER),
    "voucher.bare": voucher_response(a_voucher(), a_campaign(), LATER),
    "async_action": async_action_response(JOB),
    "partner": partner_response(PARTNER),
    "category": category_response(Category("cat_1", "Winter", 2, NOON, LATER)),
    "project": project_response(a_project()),
    "project.opened": opened_response(a_project(), Credentials("cpn_live_1", "secret")),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_an_object_is_shown_as_its_golden_file_has_it(name: str) -> None:
    golden: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())

    assert RESPONSES[name].model_dump(mode="json") == golden


def test_every_golden_file_is_tested() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(RESPONSES)


@pytest.mark.parametrize(
    ("details", "of_partner", "path"),
    [
        (Details(landing_url="https://shop.example"), None, "/go/camp_1"),
        (Details(), "https://shop.example", "/go/camp_1"),
        (Details(deal_url="https://blog.example/deal"), None, "/go/camp_1"),
        (Details(), None, None),
    ],
)
def test_a_deal_has_a_link_where_it_leads_somewhere(
    details: Details, of_partner: str | None, path: str | None
) -> None:
    campaign = a_campaign(id="camp_1", definition=a_definition(details=details))
    link = None if path is None else f"https://api.example{path}"

    told = deal_response(campaign, of_partner, "https://api.example")

    assert (told.path, told.link) == (path, link)
    assert deal_cells(campaign, of_partner, "https://api.example")[1][-2] == link


def test_a_partner_sees_the_limits_that_a_customer_meets_and_no_budget_of_the_campaign() -> None:
    monthly = Limit(of="customer", per="month", most=2)
    budget = Limit(of="campaign", what="discount", most=777_00)
    limits = Limits(total=888, others=(budget, monthly))
    terms = Terms(discount=PercentOff(basis_points=1000), limits=limits)
    campaign = a_campaign(definition=a_definition(terms=terms))

    told = deal_response(campaign, None, "https://api.example")
    cells = deal_cells(campaign, None, "https://api.example")

    said = "at most 2 redemptions per customer and month"
    assert [(each.of, each.per, each.redemptions) for each in told.limits] == [
        ("customer", "month", 2)
    ]
    assert (told.limits_text, cells[1][1]) == (said, said)
    assert not any(word in f"{told} {cells}" for word in ("777", "888"))
