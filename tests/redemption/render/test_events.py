"""Outcomes are written as twins of the contract, which reads them and would write the same."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import CUSTOMER_KEY, NOON, a_request, an_offer

from contracts import ids
from contracts.campaigns import CommissionPlan
from contracts.money import LARGEST_MINOR
from contracts.redemptions import (
    Failed,
    Reason,
    RedemptionFailed,
    RedemptionSucceeded,
    Succeeded,
)
from contracts.refusals import WouldPass
from redemption.decide.judging import UNKNOWN_CODE
from redemption.ledger.entries import Entry, redemption_id
from redemption.model import Offer, Refusal, Request
from redemption.render.events import outcome
from servicekit.structs import twin

ID = UUID("01932f6e-7b3a-7c42-9d55-0a1b2c3d4e5f")
LATER = NOON + timedelta(seconds=1)
PLAN = twin(CommissionPlan)

texts = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=9
)
minors = st.integers(0, LARGEST_MINOR)
instants = st.datetimes(datetime(1971, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - it adds the zone
codes = st.lists(texts, min_size=1, max_size=3, unique=True)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    return a_request(
        *draw(codes),
        project=draw(texts),
        request_id=draw(texts),
        customer=draw(st.none() | texts),
        amount=draw(st.none() | minors),
        currency=draw(st.none() | st.sampled_from(["EUR", "JPY"])),
        order_id=draw(st.none() | texts),
        tracking_id=draw(st.none() | texts),
        visit_id=draw(st.none() | texts),
        at=draw(instants),
    )


offers = st.builds(
    an_offer,
    texts,
    campaign=texts,
    version=st.integers(1, 2**40),
    partner_id=texts,
    channel=texts,
    category_id=st.none() | texts,
    margin_basis_points=st.integers(0, 10_000),
    commission_plan=st.builds(PLAN, share_basis_points=st.integers(0, 10_000)),
)


def an_entry(request: Request, offer: Offer | None, **more: Any) -> Entry:
    words: dict[str, Any] = {
        "refusal": None,
        "claims": (),
        "order_minor": 0,
        "discount_minor": 0,
        "uses": 0,
        "sequence": 0,
    }
    code = offer.code if offer else request.codes[-1]
    words |= more
    name = redemption_id(ID, accepted=words["refusal"] is None)
    return Entry(id=ID, redemption_id=name, request=request, code=code, offer=offer, **words)


def envelope(request: Request, subject: str, data: Any) -> dict[str, Any]:
    return {
        "id": str(ID),
        "source": "/counterfoil/redemption",
        "subject": subject,
        "time": request.at,
        "projectid": request.project_id,
        "data": data,
    }


def parent_id(request: Request) -> str | None:
    return f"r_{request.key.hex()}" if len(request.codes) > 1 else None


@given(requests(), offers, st.tuples(minors, minors), st.integers(1, 2**40), st.booleans())
def test_an_accepted_redemption_tells_its_readers_everything(
    request: Request, offer: Offer, amounts: tuple[int, int], uses: int, new: bool
) -> None:
    share, discount = amounts
    entry = an_entry(
        request,
        offer,
        order_minor=share,
        discount_minor=discount,
        uses=uses,
        sequence=uses + 1,
        customer_is_new=new,
    )

    written = outcome(entry, LATER)

    said = Succeeded(
        redemption_id=f"r_{ID.hex}",
        parent_redemption_id=parent_id(request),
        request_id=request.request_id,
        code=offer.code,
        voucher_id=offer.voucher.id,
        uses=uses,
        sequence=uses + 1,
        campaign_id=offer.campaign.id,
        campaign_version=offer.campaign.version,
        partner_id=offer.campaign.partner_id,
        channel=offer.campaign.channel,
        category_id=offer.campaign.category_id,
        customer_id=request.customer_id,
        customer_is_new=new,
        order_id=request.order and request.order.id,
        order_minor=share,
        discount_minor=discount,
        currency=offer.campaign.currency,
        commission_plan=CommissionPlan.model_validate(
            msgspec.to_builtins(offer.campaign.commission_plan)
        ),
        margin_basis_points=offer.campaign.margin_basis_points,
        visit_id=request.visit_id,
        decided_at=LATER,
        caller=request.caller,
    )
    event = RedemptionSucceeded(**envelope(request, said.redemption_id, said))
    assert RedemptionSucceeded.model_validate_json(written) == event
    assert json.loads(written) == json.loads(event.encode())


WOULD_PASS: list[dict[str, str | int] | None] = [
    None,
    {"limit": 3, "uses_left": 0},
    {"opens_at": "2026-11-27T23:00:00.000Z"},
    {"missing": "order"},
    {"condition": "customer.is_new", "wanted": "$is true", "found": False},
]


refusals = st.builds(Refusal, st.sampled_from(Reason), texts, st.sampled_from(WOULD_PASS))


@given(requests(), st.none() | offers, refusals, minors)
def test_a_refusal_tells_its_readers_everything(
    request: Request, offer: Offer | None, refusal: Refusal, at_stake: int
) -> None:
    entry = an_entry(request, offer, refusal=refusal, order_minor=at_stake)

    written = outcome(entry, LATER)

    campaign = offer.campaign if offer else None
    said = Failed(
        redemption_id=f"rf_{ID.hex}",
        parent_redemption_id=parent_id(request),
        request_id=request.request_id,
        code=entry.code,
        reason=refusal.reason,
        hint=refusal.hint,
        would_pass=WouldPass.model_validate(refusal.would_pass or {}),
        campaign_id=campaign and campaign.id,
        campaign_version=campaign and campaign.version,
        partner_id=campaign and campaign.partner_id,
        channel=campaign and campaign.channel,
        category_id=campaign and campaign.category_id,
        customer_id=request.customer_id,
        order_id=request.order and request.order.id,
        order_minor=at_stake,
        currency=(request.order and request.order.currency) or (campaign and campaign.currency),
        visit_id=request.visit_id,
        decided_at=LATER,
    )
    event = RedemptionFailed(**envelope(request, said.redemption_id, said))
    assert RedemptionFailed.model_validate_json(written) == event
    assert json.loads(written) == json.loads(event.encode())


@pytest.mark.parametrize("known", [True, False])
def test_no_event_names_the_shops_own_customer(known: bool) -> None:
    request = a_request(customer="anna@example.com")
    entry = an_entry(request, an_offer() if known else None, refusal=UNKNOWN_CODE)

    written = outcome(entry, LATER)

    assert b"anna" not in written
    pseudonym = ids.customer(CUSTOMER_KEY, request.project_id, "anna@example.com")
    assert json.loads(written)["data"]["customer_id"] == pseudonym


def test_no_event_carries_metadata_or_a_tracking_id() -> None:
    """Who redeemed is a pseudonym to its readers, and both may say more."""
    request = a_request(metadata={"name": "Anna"}, tracking_id="Anna")

    written = outcome(an_entry(request, an_offer(), customer_is_new=True), LATER)

    assert b"Anna" not in written
