"""What the official clients read: their Python client checks every type that it knows."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from kit.redemption_samples import CODE, a_request, an_offer
from redemption.answers import MESSAGES, answer, key_reused, refusal_body
from redemption.decisions import Accepted, Refusal, Refused
from redemption.rules import UNKNOWN_CODE

from contracts.redemptions import Reason

ID = UUID("01932f6e-7b3a-7c42-9d55-0a1b2c3d4e5f")


def accepted(discount: int = 500, **asked: Any) -> dict[str, Any]:
    given = answer(Accepted(ID, a_request(**asked), an_offer(), discount, 1, 1))
    assert given.status == 200
    body: dict[str, Any] = orjson.loads(given.body)
    return body


def test_a_redemption_is_what_the_clients_know_as_one() -> None:
    body = accepted(customer="anna", order_id="order-99")
    [redemption] = body["redemptions"]

    assert redemption == {
        "id": f"r_{ID.hex}",
        "object": "redemption",
        "date": "2026-11-23T12:00:00.000Z",
        "customer_id": a_request(customer="anna").customer_id,
        "tracking_id": None,
        "metadata": {},
        "result": "SUCCESS",
        "status": "SUCCEEDED",
        "related_object_type": "voucher",
        "related_object_id": "v_1",
        "voucher": {
            "id": "v_1",
            "object": "voucher",
            "code": CODE,
            "campaign": "Winter deal",
            "campaign_id": "camp_1",
            "type": "DISCOUNT_VOUCHER",
        },
        "order": body["order"],
    }
    assert body.keys() == {
        "redemptions",
        "order",
        "inapplicable_redeemables",
        "skipped_redeemables",
    }
    assert body["inapplicable_redeemables"] == body["skipped_redeemables"] == []


def test_an_order_says_what_is_left_to_pay() -> None:
    order = accepted(discount=500, amount=4999, order_id="order-99")["order"]

    assert order["source_id"] == "order-99"
    assert order["amount"] == 4999
    assert order["total_amount"] == 4499
    discounts = {name: value for name, value in order.items() if "discount" in name}
    assert set(discounts.values()) == {500}
    assert len(discounts) == 4


def test_without_an_order_there_is_none_in_the_answer() -> None:
    body = accepted(amount=None)

    assert body["order"] is None
    assert body["redemptions"][0]["order"] is None


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_message_and_a_status(reason: Reason) -> None:
    request = a_request(amount=4999)
    given = answer(Refused(ID, request, an_offer(), Refusal(reason, "")))

    assert given.status == (404 if reason is Reason.NOT_FOUND else 400)
    assert orjson.loads(given.body) == {
        "code": given.status,
        "key": reason.value,
        "message": MESSAGES[reason],
        "details": CODE,
        "resource_id": f"rf_{ID.hex}",
        "resource_type": "redemption",
        "order_amount": 4999,
    }


def test_a_refusal_says_what_would_have_helped() -> None:
    refusal = Refusal(Reason.QUANTITY_EXCEEDED, "all 3 uses of this code are taken")

    assert refusal_body(refusal, a_request())["details"] == "all 3 uses of this code are taken"


def test_an_unknown_code_and_another_projects_are_refused_in_the_same_words() -> None:
    here, there = a_request("A-1", project="proj_a"), a_request("A-1", project="proj_b")

    assert (
        answer(Refused(ID, here, None, UNKNOWN_CODE)).body
        == answer(Refused(ID, there, None, UNKNOWN_CODE)).body
    )


def test_a_reused_key_is_told_what_to_do() -> None:
    given = key_reused(a_request())
    body = orjson.loads(given.body)

    assert given.status == body["code"] == 422
    assert body["key"] == "idempotency_key_reused"
    assert "new key" in body["details"]
