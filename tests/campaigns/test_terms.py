"""Terms and changes on the wire: nothing is lost, what is absent stays, null empties."""

import types
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Union, get_args, get_origin

from hypothesis import given
from hypothesis import strategies as st
from kit.campaigns_samples import a_campaign
from pydantic import AwareDatetime, BaseModel

from campaigns.campaigns.bodies import NewCampaign, campaign_response
from campaigns.campaigns.changes import CampaignChanges
from campaigns.campaigns.limits import LimitBody
from campaigns.campaigns.terms import from_terms, to_terms
from campaigns.campaigns.windows import HoursBody, TimeframeBody
from campaigns.model import CampaignDefinition
from contracts.discounts import AmountOff
from contracts.targets import ApplicableTo, Choice, Targets
from contracts.terms import Limit, Terms
from contracts.validity import Validity

moments = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
counts = st.integers(0, 2**53 - 1)
days = st.lists(st.integers(0, 6), max_size=3, unique=True).map(sorted)
clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
opening_hours = st.lists(
    st.builds(
        lambda both, on: {
            "start_time": both[0],
            "expiration_time": both[1],
            "days_of_week": on or None,
        },
        st.lists(clocks, min_size=2, max_size=2, unique=True),
        days,
    ),
    min_size=1,
    max_size=2,
).map(lambda daily: {"daily": daily})
timeframes = st.sampled_from(
    [("P7D", "PT4H"), ("P2D", "P1D"), ("PT6H", "PT1H30M"), ("P365D", "PT1S")]
).map(lambda both: {"interval": both[0], "duration": both[1]})
amounts = ["redemptions", "discount_amount", "orders_amount"]
beside = st.lists(
    st.builds(
        lambda of, per, name, most: {"of": of, "per": per, **dict.fromkeys(amounts), name: most},
        st.sampled_from(["campaign", "code", "customer", "customer_and_code"]),
        st.sampled_from([None, "day", "week", "month"]),
        st.sampled_from(amounts),
        counts,
    ).filter(
        # What has a field of its own is said there alone.
        lambda limit: (
            limit["per"] or limit["of"] == "customer_and_code" or limit["redemptions"] is None
        )
    ),
    max_size=3,
    unique_by=lambda limit: (
        limit["of"],
        limit["per"],
        limit["redemptions"] is None,
        limit["orders_amount"] is None,
    ),
)


targets = st.lists(st.sampled_from(["p1", "p2", "p3"]), unique=True).map(tuple)
choices: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(
        dict,
        by=st.sampled_from(["APPLY_TO_CHEAPEST", "APPLY_FROM_MOST_EXPENSIVE"]),
        most_of_line=st.none() | st.integers(1, 9),
    ),
    st.builds(dict, by=st.just("APPLY_TO_EVERY"), most=st.integers(1, 9)),
)
scopes = st.builds(
    lambda products, skus, excluded, of_all, some: ApplicableTo(
        included=Targets(products=products, skus=skus),
        # What is included is refused as excluded.
        excluded=Targets(skus=tuple([each for each in excluded if each not in skus])),
        choices=(Choice(**of_all),)
        if of_all
        else tuple(
            [Choice(targets=Targets(skus=(each,)), **some[each]) for each in skus if each in some]
        ),
    ),
    targets,
    targets,
    targets,
    st.none() | choices,
    st.dictionaries(st.sampled_from(["p1", "p2", "p3"]), choices),
)


def documents(kind: Any) -> st.SearchStrategy[Any]:
    """Make any value of a contract's type; a term of a kind that is new here needs a line here."""
    if get_origin(kind) is Annotated:
        return documents(get_args(kind)[0])
    if get_origin(kind) in {Union, types.UnionType}:
        return st.one_of([documents(each) for each in get_args(kind)])
    if kind is Validity:
        return st.builds(
            Validity,
            starts_at=st.none() | moments,
            ends_at=st.none() | moments,
            weekdays=days.map(tuple),
            hours=opening_hours.map(
                lambda body: tuple(each.to_domain() for each in HoursBody(**body).daily)
            )
            | st.just(()),
            recurrence=st.none()
            | timeframes.map(lambda body: TimeframeBody.model_validate(body).to_domain()),
        )
    if kind is ApplicableTo:
        return scopes
    if kind == tuple[Limit, ...]:
        return beside.map(lambda bodies: tuple(LimitBody(**each).to_domain() for each in bodies))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {name: documents(info.annotation) for name, info in kind.model_fields.items()}
        return st.fixed_dictionaries(fields).map(kind.model_validate)
    return {type(None): st.none(), int: counts, bool: st.booleans(), AwareDatetime: moments}[kind]


terms = st.builds(
    Terms,
    discount=st.just(AmountOff(amount_off_minor=1)),
    **{
        name: documents(info.annotation)
        for name, info in Terms.model_fields.items()
        # Rules are assigned to a campaign, and join its terms when it is published.
        if name not in {"discount", "conditions"}
    },
)


@given(terms)
def test_every_term_that_there_is_can_be_written_and_read(given_terms: Terms) -> None:
    assert to_terms(given_terms.discount, from_terms(given_terms)) == given_terms


texts = st.none() | st.text("abc ü", max_size=5)
links = st.none() | st.sampled_from(["https://a.example", "http://b.example/c?d=e"])
dates = st.none() | moments.map(lambda m: m.isoformat(timespec="milliseconds")[:23] + "Z")
limits = st.none() | counts
discounts = st.sampled_from(
    [
        {
            "type": "AMOUNT",
            "amount_off": 500,
            "effect": "APPLY_TO_ORDER",
            "tiers": [{"from_amount": 9000, "amount_off": 900}],
            "aggregated_amount_limit": None,
        },
        {
            "type": "PERCENT",
            "percent_off": 15.5,
            "amount_limit": None,
            "effect": "APPLY_TO_ITEMS",
            "aggregated_amount_limit": 700,
        },
        {
            "type": "PERCENT",
            "percent_off": 20,
            "amount_limit": 500,
            "effect": "APPLY_TO_ORDER",
            "aggregated_amount_limit": None,
        },
        {"type": "FIXED", "fixed_amount": 4900, "effect": "APPLY_TO_ORDER"},
        {
            "type": "UNIT",
            "unit_off": 1,
            "unit_type": "prod_5h1pp1ng",
            "effect": "ADD_MISSING_ITEMS",
            "units": None,
        },
    ]
)
plans = st.fixed_dictionaries(
    dict.fromkeys(
        ("share_basis_points", "flat_minor", "new_customer_bonus_minor"), st.integers(0, 10_000)
    )
)
metadata = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3))

editable: dict[str, st.SearchStrategy[Any]] = {
    "description": texts,
    "contract_notes": texts,
    "deal_url": links,
    "landing_url": links,
    "start_date": dates,
    "expiration_date": dates,
    "total_limit": limits,
    "per_customer_limit": limits,
    "limits": beside,
    "validity_timeframe": st.none() | timeframes,
    "validity_day_of_week": st.none() | days.filter(bool),
    "validity_hours": st.none() | opening_hours,
    "applicable_to": st.none()
    | st.builds(
        lambda product, sku: {
            "included": [{"object": "product", "id": product}],
            "excluded": [{"object": "sku", "id": sku}],
            "included_all": False,
        },
        st.sampled_from("ab"),
        st.sampled_from("cd"),
    ),
    "type": st.sampled_from(["AUTO_UPDATE", "STATIC", "STANDALONE"]),
    "commission_plan": plans,
    "margin_basis_points": st.integers(0, 10_000),
    "metadata": metadata,
}
campaigns = st.builds(
    lambda fields, discount: NewCampaign.model_validate(
        {"name": "A", "voucher": {"type": "DISCOUNT_VOUCHER", "discount": discount}} | fields
    ).to_domain("UTC"),
    st.fixed_dictionaries({}, optional=editable),
    discounts,
)
nullable = {"limits", "type", "discount", "commission_plan", "margin_basis_points", "metadata"}
changes = st.fixed_dictionaries(
    {},
    optional={
        name: each | st.none() if name in nullable else each for name, each in editable.items()
    }
    | {
        "discount": discounts | st.none(),
        "unset_metadata_fields": st.lists(st.sampled_from("abc")),
    },
)


def shown(definition: CampaignDefinition) -> dict[str, Any]:
    campaign = a_campaign(definition=definition)
    its_own = {"status", "status_reason", "status_since"}  # follow from dates
    return campaign_response(campaign).model_dump(mode="json", exclude=its_own)


def merged(body: CampaignChanges, definition: CampaignDefinition) -> CampaignDefinition:
    return body.merged_with(a_campaign(definition=definition)).definition


@given(campaigns, changes)
def test_put_changes_what_it_names_and_nothing_else(
    current: CampaignDefinition, sent: dict[str, Any]
) -> None:
    before = shown(current)

    after = shown(merged(CampaignChanges.model_validate(sent), current))

    expected = before | {n: sent[n] for n in sent if n in editable and sent[n] is not None}
    for name in sent.keys() & editable.keys() - nullable:
        expected[name] = sent[name]  # null empties
    if "limits" in sent and sent["limits"] is None:
        expected["limits"] = []
    if sent.get("discount"):
        expected["voucher"] = before["voucher"] | {"discount": sent["discount"]}
    if "commission_plan" in sent and sent["commission_plan"] is None:
        expected["commission_plan"] = dict.fromkeys(before["commission_plan"], 0)
    if "margin_basis_points" in sent and sent["margin_basis_points"] is None:
        expected["margin_basis_points"] = 0
    kept = {} if "metadata" in sent and sent["metadata"] is None else before["metadata"]
    expected["metadata"] = {
        name: value
        for name, value in (kept | (sent.get("metadata") or {})).items()
        if name not in sent.get("unset_metadata_fields", ())
    }
    assert after == expected


@given(campaigns, changes)
def test_a_put_that_is_repeated_changes_nothing_more(
    current: CampaignDefinition, sent: dict[str, Any]
) -> None:
    body = CampaignChanges.model_validate(sent)

    once = merged(body, current)

    assert merged(body, once) == once


@given(campaigns)
def test_what_is_read_and_put_back_is_the_same(current: CampaignDefinition) -> None:
    read = shown(current)

    assert merged(CampaignChanges.model_validate(read), current) == current
