"""What a body may say, and what is refused of it."""

from typing import Any

import msgspec
import orjson
import pytest
from kit.redemption_bodies import CODE, asked, posted, refused, stack, with_order
from starlette.requests import Request

from contracts.baskets import Item, Order, identity_of
from contracts.money import LARGEST_MINOR
from contracts.stacking import MOST_REDEEMABLES
from redemption.api import bodies, reading
from redemption.reading.parsing import Content
from servicekit.http.errors import ApiError


async def test_a_code_alone_is_enough() -> None:
    assert await asked() == Content(("SUMMER",), None, None, None, {})


async def test_several_codes_keep_their_order() -> None:
    codes = tuple(f"C-{n}" for n in range(MOST_REDEEMABLES, 0, -1))

    assert (await asked(redeemables=stack(*codes))).codes == codes


async def test_a_body_may_come_in_pieces() -> None:
    whole = orjson.dumps(CODE)

    content = await reading.parse_body(posted(whole[:7], whole[7:]))

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
        pytest.param({"customer": {"email": "Anna@Shop.example"}}, "anna@shop.example", id="email"),
        pytest.param({"customer": {"email": "a@b"}, "tracking_id": "t"}, "a@b", id="guest-tracked"),
        pytest.param(
            {"customer": {"source_id": "anna", "email": "a@b"}}, "anna", id="source-id-before-email"
        ),
        pytest.param({"customer": {}, "tracking_id": "t"}, "t", id="nothing-said-but-tracked"),
        pytest.param({"customer": {}}, None, id="nobody"),
        pytest.param({"customer": None}, None, id="null"),
    ],
)
async def test_who_redeems(sent: dict[str, Any], customer: str | None) -> None:
    found = (await asked(**sent)).customer
    assert (found and identity_of(found)) == customer


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
                "amount": 255,
                "items": [{"sku_id": "s", "amount": 250}, {"source_id": "x", "price": 5}],
            },
            Order(
                amount_minor=255,
                items=(
                    Item(product_id="s", sku_id="s", amount_minor=250),
                    Item(product_id="x", amount_minor=5),
                ),
            ),
            id="what-the-lines-come-to",
        ),
    ],
)
async def test_what_is_bought(sent: dict[str, Any], order: Order | None) -> None:
    found = (await asked(order=sent)).order

    assert (found and Order.model_validate(msgspec.to_builtins(found))) == order


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
            orjson.dumps(CODE | {"customer": {"name": "Ann"}}), "$.customer", id="a-name-of-nobody"
        ),
        pytest.param(
            orjson.dumps(CODE | {"customer": {"email": "ann"}}), "$.customer.email", id="no-email"
        ),
        pytest.param(
            orjson.dumps(CODE | {"customer": {"source_id": "a", "metadata": {"a": "\0"}}}),
            "$.customer.metadata",
            id="nul-of-a-customer",
        ),
        pytest.param(
            with_order(amount=1, metadata={"a": "x" * 10_000}),
            "$.order.metadata",
            id="much-of-order",
        ),
        pytest.param(
            with_order(items=[{"product_id": "p", "price": 1, "metadata": {"a": {"\0": 1}}}]),
            "$.order.items[0].metadata",
            id="nul-of-a-line",
        ),
        pytest.param(
            with_order(items=[{"product_id": "p", "price": 1, "metadata": {"a": "x" * 9_000}}] * 6),
            "all metadata together take",
            id="much-metadata-together",
        ),
        pytest.param(
            with_order(items=[{"source_id": "p", "price": 1, "related_object": "bundle"}]),
            "$.order.items[0].related_object",
            id="a-line-of-what-we-do-not-know",
        ),
        pytest.param(
            orjson.dumps(CODE | {"metadata": {"a": "x" * 10_000}}),
            "`$.metadata`: metadata takes 10,008 bytes as JSON, of which 10,000 are allowed",
            id="too-much-metadata",
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
        pytest.param(
            with_order(amount=7, items=[{"product_id": "p", "amount": 8}]),
            "$.order.amount",
            id="amount-beside-lines-that-differ",
        ),
        pytest.param(
            with_order(amount=0, items=[{"product_id": "p", "amount": 8}]),
            "$.order.amount",
            id="nothing-beside-lines-that-differ",
        ),
        pytest.param(
            with_order(amount=1, currency="ZZZ"), "$.order.currency", id="currency-of-nobody"
        ),
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


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        pytest.param({"total_limitt": 5}, "$.total_limitt", id="of-the-request"),
        pytest.param({"customer": {"segment": "new"}}, "$.customer.segment", id="of-the-customer"),
        pytest.param({"order": {"maximum": 5}}, "$.order.maximum", id="of-the-order"),
        pytest.param(
            {"order": {"items": [{"per_line": 1}]}}, "$.order.items[0].per_line", id="of-a-line"
        ),
        pytest.param(
            {"redeemables": [{"object": "voucher", "id": "A", "quantity": 1}]},
            "$.redeemables[0].quantity",
            id="of-a-code",
        ),
        pytest.param({"active": None}, "$.active", id="of-null"),
    ],
)
async def test_an_unknown_name_is_refused_by_name(sent: dict[str, Any], named: str) -> None:
    error = await refused(orjson.dumps(CODE | sent))

    assert (error.status_code, error.key) == (400, "invalid_payload")
    assert (error.details or "").startswith(f"`{named}`: is unknown, known are ")


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ('"redeemables": [{"object": "voucher", "id": "A", "id": "B"}]', "id"),
        ('"redeemables": [%s], "order": {"amount": 1, "amount": 9}', "amount"),
        ('"redeemables": [%s], "metadata": {"a": [{"b": 1, "b": 2}]}', "b"),
    ],
)
async def test_a_name_that_is_given_twice_is_refused(sent: str, named: str) -> None:
    body = "{" + sent.replace("%s", '{"object": "voucher", "id": "A"}') + "}"

    error = await refused(body.encode())

    assert (error.status_code, error.key) == (400, "invalid_payload")
    assert error.details == f"{named}: is given more than once"


@pytest.mark.parametrize(
    ("sent", "path", "advice"),
    [
        ({"session": {"type": "LOCK"}}, "$.session", "not supported yet"),
        ({"order": {"amount": 1, "customer": {"source_id": "a"}}}, "$.order.customer", "beside"),
        ({"order": {"amount": 1, "referrer": {"id": "a"}}}, "$.order.referrer", "no referrals"),
        (
            {"redeemables": [{"object": "voucher", "id": "A", "gift": {"credits": 5}}]},
            "$.redeemables[0].gift",
            "no gift cards",
        ),
        (
            {"redeemables": [{"object": "voucher", "id": "A", "reward": {"points": 5}}]},
            "$.redeemables[0].reward",
            "no rewards",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_would_change_a_decision_is_refused_with_advice(
    sent: dict[str, Any], path: str, advice: str
) -> None:
    error = await refused(orjson.dumps(CODE | sent))

    assert (error.details or "").startswith(f"`{path}`: ")
    assert advice in (error.details or "")


async def test_an_order_that_names_itself_and_no_amount_is_not_passed_over() -> None:
    assert "$.order" in ((await refused(with_order(source_id="order-99"))).details or "")


@pytest.mark.parametrize("quantity", [LARGEST_MINOR + 1, 2**64, pytest.param(10**4298, id="long")])
async def test_a_quantity_beyond_what_every_reader_keeps_is_refused(quantity: int) -> None:
    # Times a price it had more digits than Python writes: the refusal itself failed.
    line = f'{{"product_id":"p","quantity":{quantity},"price":{LARGEST_MINOR}}}'
    order = f'{{"amount":1,"items":[{line}]}}'
    body = f'{{"redeemables":[{{"object":"voucher","id":"SUMMER"}}],"order":{order}}}'
    refusal = await refused(body.encode())
    assert refusal.status_code == 400
    assert "$.order.items[0].quantity" in str(refusal.details)


def test_two_idempotency_keys_are_none() -> None:
    headers = [(b"idempotency-key", b"one"), (b"idempotency-key", b"two")]
    request = Request({"type": "http", "method": "POST", "headers": headers})
    with pytest.raises(ApiError) as refusal:
        reading.parse_idempotency_key(request)
    assert refusal.value.status_code == 400
    assert "more than once" in str(refusal.value.details)
