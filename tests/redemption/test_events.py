"""Outcomes are written without pydantic; here the contract reads them, and would write the same."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import CUSTOMER_KEY, NOON, a_request, an_offer
from redemption.decisions import Accepted, Offer, Refusal, Refused, Request
from redemption.events import outcome
from redemption.rules import UNKNOWN_CODE

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

ID = UUID("01932f6e-7b3a-7c42-9d55-0a1b2c3d4e5f")
LATER = NOON + timedelta(seconds=1)

texts = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=9
)
minors = st.integers(0, LARGEST_MINOR)
instants = st.datetimes(datetime(1971, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - it adds the zone
requests = st.builds(
    a_request,
    texts,
    project=texts,
    request_id=texts,
    customer=st.none() | texts,
    amount=st.none() | minors,
    currency=st.none() | st.just("EUR"),
    order_id=st.none() | texts,
    visit_id=st.none() | texts,
    at=instants,
)
offers = st.builds(
    an_offer,
    campaign_id=texts,
    campaign_version=st.integers(1, 2**40),
    partner_id=texts,
    channel=texts,
    category_id=st.none() | texts,
    margin_basis_points=st.integers(0, 10_000),
    commission_plan=st.builds(CommissionPlan, share_basis_points=st.integers(0, 10_000)),
    voucher_id=texts,
)


def envelope(request: Request, subject: str, data: Any) -> dict[str, Any]:
    return {
        "id": str(ID),
        "source": "/counterfoil/redemption",
        "subject": subject,
        "time": request.at,
        "projectid": request.project_id,
        "data": data,
    }


@given(requests, offers, minors, st.integers(1, 2**40), st.booleans())
def test_an_accepted_redemption_tells_its_readers_everything(
    request: Request, offer: Offer, discount: int, uses: int, new: bool
) -> None:
    decision = Accepted(ID, request, offer, discount, uses, uses + 1)

    written = outcome(decision, customer_is_new=new, decided_at=LATER)

    said = Succeeded(
        redemption_id=f"r_{ID.hex}",
        request_id=request.request_id,
        code=request.code,
        voucher_id=offer.voucher_id,
        uses=uses,
        sequence=uses + 1,
        campaign_id=offer.campaign_id,
        campaign_version=offer.campaign_version,
        partner_id=offer.partner_id,
        channel=offer.channel,
        category_id=offer.category_id,
        customer_id=request.customer_id,
        customer_is_new=new,
        order_id=request.order_id,
        order_minor=request.order_minor or 0,
        discount_minor=discount,
        currency=offer.currency,
        commission_plan=offer.commission_plan,
        margin_basis_points=offer.margin_basis_points,
        visit_id=request.visit_id,
        decided_at=LATER,
    )
    event = RedemptionSucceeded(**envelope(request, said.redemption_id, said))
    assert RedemptionSucceeded.model_validate_json(written) == event
    assert json.loads(written) == json.loads(event.encode())


@given(requests, st.none() | offers, st.sampled_from(Reason), texts)
def test_a_refusal_tells_its_readers_everything(
    request: Request, offer: Offer | None, reason: Reason, hint: str
) -> None:
    decision = Refused(ID, request, offer, Refusal(reason, hint))

    written = outcome(decision, customer_is_new=False, decided_at=LATER)

    said = Failed(
        redemption_id=f"rf_{ID.hex}",
        request_id=request.request_id,
        code=request.code,
        reason=reason,
        hint=hint,
        campaign_id=offer.campaign_id if offer else None,
        campaign_version=offer.campaign_version if offer else None,
        partner_id=offer.partner_id if offer else None,
        channel=offer.channel if offer else None,
        category_id=offer.category_id if offer else None,
        customer_id=request.customer_id,
        order_id=request.order_id,
        order_minor=request.order_minor or 0,
        currency=offer.currency if offer else request.currency,
        visit_id=request.visit_id,
        decided_at=LATER,
    )
    event = RedemptionFailed(**envelope(request, said.redemption_id, said))
    assert RedemptionFailed.model_validate_json(written) == event
    assert json.loads(written) == json.loads(event.encode())


@pytest.mark.parametrize("known", [True, False])
def test_no_event_names_the_shops_own_customer(known: bool) -> None:
    request = a_request(customer="anna@example.com")
    offer = an_offer() if known else None
    decision = Refused(ID, request, offer, UNKNOWN_CODE)

    written = outcome(decision, customer_is_new=False, decided_at=LATER)

    assert b"anna" not in written
    pseudonym = ids.customer(CUSTOMER_KEY, request.project_id, "anna@example.com")
    assert json.loads(written)["data"]["customer_id"] == pseudonym
