from collections.abc import AsyncIterator
from typing import Any

import msgspec
import orjson
import pytest
from starlette.requests import Request

from contracts.money import LARGEST_MINOR
from contracts.redemptions import MOST_REDEEMABLES, Item, Order
from redemption.api import bodies
from redemption.parsing import Content
from servicekit.http.errors import ApiError

CODE = {"redeemables": [{"object": "voucher", "id": "SUMMER"}]}


def stack(*codes: str) -> list[dict[str, str]]:
    return [{"object": "voucher", "id": code} for code in codes]


def posted(*chunks: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        more = await anext(rest, None)
        return {"type": "http.request", "body": more or b"", "more_body": more is not None}

    async def parts() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    rest = parts()
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def asked(**body: Any) -> Content:
    content, _ = await bodies.parse_body(posted(orjson.dumps(CODE | body)))
    return content


async def refused(body: bytes) -> ApiError:
    with pytest.raises(ApiError) as error:
        await bodies.parse_body(posted(body))
    return error.value


async def test_a_code_alone_is_enough() -> None:
    assert await asked() == Content(("SUMMER",), None, None, None, {})


async def test_several_codes_keep_their_order() -> None:
    codes = tuple(f"C-{n}" for n in range(MOST_REDEEMABLES, 0, -1))

    assert (await asked(redeemables=stack(*codes))).codes == codes


async def test_a_body_may_come_in_pieces() -> None:
    whole = orjson.dumps(CODE)

    content, _ = await bodies.parse_body(posted(whole[:7], whole[7:]))

    assert content.codes == ("SUMMER",)


@pytest.mark.parametrize(
    ("sent", "customer"),
    [
        pytest.param({"customer": {"source_id": "anna"}}, "anna", id="source-id"),
        pytest.param({"tracking_id": "anna"}, "anna", id="tracking-id"),
        pytest.param(
            {"customer": {"source_id": "anna"}, "tracking_id": "bert"},
            "anna",
            id="source-id-before-tracking-id",
        ),
        pytest.param({"customer": {}}, None, id="nobody"),
        pytest.param({"customer": None}, None, id="null"),
    ],
)
async def test_who_redeems(sent: dict[str, Any], customer: str | None) -> None:
    assert (await asked(**sent)).customer_source_id == customer


@pytest.mark.parametrize(
    ("sent", "order"),
    [
        pytest.param({"amount": 4999}, Order(amount_minor=4999), id="amount"),
        pytest.param(
            {"amount": 1, "source_id": "o", "currency": "EUR"},
            Order(amount_minor=1, id="o", currency="EUR"),
            id="all",
        ),
        pytest.param(
            {"amount": 1, "id": "o"}, Order(amount_minor=1, id="o"), id="id-for-source-id"
        ),
        pytest.param({}, None, id="no-amount-is-no-order"),
        pytest.param(
            {"items": [{"product_id": "p", "quantity": 2, "price": 150}]},
            Order(
                amount_minor=300,
                items=(Item(product_id="p", amount_minor=300, quantity=2),),
            ),
            id="price-times-quantity",
        ),
        pytest.param(
            {
                "amount": 7,
                "items": [{"sku_id": "s", "amount": 250}, {"source_id": "x", "price": 5}],
            },
            Order(
                amount_minor=255,
                items=(
                    Item(product_id="s", amount_minor=250),
                    Item(product_id="x", amount_minor=5),
                ),
            ),
            id="the-lines-outweigh-the-amount",
        ),
    ],
)
async def test_what_is_bought(sent: dict[str, Any], order: Order | None) -> None:
    found = (await asked(order=sent)).order

    assert (found and Order.model_validate(msgspec.to_builtins(found))) == order


def with_order(**order: Any) -> bytes:
    return orjson.dumps(CODE | {"order": order})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(b"{}", "redeemables", id="no-redeemables"),
        pytest.param(b'{"redeemables": []}', "$.redeemables", id="none"),
        pytest.param(b'{"redeemables": "SUMMER"}', "$.redeemables", id="not-a-list"),
        pytest.param(
            b'{"redeemables": [{"object": "voucher"}]}', "$.redeemables[0]", id="without-a-code"
        ),
        pytest.param(
            b'{"redeemables": [{"object": "promotion_tier", "id": "x"}]}',
            "$.redeemables[0].object",
            id="what-we-do-not-have",
        ),
        pytest.param(
            b'{"redeemables": [{"object": "voucher", "id": "\\u0000"}]}',
            "$.redeemables[0].id",
            id="nul",
        ),
        pytest.param(
            orjson.dumps({"redeemables": stack(*map(str, range(MOST_REDEEMABLES + 1)))}),
            "$.redeemables",
            id="too-many-codes",
        ),
        pytest.param(
            orjson.dumps(CODE | {"session": {"type": "LOCK"}}), "$.session", id="a-session-lock"
        ),
        pytest.param(
            orjson.dumps(CODE | {"customer": {"id": "cust_1"}}), "$.customer.id", id="our-own-id"
        ),
        pytest.param(
            orjson.dumps(CODE | {"metadata": {"a": ["\0"]}}), "$.metadata", id="nul-in-metadata"
        ),
        pytest.param(
            orjson.dumps(CODE | {"metadata": 7}), "$.metadata", id="metadata-is-no-object"
        ),
        pytest.param(
            orjson.dumps(CODE)[:-1] + b', "metadata": {"n": 18446744073709551616}}',
            "$.metadata",
            id="metadata-beyond-64-bits",
        ),
        pytest.param(with_order(amount="4999"), "$.order.amount", id="amount-is-text"),
        pytest.param(with_order(amount=49.99), "$.order.amount", id="amount-is-a-float"),
        pytest.param(with_order(amount=-1), "$.order.amount", id="negative-amount"),
        pytest.param(with_order(amount=2**53), "$.order.amount", id="amount-too-large"),
        pytest.param(with_order(currency="euro"), "$.order.currency", id="currency"),
        pytest.param(with_order(items=[{"price": 1}]), "$.order.items[0]", id="line-of-nothing"),
        pytest.param(
            with_order(items=[{"product_id": "p"}]), "$.order.items[0]", id="line-without-a-price"
        ),
        pytest.param(
            with_order(items=[{"product_id": "p", "quantity": -1}]),
            "$.order.items[0].quantity",
            id="negative-quantity",
        ),
        pytest.param(
            with_order(items=[{"product_id": "p", "amount": LARGEST_MINOR}] * 2),
            "$.order",
            id="lines-add-up-to-too-much",
        ),
        pytest.param(
            with_order(items=[{"product_id": "p", "price": 2**52, "quantity": 2**40}]),
            "$.order",
            id="price-times-quantity-is-too-much",
        ),
    ],
)
async def test_a_malformed_body_is_told_which_field(body: bytes, field: str) -> None:
    error = await refused(body)

    assert (error.status_code, error.key) == (400, "invalid_payload")
    assert field in (error.details or "")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut-off"),
        pytest.param(b'"\xff"', id="not-utf8"),
        pytest.param(b'{"tracking_id": "\\ud800"}', id="lone-surrogate"),
        pytest.param(b"[" * 100_000, id="too-deep"),
        pytest.param(b'{"x":' * 100_000 + b"1" + b"}" * 100_000, id="too-deep-within"),
    ],
)
async def test_what_is_not_json_is_malformed_and_never_our_fault(body: bytes) -> None:
    assert (await refused(body)).status_code == 400


async def test_a_code_that_stands_twice_has_a_key_of_its_own() -> None:
    error = await refused(orjson.dumps({"redeemables": stack("A", "B", "A")}))

    assert (error.status_code, error.key) == (400, "duplicated_redeemables")


def test_the_openapi_page_can_describe_the_body() -> None:
    schema = msgspec.json.schema(bodies.RedemptionRequestBody)

    assert "redeemables" in str(schema)


async def test_the_fingerprint_covers_what_we_ignore_and_not_how_it_is_spelt() -> None:
    async def fingerprint(future: bytes) -> bytes:
        body = orjson.dumps(CODE)[:-1] + b', "future": ' + future + b"}"
        _, asked = await bodies.parse_body(posted(body))
        return asked

    plain = await fingerprint(b'{"a": 1, "b": 2}')

    assert await fingerprint(b'{"b":2,"a":1}') == plain
    assert await fingerprint(b'{"a": 1, "b": 3}') != plain
