"""Bodies: what is unknown is refused by name, and Voucherify's names are dealt with one by one."""

from dataclasses import replace
from typing import Any

import pytest
from kit.campaigns_samples import a_campaign, a_campaign_body, a_definition
from pydantic import ValidationError

from campaigns.api import voucherify
from campaigns.api.body import Body
from campaigns.campaigns.bodies import NewCampaign, campaign_response
from campaigns.campaigns.changes import FIXED, CampaignChanges
from campaigns.categories.bodies import CategoryBody, CategoryChanges
from campaigns.issuing.bodies import NewCodes
from campaigns.keys.bodies import NewKey
from campaigns.partners.bodies import NewPartner, PartnerChanges
from campaigns.product_collections.bodies import NewProductCollection
from campaigns.products.bodies import ProductBody, SkuBody
from campaigns.projects.bodies import NewProject
from campaigns.refusals import InvalidError
from contracts.discounts import PercentOff
from contracts.metadata import MOST_METADATA_BYTES
from contracts.terms import Terms
from servicekit.http.errors import of_faults

PROJECT = {"name": "shop", "currency": "EUR"}
CATEGORY = {"name": "Winter", "hierarchy": 1}


def worth(**discount: Any) -> dict[str, Any]:
    return a_campaign_body(voucher={"type": "DISCOUNT_VOUCHER", "discount": discount})


def of_template(**fields: Any) -> dict[str, Any]:
    body = a_campaign_body()
    return body | {"voucher": body["voucher"] | fields}


def refusal(kind: type[Body], sent: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate(sent)
    faults = [fault | {"loc": ("body", *fault["loc"])} for fault in refused.value.errors()]
    return str(of_faults(faults).detail)


@pytest.mark.parametrize(
    ("kind", "sent", "named"),
    [
        (NewCampaign, a_campaign_body(total_limitt=5), ".total_limitt"),
        (NewCampaign, a_campaign_body(total_limitt=None), ".total_limitt"),
        (NewCampaign, a_campaign_body(ACTIVE=False), ".ACTIVE"),
        (NewCampaign, a_campaign_body(partner="Blog"), ".partner"),
        (NewCampaign, a_campaign_body(commission_plan={"percent": 5}), ".commission_plan.percent"),
        (NewCampaign, worth(type="AMOUNT", amount_off=5, percent_off=5), "discount.percent_off"),
        (NewCampaign, worth(type="PERCENT", percent_off=5, minimum=5), "discount.minimum"),
        (NewCampaign, of_template(redemption={"quantiti": 1}), ".voucher.redemption.quantiti"),
        (NewCampaign, of_template(code_config={"size": 6}), ".voucher.code_config.size"),
        (NewCampaign, of_template(quantity=1), ".voucher.quantity"),
        (CampaignChanges, {"total_limitt": None}, ".total_limitt"),
        (CampaignChanges, {"commission_plan": {"flat": 5}}, ".commission_plan.flat"),
        (NewCodes, {"quantity": 1}, ".quantity"),
        (NewPartner, {"name": "Blog", "landing": "https://x.example"}, ".landing"),
        (PartnerChanges, {"landing": None}, ".landing"),
        (CategoryBody, CATEGORY | {"id": "cat_1"}, ".id"),
        (CategoryChanges, CATEGORY | {"parent": "cat_1"}, ".parent"),
        (NewProject, PROJECT | {"timezone": "UTC"}, ".timezone"),
        (NewKey, {"scopes": ["reports"], "project_id": "proj_1"}, ".project_id"),
    ],
)
def test_an_unknown_name_is_refused_by_itself_whatever_it_holds(
    kind: type[Body], sent: dict[str, Any], named: str
) -> None:
    message = refusal(kind, sent)

    assert f"{named}: is unknown, known are " in message


def test_what_is_known_is_listed_without_what_we_do_not_have() -> None:
    assert refusal(NewCodes, {"quantity": 1}).endswith(
        "known are active, code, code_config, metadata, redemption, validation_rules"
    )


def test_a_name_is_shown_short() -> None:
    assert len(refusal(NewPartner, {"x" * 10_000: 1})) < 500


@pytest.mark.parametrize(
    ("kind", "sent", "named"),
    [
        (NewCampaign, of_template(validity_day_of_week=[1]), "voucher.validity_day_of_week"),
        (NewCampaign, a_campaign_body(protected=True), "protected"),
        (NewCampaign, a_campaign_body(promotion={"tiers": [{}]}), "promotion"),
        (NewCampaign, a_campaign_body(promotion=0), "promotion"),
        (NewCampaign, a_campaign_body(protected=""), "protected"),
        (NewCampaign, of_template(start_date=0), "voucher.start_date"),
        (
            NewCampaign,
            worth(type="FIXED", fixed_amount=5, fixed_amount_formula="1"),
            "fixed_amount_formula",
        ),
        (
            NewCampaign,
            worth(type="FIXED", fixed_amount=5, aggregated_amount_limit=0),
            "aggregated_amount_limit",
        ),
        (NewCampaign, of_template(expiration_date="2026-12-01"), "voucher.expiration_date"),
        (NewCampaign, of_template(is_referral_code=True), "voucher.is_referral_code"),
        (NewCampaign, of_template(gift={"amount": 1}), "voucher.gift"),
        (NewCodes, {"expiration_date": "2026-12-01"}, "expiration_date"),
        (NewCodes, {"validity_hours": {"daily": [{}]}}, "validity_hours"),
    ],
)
def test_a_restriction_of_voucherifys_is_refused_by_name(
    kind: type[Body], sent: dict[str, Any], named: str
) -> None:
    assert f".{named}: is not supported yet" in refusal(kind, sent)


@pytest.mark.parametrize(
    ("kind", "sent", "remedy"),
    [
        (NewCampaign, of_template(start_date="2026-12-01"), "send them of the campaign"),
        (NewCampaign, a_campaign_body(promotion={"tiers": [{}]}), "all shoppers share"),
        (ProductBody, {"attributes": ["color"]}, "keep it in .metadata"),
        (SkuBody, {"currency": "USD"}, "the project's: leave it out"),
        (NewProductCollection, {"name": "A", "filter": {"junction": "AND"}}, "send its .products"),
        (
            CategoryBody,
            {"name": "A", "hierarchy": 1, "stacking_rules_type": "EXCLUSIVE"},
            "PUT /v1/project/stacking-rules",
        ),
    ],
)
def test_who_is_refused_by_name_is_told_what_to_do_instead(
    kind: type[Body], sent: dict[str, Any], remedy: str
) -> None:
    assert "is not supported yet: " in refusal(kind, sent)
    assert remedy in refusal(kind, sent)


@pytest.mark.parametrize(
    "assigned",
    [
        {"object": "list", "data_ref": "assignments", "assignments": [{"rule_id": "val_1"}]},
        {"data": [{"rule_id": "val_1"}]},
        {"id": "val_1"},
        {"data": [], "total": 3},
        {"total": True},
        {"object": {"rule_id": "val_1"}},
        {"data_ref": "val_1"},
        0,
        "val_1",
        [{"rule_id": "val_1"}],
    ],
)
def test_assigned_rules_are_refused_however_they_are_listed(assigned: Any) -> None:
    body = {"validation_rules_assignments": assigned}

    said = refusal(NewCampaign, a_campaign_body(**body))
    assert ".validation_rules_assignments: is not supported yet" in said
    with pytest.raises(InvalidError, match=r"\.validation_rules_assignments: cannot be changed"):
        CampaignChanges.model_validate(body).check_fixed(a_campaign())


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        [],
        {},
        {"object": "list", "data_ref": "data", "data": [], "total": 0},
        {"object": "list", "data_ref": "assignments", "assignments": [], "total": 0},
    ],
)
def test_a_list_that_assigns_no_rule_passes(nothing: Any) -> None:
    body = {"validation_rules_assignments": nothing}

    NewCampaign.model_validate(a_campaign_body(**body))
    CampaignChanges.model_validate(body).check_fixed(a_campaign())


def test_what_the_official_clients_send_beside_is_taken() -> None:
    asks_for_nothing = a_campaign_body(
        campaign_type="DISCOUNT_COUPONS",
        auto_join=True,
        join_once=False,
        use_voucher_metadata_schema=False,
        validation_rules=[],
        validity_timeframe=None,
        activity_duration_after_publishing=None,
        referral_program=None,
        access_settings=None,
        vouchers_count=None,
    )
    template = of_template(
        gift=None, loyalty_card=None, is_referral_code=False, code_config={"initial_count": 5}
    )

    assert NewCampaign.model_validate(asks_for_nothing).to_domain("UTC").name == "Winter deal"
    assert NewCampaign.model_validate(template).voucher.type == "DISCOUNT_VOUCHER"
    NewCodes.model_validate({"additional_info": "x", "category": "A", "metadata": {"a": 1}})


def test_null_is_as_good_as_absent_wherever_a_field_is_optional() -> None:
    plan = dict.fromkeys(("share_basis_points", "flat_minor", "new_customer_bonus_minor"))
    nothing = dict.fromkeys(n for n, f in NewCampaign.model_fields.items() if not f.is_required())

    assert NewCampaign.model_validate(a_campaign_body(**nothing)).to_domain("UTC") == (
        NewCampaign.model_validate(a_campaign_body()).to_domain("UTC")
    )
    NewCampaign.model_validate(a_campaign_body(commission_plan=plan)).to_domain("UTC")
    for kind, body in ((NewProject, PROJECT), (NewCodes, {}), (NewPartner, {"name": "Blog"})):
        optional = [n for n, field in kind.model_fields.items() if not field.is_required()]
        kind.model_validate(dict.fromkeys(optional) | body)


def test_metadata_are_merged_and_null_empties_them() -> None:
    for kind in (CampaignChanges, PartnerChanges):
        for sent, after in (
            ({}, {"a": 1, "b": 2}),
            ({"metadata": {}}, {"a": 1, "b": 2}),
            ({"metadata": {"b": 3}, "unset_metadata_fields": ["a"]}, {"b": 3}),
            ({"metadata": None}, {}),
        ):
            assert kind.model_validate(sent).merged_metadata({"a": 1, "b": 2}) == after


def test_metadata_do_not_grow_by_one_change_after_another() -> None:
    half = {"a": "x" * (MOST_METADATA_BYTES // 2)}
    for kind in (CampaignChanges, PartnerChanges):
        more = kind.model_validate({"metadata": {"b": half["a"]}})
        with pytest.raises(InvalidError, match=r"\.metadata"):
            more.merged_metadata(half)
        less = kind.model_validate({"metadata": {"b": 1}, "unset_metadata_fields": ["a"]})
        assert less.merged_metadata(half) == {"b": 1}


def test_every_ignored_name_says_why() -> None:
    ignored = [
        field.description
        for kind in vars(voucherify).values()
        if isinstance(kind, type) and issubclass(kind, Body) and "Refused" not in kind.__name__
        for field in kind.model_fields.values()
    ]

    assert len(ignored) > 10
    assert all(reason and reason.startswith("Ignored: ") for reason in ignored)


def test_a_campaign_can_be_sent_back_as_it_was_read() -> None:
    campaign = a_campaign(definition=a_definition(terms=Terms(discount=PercentOff(basis_points=5))))
    read = campaign_response(campaign).model_dump(mode="json")

    body = CampaignChanges.model_validate(read)

    body.check_fixed(campaign)
    assert body.merged_with(campaign) == campaign
    assert read.keys() >= FIXED.keys()


def test_what_was_read_while_codes_were_being_made_can_be_sent_back() -> None:
    campaign = replace(a_campaign(), vouchers_count=5)
    read = campaign_response(campaign).model_dump(mode="json")

    CampaignChanges.model_validate(read | {"vouchers_count": 2}).check_fixed(campaign)
    for asked in (read | {"vouchers_count": 6}, {"vouchers_count": 2}):
        with pytest.raises(InvalidError, match=r"\.vouchers_count: cannot be changed here"):
            CampaignChanges.model_validate(asked).check_fixed(campaign)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel", "blog"),
        ("partner_id", "part_2"),
        ("partner", "Somebody"),
        ("vouchers_count", 500),
        ("campaign_type", "PROMOTION"),
        ("standalone", True),
        ("deleted_at", "2026-11-23T12:00:00.000Z"),
    ],
)
def test_what_never_changes_is_refused_as_anything_else_than_it_is(name: str, value: Any) -> None:
    body = CampaignChanges.model_validate({name: value})

    with pytest.raises(InvalidError, match=rf"\.{name}: cannot be changed here"):
        body.check_fixed(a_campaign())


def test_what_many_codes_cannot_have_is_refused() -> None:
    with pytest.raises(InvalidError, match=r"\.code:"):
        NewCodes.model_validate({"code": "A"}).check_for_many()


def test_how_a_chosen_code_should_be_drawn_is_refused() -> None:
    with pytest.raises(InvalidError, match=r"\.code_config:"):
        NewCodes.model_validate({"code": "A", "code_config": {"length": 8}}).check_for_fixed()


@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "CLF"])
def test_a_projects_currency_is_one_of_iso_4217(code: str) -> None:
    assert NewProject.model_validate(PROJECT | {"currency": code}).currency == code


@pytest.mark.parametrize("code", ["EUX", "DEM", "BTC", "XXX", "XTS", "XAU", "eur", "\u20ac"])
def test_what_is_no_currency_with_minor_units_is_refused(code: str) -> None:
    assert ".currency: " in refusal(NewProject, PROJECT | {"currency": code})


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "US/Eastern", "Etc/GMT+5"]
)
def test_a_projects_time_zone_is_one_of_ianas(zone: str) -> None:
    assert NewProject.model_validate(PROJECT | {"time_zone": zone}).time_zone == zone


@pytest.mark.parametrize(
    "zone", ["localtime", "Factory", "europe/berlin", "Mars/Olympus", "+01:00", "../zones", ""]
)
def test_what_is_no_time_zone_everywhere_is_refused(zone: str) -> None:
    assert ".time_zone: " in refusal(NewProject, PROJECT | {"time_zone": zone})
