"""What is asked of a code beside its limits: one table."""

from typing import Any

import pytest
from kit.redemption_samples import DAY, NOON, TICK, a_request, an_offer

from contracts.discounts import FixedPrice, PercentOff
from contracts.redemptions import Reason
from contracts.validity import Hours
from redemption.checks import checks_of, first_refusal
from redemption.model import Case, Refusal

TEN_PERCENT = PercentOff(basis_points=1000)


def refusal(offer: dict[str, Any], asked: dict[str, Any]) -> Refusal | None:
    request = a_request(**asked)
    left = request.order.amount_minor if request.order else None
    offered = an_offer(**offer)
    before_limits, after_limits = checks_of(offered)
    return first_refusal([*before_limits, *after_limits], Case(request, offered, left))


def case(
    name: str,
    reason: Reason | None,
    offer: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
) -> Any:
    return pytest.param(offer or {}, asked or {}, reason, id=name)


@pytest.mark.parametrize(
    ("offer", "asked", "reason"),
    [
        case("nothing-is-wrong", None),
        case("nothing-sent-but-the-code", None, asked={"amount": None}),
        case("campaign-switched-off", Reason.CAMPAIGN_INACTIVE, {"active": False}),
        case("code-switched-off", Reason.VOUCHER_DISABLED, {"voucher_active": False}),
        case("before-the-start", Reason.VOUCHER_NOT_ACTIVE, {"starts_at": NOON + TICK}),
        case("start-is-inclusive", None, {"starts_at": NOON}),
        case("just-before-the-end", None, {"ends_at": NOON + TICK}),
        case("end-is-exclusive", Reason.VOUCHER_EXPIRED, {"ends_at": NOON}),
        case("after-the-end", Reason.VOUCHER_EXPIRED, {"ends_at": NOON - DAY}),
        case("just-before-the-codes-own-end", None, {"voucher_ends_at": NOON + TICK}),
        case("the-codes-own-end-is-exclusive", Reason.VOUCHER_EXPIRED, {"voucher_ends_at": NOON}),
        case(
            "the-campaigns-end-before-the-codes",
            Reason.VOUCHER_EXPIRED,
            {"ends_at": NOON, "voucher_ends_at": NOON + DAY},
        ),
        case(
            "the-codes-end-before-the-campaigns",
            Reason.VOUCHER_EXPIRED,
            {"ends_at": NOON + DAY, "voucher_ends_at": NOON},
        ),
        case("on-the-weekday", None, {"weekdays": (1,)}),  # noon of a Monday, in Berlin at one
        case("on-another-weekday", Reason.VOUCHER_NOT_ACTIVE_NOW, {"weekdays": (0, 2)}),
        case("in-the-hours", None, {"hours": (Hours(from_minute=780, to_minute=781),)}),
        case(
            "at-another-hour",
            Reason.VOUCHER_NOT_ACTIVE_NOW,
            {"hours": (Hours(from_minute=720, to_minute=780),)},
        ),
        case(
            "percentage-of-no-order",
            Reason.MISSING_ORDER,
            {"discount": TEN_PERCENT},
            {"amount": None},
        ),
        case(
            "price-of-no-order",
            Reason.MISSING_ORDER,
            {"discount": FixedPrice(price_minor=1)},
            {"amount": None},
        ),
        case("percentage-of-an-order", None, {"discount": TEN_PERCENT}),
        case("percentage-of-nothing-to-pay", None, {"discount": TEN_PERCENT}, {"amount": 0}),
        case("amount-in-the-campaigns-currency", None, asked={"currency": "EUR"}),
        case("amount-in-another-currency", Reason.INVALID_ORDER, asked={"currency": "USD"}),
        case("amount-without-a-currency", None, asked={"currency": None}),
    ],
)
def test_a_refusal_has_a_stable_reason(
    offer: dict[str, Any], asked: dict[str, Any], reason: Reason | None
) -> None:
    found = refusal(offer, asked)

    assert (found and found.reason) == reason


@pytest.mark.parametrize(
    ("offer", "asked", "hint", "would_pass"),
    [
        (
            {"starts_at": NOON + DAY},
            {},
            "valid from 2026-11-24T12:00:00.000Z",
            {"starts_at": "2026-11-24T12:00:00.000Z"},
        ),
        (
            {"ends_at": NOON - DAY},
            {},
            "was valid until 2026-11-22T12:00:00.000Z",
            {"ends_at": "2026-11-22T12:00:00.000Z"},
        ),
        (
            {"ends_at": NOON, "voucher_ends_at": NOON - DAY},
            {},
            "was valid until 2026-11-22T12:00:00.000Z",
            {"ends_at": "2026-11-22T12:00:00.000Z"},
        ),
        (
            {"weekdays": (2,), "voucher_ends_at": NOON + TICK},
            {},
            "valid on Tue (Europe/Berlin)",
            {},
        ),
        (
            {"weekdays": (2,)},
            {},
            "valid on Tue (Europe/Berlin)",
            {"opens_at": "2026-11-23T23:00:00.000Z"},
        ),
        (
            {"currency": "PLN"},
            {"currency": "EUR"},
            "order amounts must be in PLN",
            {"currency": "PLN"},
        ),
        (
            {"discount": TEN_PERCENT},
            {"amount": None},
            "a percentage needs an order amount",
            {"missing": "order"},
        ),
    ],
)
def test_a_refusal_says_what_would_have_made_it_pass(
    offer: dict[str, Any], asked: dict[str, Any], hint: str, would_pass: dict[str, Any]
) -> None:
    found = refusal(offer, asked)

    assert found is not None
    assert (found.hint, found.would_pass) == (hint, would_pass)
