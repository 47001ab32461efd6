"""Which bodies say the same: what is absent, blank or ignored makes no other request."""

import re
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from kit.redemption_bodies import CODE, asked, refused, stack
from kit.redemption_samples import CUSTOMER_KEY, NOON

from redemption.api import voucherify
from redemption.reading import parsing

NULLS: dict[str, Any] = {
    "customer": None,
    "order": None,
    "tracking_id": None,
    "visit_id": None,
    "metadata": None,
    "session": None,
    "options": None,
    "redeemables": [{"object": "voucher", "id": "SUMMER", "gift": None, "reward": None}],
}


async def test_null_is_as_good_as_absent() -> None:
    assert await asked(**NULLS) == await asked()
    line = {"product_id": "p", "amount": 7}
    nulls = dict.fromkeys(
        ("sku_id", "source_id", "quantity", "price", "product", "sku", "metadata")
    )
    around = dict.fromkeys(("id", "amount", "currency", "customer", "referrer", "metadata"))
    assert await asked(order={"items": [line | nulls], **around}) == await asked(
        order={"items": [line]}
    )
    assert await asked(order={"amount": 7, "items": None}) == await asked(order={"amount": 7})
    nobody = dict.fromkeys(("source_id", "id", "email", "name", "metadata"))
    assert await asked(customer=nobody) == await asked()


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff"], ids=ascii)
async def test_a_blank_that_was_pasted_along_makes_no_other_wish(blank: str) -> None:
    def wish(before: str, after: str) -> dict[str, Any]:
        def pasted(text: str) -> str:
            return before + text + after

        return {
            "redeemables": stack(pasted("SUMMER"), pasted("WINTER")),
            "customer": {"source_id": pasted("anna")},
            "tracking_id": pasted("track"),
            "visit_id": pasted("visit"),
            "order": {
                "source_id": pasted("o"),
                "items": [{"product_id": pasted("p"), "amount": 1}],
            },
        }

    assert (
        await asked(**wish(blank, ""))
        == await asked(**wish("", blank))
        == await asked(**wish("", ""))
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"redeemables": stack(" \u200b")},
        {"customer": {"source_id": " "}},
        {"customer": {"email": " "}},
        {"customer": {"source_id": "a", "name": "\t"}},
        {"order": {"items": [{"product_id": "p", "sku_id": " ", "amount": 1}]}},
        {"tracking_id": "\t"},
        {"order": {"amount": 1, "id": "\u00a0"}},
        {"order": {"items": [{"product_id": " ", "amount": 1}]}},
    ],
)
async def test_nothing_but_blanks_is_nothing(sent: dict[str, Any]) -> None:
    assert "nothing but blanks" in ((await refused(orjson.dumps(CODE | sent))).details or "")


async def test_codes_that_differ_by_a_blank_are_one_code_twice() -> None:
    error = await refused(orjson.dumps({"redeemables": stack("A", "A\u00a0")}))

    assert error.key == "duplicated_redeemables"


RECORD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "/till",
    "type": "coupons.redemption.requested.v1",
    "projectid": "proj_a",
}


@pytest.mark.parametrize(
    ("body", "data"),
    [
        pytest.param({}, {"code": "SUMMER"}, id="a-code"),
        pytest.param(
            {"redeemables": stack("A", "B")},
            {"redeemables": [{"code": "A"}, {"code": "B"}]},
            id="codes",
        ),
        pytest.param({"tracking_id": "t"}, {"code": "SUMMER", "tracking_id": "t"}, id="tracked"),
        pytest.param(
            {"customer": {"source_id": "anna", "phone": "1", "metadata": {}}},
            {"code": "SUMMER", "customer": {"source_id": " anna"}},
            id="customer",
        ),
        pytest.param(
            {"customer": {"email": "Anna@Shop.Example", "name": "Anna ", "metadata": {"a": 1}}},
            {
                "code": "SUMMER",
                "customer": {"name": "Anna", "email": " anna@shop.example", "metadata": {"a": 1}},
            },
            id="guest",
        ),
        pytest.param(
            {
                "order": {
                    "source_id": "o",
                    "status": "PAID",
                    "currency": "EUR",
                    "items": [
                        {"sku_id": "s", "quantity": 2, "price": 150, "product": {"name": "S"}},
                        {"product_id": "p", "amount": 7, "quantity": None, "metadata": {"c": "r"}},
                        {"source_id": "t", "related_object": "sku", "amount": 1},
                    ],
                    "metadata": {"till": 7},
                },
                "metadata": {"b": 1, "a": {"d": None, "c": 1.5}},
                "visit_id": "v",
            },
            {
                "code": "SUMMER",
                "order": {
                    "id": "o",
                    "currency": "EUR",
                    "amount_minor": 308,
                    "items": [
                        {"product_id": "s", "sku_id": "s", "quantity": 2, "amount_minor": 300},
                        {"product_id": "p", "amount_minor": 7, "metadata": {"c": "r"}},
                        {"product_id": "t", "sku_id": "t", "amount_minor": 1},
                    ],
                    "metadata": {"till": 7},
                },
                "metadata": {"a": {"c": 1.5, "d": None}, "b": 1},
                "visit_id": "v",
            },
            id="everything",
        ),
        pytest.param(
            {"order": {"amount": 5, "items": []}},
            {"code": "SUMMER", "order": {"amount_minor": 5, "items": None}},
            id="no-lines",
        ),
    ],
)
async def test_the_same_wish_by_http_and_by_kafka_is_one_request(
    body: dict[str, Any], data: dict[str, Any]
) -> None:
    by_http = parsing.request(
        await asked(**body), "proj_a", "1", caller="key_a", at=NOON, customer_key=CUSTOMER_KEY
    )
    record = orjson.dumps(RECORD | {"data": {"request_id": "1"} | data})
    by_kafka = parsing.read(record, "key_a", NOON, CUSTOMER_KEY)

    assert (by_http.key, by_http.fingerprint) == (by_kafka.key, by_kafka.fingerprint)
    # An order and a customer are twins of the contract's, each its own.
    assert by_http._replace(order=None, customer=None) == by_kafka._replace(
        order=None, customer=None
    )


async def test_what_we_ignore_makes_no_other_request() -> None:
    bodies_with: list[dict[str, Any]] = [
        {"options": {"expand": ["order"]}},
        {"customer": {"phone": "1"}},
        {},
    ]

    assert len({parsing.fingerprint(await asked(**body)) for body in bodies_with}) == 1


def test_every_field_that_is_ignored_has_its_reason_and_its_place_on_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "redemption.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)
    rows = {(place, field): why for place, fields, why in listed for field in _quoted(fields)}

    places = {
        "request": voucherify.IgnoredOfRequest,
        "customer": voucherify.IgnoredOfCustomer,
        "order": voucherify.IgnoredOfOrder,
        "item": voucherify.IgnoredOfItem,
    }
    expected = {
        (place, field): properties["description"].removeprefix("ignored: ")
        for place, struct in places.items()
        for field, properties in _properties(struct).items()
    }
    assert {key: why for key, why in rows.items() if key[0] in places} == expected


def _quoted(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def _properties(struct: Any) -> dict[str, Any]:
    schema = msgspec.json.schema(struct)
    found: dict[str, Any] = schema["$defs"][struct.__name__]["properties"]
    return found
