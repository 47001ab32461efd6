from collections.abc import AsyncIterator
from typing import Any

import msgspec
import orjson
import pytest
from redemption.api.errors import ApiError
from redemption.wire import Customer, Item, Order, Wish
from starlette.requests import Request

from contracts.money import LARGEST_MINOR
from redemption.api import bodies

CODE = {"redeemables": [{"object": "voucher", "id": "SUMMER"}]}


def posted(*chunks: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        more = await anext(rest, None)
        return {"type": "http.request", "body": more or b"", "more_body": more is not None}

    async def parts() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    rest = parts()
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def wish(**body: Any) -> Wish:
    wish, _ = await bodies.wish(posted(orjson.dumps(CODE | body)))
    return wish


async def refused(body: bytes) -> ApiError:
    with pytest.raises(ApiError) as error:
        await bodies.wish(posted(body))
    return error.value


async def test_a_code_alone_is_a_wish() -> None:
    assert await wish() == Wish("SUMMER")


async def test_a_body_may_come_in_pieces() -> None:
    whole = orjson.dumps(CODE)

    wish, _ = await bodies.wish(posted(whole[:7], whole[7:]))

    assert wish == Wish("SUMMER")


@pytest.mark.parametrize(
    ("sent", "customer"),
    [
        pytest.param({"customer": {"source_id": "anna"}}, Customer("anna"), id="source-id"),
        pytest.param({"tracking_id": "anna"}, Customer("anna"), id="tracking-id"),
        pytest.param(
            {"customer": {"source_id": "anna"}, "tracking_id": "bert"},
            Customer("anna"),
            id="source-id-before-tracking-id",
        ),
        pytest.param({"customer": {}}, None, id="nobody"),
        pytest.param({"customer": None}, None, id="null"),
    ],
)
async def test_who_redeems(sent: dict[str, Any], customer: Customer | None) -> None:
    assert (await wish(**sent)).customer == customer


@pytest.mark.parametrize(
    ("sent", "order"),
    [
        pytest.param({"amount": 4999}, Order(4999), id="amount"),
        pytest.param(
            {"amount": 1, "source_id": "o", "currency": "EUR"}, Order(1, "o", "EUR"), id="all"
        ),
        pytest.param({"amount": 1, "id": "o"}, Order(1, "o"), id="id-for-source-id"),
        pytest.param({}, None, id="no-amount-is-no-order"),
        pytest.param(
            {"items": [{"product_id": "p", "quantity": 2, "price": 150}]},
            Order(300, items=[Item("p", 300, 2)]),
            id="price-times-quantity",
        ),
        pytest.param(
            {
                "amount": 7,
                "items": [{"sku_id": "s", "amount": 250}, {"source_id": "x", "price": 5}],
            },
            Order(255, items=[Item("s", 250), Item("x", 5)]),
            id="the-lines-outweigh-the-amount",
        ),
    ],
)
async def test_what_is_bought(sent: dict[str, Any], order: Order | None) -> None:
    assert (await wish(order=sent)).order == order


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
            orjson.dumps({"redeemables": CODE["redeemables"] * 2}), "$.redeemables", id="a-stack"
        ),
        pytest.param(
            orjson.dumps(CODE | {"session": {"type": "LOCK"}}), "$.session", id="a-session-lock"
        ),
        pytest.param(
            orjson.dumps(CODE | {"customer": {"id": "cust_1"}}), "$.customer.id", id="our-own-id"
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

    assert (error.code, error.key) == (400, "invalid_payload")
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
    assert (await refused(body)).code == 400


async def test_a_body_beyond_ten_megabytes_is_not_read_to_its_end() -> None:
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b" " * 1_000_000, "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(ApiError) as error:
        await bodies.wish(request)

    assert error.value.code == 413
    assert read == 11


def test_the_openapi_page_can_describe_the_body() -> None:
    schema = msgspec.json.schema(bodies.Body)

    assert "redeemables" in str(schema)


async def test_the_fingerprint_covers_what_we_ignore_and_not_how_it_is_spelt() -> None:
    _, plain = await bodies.wish(posted(orjson.dumps(CODE | {"metadata": {"a": 1, "b": 2}})))
    _, spelt = await bodies.wish(posted(b'{"metadata": {"b":2, "a":1}, ' + orjson.dumps(CODE)[1:]))
    _, other = await bodies.wish(posted(orjson.dumps(CODE | {"metadata": {"a": 1, "b": 3}})))

    assert plain == spelt
    assert plain != other
