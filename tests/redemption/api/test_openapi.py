"""What redemption's OpenAPI page says beyond what the framework sees, beside what is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import orjson
import pytest
from starlette.requests import Request

from contracts.redemptions import Reason
from redemption.api.answers import ValidationBody
from redemption.api.openapi import REDEMPTION, VALIDATION
from redemption.api.reading import parse_body, parse_validation
from redemption.ledger.entries import PastEntry, ShownEntry
from redemption.render.lookup import LookedUp, NearestCode, looked_up
from redemption.render.redemption import RedemptionsBody

GOLDEN = Path(__file__).parents[1] / "golden"
WRITTEN = {
    "redeemed": RedemptionsBody,
    "valid": ValidationBody,
    "invalid": ValidationBody,
}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_what_is_sent_has_the_documented_type(path: Path) -> None:
    kind = path.stem.partition("_")[0]
    if kind == "refused":
        return  # written as the struct that is documented
    # Read back, an answer is the same: nothing that it says is missing in its type.
    read = msgspec.json.decode(path.read_bytes(), type=WRITTEN[kind])
    assert orjson.loads(msgspec.json.encode(read)) == orjson.loads(path.read_bytes())


@pytest.mark.parametrize("reason", list(Reason))
def test_a_refusal_that_is_looked_up_has_the_documented_type(reason: Reason) -> None:
    past = PastEntry(
        id=UUID(int=1),
        request_key=b"k" * 16,
        kind="refused",
        reason=reason,
        hint=None,
        would_pass=None,
        code="SUMMER",
        voucher_id=None,
        campaign_id=None,
        campaign_name=None,
        customer_id=None,
        order_id="order-1",
        order_minor=4999,
        basket_minor=None,
        discount_minor=0,
        currency="EUR",
        tracking_id=None,
        metadata={"till": 7},
        at=datetime(2026, 9, 1, tzinfo=UTC),
    )
    entry = ShownEntry(
        past=past,
        codes=2,
        partner_id=None,
        campaign_version=None,
        claims=[],
        caller="user_1",
        decided_at=past.at,
    )
    near = NearestCode(code="SUMER", campaign_id="camp_1", campaign=None, distance=1)
    written = looked_up(entry, None, [f"rf_{past.id.hex}", f"rf_{UUID(int=2).hex}"], [near])

    read = msgspec.json.decode(written, type=LookedUp)
    assert orjson.loads(msgspec.json.encode(read)) == orjson.loads(written)


def examples(body: dict[str, Any]) -> list[Any]:
    found = body["requestBody"]["content"]["application/json"]["examples"]
    return [pytest.param(each["value"], id=name) for name, each in found.items()]


def posted(body: dict[str, Any]) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": orjson.dumps(body), "more_body": False}

    return Request({"type": "http", "headers": []}, receive)


@pytest.mark.parametrize("example", examples(REDEMPTION))
async def test_the_examples_of_redemptions_are_taken(example: dict[str, Any]) -> None:
    content = await parse_body(posted(example))

    assert content.codes == tuple(each["id"] for each in example["redeemables"])
    assert content.customer is not None
    assert content.customer.source_id == "shopper-1"


@pytest.mark.parametrize("example", examples(VALIDATION))
async def test_the_examples_of_validations_are_taken(example: dict[str, Any]) -> None:
    content, at = await parse_validation(posted(example))

    assert content.codes == tuple(each["id"] for each in example["redeemables"])
    assert (at is not None) == ("at" in example)
