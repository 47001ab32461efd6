"""Whatever is wrong with a body is refused by name, at every door, and nothing is written."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
from kit.redemption_bodies import stack
from kit.wrong_documents import RAW, Document, at, but, places, written

from redemption.app import LARGEST_BODY

WRONG_AMOUNTS: tuple[Any, ...] = (-1, 1.5, 2**53, "100", True, [], 10**30)


class Door(NamedTuple):
    """A way in, a body in which everything that may be said is said, and where its money stands."""

    method: str
    path: str
    body: Document
    amounts: tuple[str, ...]
    needed: frozenset[str] = frozenset()  # what must be there, and so may not be null


ORDER: Document = {
    "source_id": "order-1",
    "amount": 300,
    "currency": "EUR",
    "items": [
        {
            "product_id": "shoe",
            "sku_id": "shoe-1",
            "related_object": "product",
            "quantity": 2,
            "price": 150,
            "amount": 300,
            "metadata": {"p": 1},
        }
    ],
    "metadata": {"o": 1},
}
CUSTOMER: Document = {
    "source_id": "anna",
    "email": "anna@shop.example",
    "name": "Anna",
    "metadata": {"tier": "gold"},
}
REQUEST: Document = {
    "redeemables": [{"object": "voucher", "id": "SUMMER"}],
    "customer": CUSTOMER,
    "order": ORDER,
    "tracking_id": "anna",
    "visit_id": "visit-1",
    "metadata": {"m": 1},
}
OF_LINES = ("items.0.amount", "items.0.price", "items.0.quantity")
OF_ORDERS = ("order.amount", *(f"order.{name}" for name in OF_LINES))
REDEEMABLE = frozenset({"redeemables", "redeemables.0.object", "redeemables.0.id"})

DOORS = {
    "redemptions": Door("POST", "/v1/redemptions", REQUEST, OF_ORDERS, REDEEMABLE),
    "validations": Door(
        "POST",
        "/v1/validations",
        REQUEST | {"at": "2026-12-24T18:00:00+01:00"},
        OF_ORDERS,
        REDEEMABLE,
    ),
    "orders": Door(
        "POST",
        "/v1/orders",
        ORDER | {"status": "PAID", "refunded_amount": 100, "version": 1, "customer": CUSTOMER},
        ("amount", "refunded_amount", "version", *OF_LINES),
    ),
    "an order": Door(
        "PUT",
        "/v1/orders/order-1",
        ORDER | {"status": "PAID", "refunded_amount": 100, "version": 2, "customer": CUSTOMER},
        ("amount", "refunded_amount", "version", *OF_LINES),
    ),
    "customers": Door(
        "POST",
        "/v1/customers",
        CUSTOMER | {"phone": "1", "description": "d", "birthdate": "2000-01-01"},
        (),
    ),
    "a rollback": Door(
        "POST",
        "/v1/redemptions/{id}/rollback",
        {"amount": 100, "reason": "r", "tracking_id": "t", "metadata": {"m": 1}},
        ("amount",),
    ),
    "rollbacks": Door(
        "POST",
        "/v1/redemptions/{id}/rollbacks",
        {
            "reason": "r",
            "customer": {"source_id": "anna"},
            "order": {"source_id": "order-1", "items": [{"product_id": "shoe", "quantity": 1}]},
        },
        ("order.items.0.quantity",),
        frozenset({"order.items.0.quantity", "order.items.0.product_id"}),
    ),
}


def nested(levels: int) -> str:
    return '{"deeper": ' * levels + "1" + "}" * levels


class Case(NamedTuple):
    """What is sent at a door, and what the refusal names."""

    door: str
    sent: bytes
    names: str
    status: int = 400


def everywhere(make: Callable[[Door], Iterator[tuple[str, Case]]]) -> Iterator[Any]:
    for name, door in DOORS.items():
        for id_, case in make(door):
            yield pytest.param(case._replace(door=name), id=f"{name}: {id_}")


def wrong_amounts(door: Door) -> Iterator[tuple[str, Case]]:
    for place in door.amounts:
        _, name = at(door.body, place)
        for value in WRONG_AMOUNTS:
            yield f"{place}={value!r}", Case("", written(but(door.body, place, value)), str(name))
        for raw in ("NaN", "Infinity", "1e400", "01", "1e"):
            sent = written(but(door.body, place, RAW), raw)
            yield f"{place}={raw}", Case("", sent, "")


def wrong_texts(door: Door) -> Iterator[tuple[str, Case]]:
    for place in places(door.body):
        holder, name = at(door.body, place)
        if isinstance(holder[name], str):
            for id_, text in (("10 KB", "x" * 10_000), ("NUL", "a\0b"), ("empty", "")):
                sent = written(but(door.body, place, text))
                yield f"{place}: {id_}", Case("", sent, str(name))


def wrong_currencies(door: Door) -> Iterator[tuple[str, Case]]:
    for place in places(door.body):
        if place.endswith("currency"):
            for value in ("eur", "EURO", "ZZZ", "€UR", 978):
                yield repr(value), Case("", written(but(door.body, place, value)), "currency")


def wrong_metadata(door: Door) -> Iterator[tuple[str, Case]]:
    for place in places(door.body):
        if place.endswith("metadata"):
            large = written(but(door.body, place, {"a": "x" * 100_000}))
            yield f"{place} of 100 KB", Case("", large, "metadata")
            deep = written(but(door.body, place, {"a": RAW}), nested(1_000))
            yield f"{place} nested 1,000 deep", Case("", deep, "")
            endless = written(but(door.body, place, {"a": "x" * 1_000_000}))
            yield f"{place} of 1 MB", Case("", endless, str(LARGEST_BODY), 413)


def wrong_bodies(door: Door) -> Iterator[tuple[str, Case]]:
    body = written(door.body)
    yield "no JSON", Case("", b'{"redeemables": ', "")
    yield "a list", Case("", b"[1]", "")
    yield "not UTF-8", Case("", body[:-1] + b', "metadata": {"a": "\xff"}}', "")
    yield "an unknown name", Case("", written(door.body | {"discuont": 1}), "discuont")
    twice = body[:-1] + b', "metadata": {}, "metadata": {}}'
    yield "a name twice", Case("", twice, "metadata")
    yield "nested 1,000 deep", Case("", b"[" * 1_000 + b"]" * 1_000, "")
    yield "too long", Case("", body + b" " * LARGEST_BODY, str(LARGEST_BODY), 413)
    for place in places(door.body):
        if place.endswith("items"):
            many = [{"sku_id": "s", "amount": 1, "quantity": 1}] * 10_000
            yield "10,000 items", Case("", written(but(door.body, place, many)), "items")


def not_enforced(door: Door) -> Iterator[tuple[str, Case]]:
    """Send what would change a decision and cannot be had."""
    if "redeemables" in door.body:
        for kind in ("promotion_tier", "promotion_stack", "gift_card", "loyalty_card", "", 1):
            sent = written(but(door.body, "redeemables.0.object", kind))
            yield f"a redeemable of type {kind!r}", Case("", sent, "object")
        for name in ("gift", "reward"):
            sent = written(but(door.body, f"redeemables.0.{name}", {"credits": 1}))
            yield f"a redeemable's {name}", Case("", sent, name)
        session = written(door.body | {"session": {"type": "LOCK"}})
        yield "a session", Case("", session, "session")
        for name in ("customer", "referrer"):
            sent = written(but(door.body, f"order.{name}", {"source_id": "bert"}))
            yield f"an order's {name}", Case("", sent, name)
        many = written(door.body | {"redeemables": stack(*map(str, range(31)))})
        yield "31 codes", Case("", many, "redeemables")
        none = written(door.body | {"redeemables": []})
        yield "no code", Case("", none, "redeemables")
        twice = written(door.body | {"redeemables": stack("SUMMER", "SUMMER")})
        yield "a code twice", Case("", twice, "redeemables")
        contradicted = written(but(door.body, "order.amount", 299))
        yield "an amount that its items contradict", Case("", contradicted, "amount")


CASES = [
    *everywhere(wrong_amounts),
    *everywhere(wrong_texts),
    *everywhere(wrong_currencies),
    *everywhere(wrong_metadata),
    *everywhere(wrong_bodies),
    *everywhere(not_enforced),
]
MOMENTS = ["2026-12-24T18:00:00", "2026-12-24", "24.12.2026", "", 1, "1969-12-31T00:00:00Z"]


@pytest.fixture
async def redeemed(client: httpx.AsyncClient) -> str:
    answer = await client.post("/v1/redemptions", json=REQUEST)
    assert answer.status_code == 200
    return str(answer.json()["redemptions"][0]["id"])


async def everything(pool: asyncpg.Pool) -> list[int]:
    tables = ("ledger", "requests", "outbox", "orders", "customers", "customer_profiles")
    return [await pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


async def test_whatever_is_wrong_is_named_and_nothing_is_written(
    client: httpx.AsyncClient, pool: asyncpg.Pool, redeemed: str
) -> None:
    before = await everything(pool)
    wrong = []

    for param in CASES:
        case, door = param.values[0], DOORS[param.values[0].door]
        answer = await client.request(
            door.method,
            door.path.format(id=redeemed),
            content=case.sent,
            headers={"Content-Type": "application/json"},
        )
        body = answer.json()
        told = f"{body.get('message')} {body.get('details')}"
        key = "payload_too_large" if case.status == 413 else None
        if (
            answer.status_code != case.status
            or case.names not in told
            or key not in {None, body["key"]}
        ):
            wrong.append((param.id, answer.status_code, str(body)[:300]))

    assert wrong == []
    assert await everything(pool) == before


WITH_REMEDY: list[Any] = [
    ("redemptions", "redeemables.0.object", "coupon", ("`$.redeemables[0].object`: ", "voucher")),
    ("validations", "order.items.0.related_object", "x", ("[0].related_object`: ", "product, sku")),
    ("orders", "status", "DONE", ("`$.status`: ", "CANCELED, CREATED, FULFILLED, PAID")),
    ("redemptions", "order.amout", 1, ("`$.order.amout`: is unknown", ": send amount")),
    ("redemptions", "order.amount_minor", 1, ("`$.order.amount_minor`: ", "send amount, in minor")),
    ("redemptions", "voucher", "SUMMER", ("`$.voucher`: ", 'send "redeemables": ')),
    ("redemptions", "request_id", "1", ("`$.request_id`: ", "header Idempotency-Key")),
    ("a rollback", "redemption_id", "r_1", ("`$.redemption_id`: ", "it stands in the path")),
    ("a rollback", "order_id", "o", ("`$.order_id`: ", "send order, with its source_id")),
    ("customers", "e_mail", "a@b.example", ("`$.e_mail`: ", ": send email")),
    ("a rollback", "amuont", 1, ("`$.amuont`: is unknown, known are amount, ", ": send amount")),
]


@pytest.mark.parametrize(("name", "place", "value", "told"), WITH_REMEDY)
async def test_a_refusal_names_the_field_and_what_to_send(
    client: httpx.AsyncClient, name: str, place: str, value: object, told: tuple[str, str]
) -> None:
    door = DOORS[name]

    answer = await client.request(
        door.method, door.path.format(id="r_1"), json=but(door.body, place, value)
    )

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    field, remedy = told
    assert field in answer.json()["details"]
    assert remedy in answer.json()["details"]


WITHOUT_REMEDY: list[Any] = [
    ("customers", "customer_id", "known are address, "),
    ("customers", "amount_minor", "known are address, "),
    ("customers", "redemption_id", "known are address, "),
    ("customers", "request_id", "known are address, "),
    ("a rollback", "code", "known are amount, customer, "),
    ("a rollback", "request_id", "known are amount, customer, "),
    ("orders", "order_id", "known are amount, currency, "),
    ("redemptions", "redeemables.0.code", "known are id, object"),
    ("redemptions", "redemption_id", "known are customer, "),
]


@pytest.mark.parametrize(("name", "place", "told"), WITHOUT_REMEDY)
async def test_no_name_is_advised_where_it_is_unknown_too(
    client: httpx.AsyncClient, name: str, place: str, told: str
) -> None:
    door = DOORS[name]

    answer = await client.request(
        door.method, door.path.format(id="r_1"), json=but(door.body, place, "x")
    )

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    details = answer.json()["details"]
    assert told in details
    assert "send " not in details
    assert "it stands" not in details


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_moment_without_a_zone_or_outside_the_calendar_is_refused(
    client: httpx.AsyncClient, moment: object
) -> None:
    answer = await client.post("/v1/validations", json=REQUEST | {"at": moment})

    assert answer.status_code == 400
    assert "at" in answer.json()["details"]


@pytest.mark.parametrize("name", DOORS)
async def test_null_is_as_good_as_absent_wherever_a_field_is_optional(
    client: httpx.AsyncClient, name: str
) -> None:
    door = DOORS[name]
    path = door.path.format(id="r_" + "0" * 32)  # read, and then not found

    for place in places(door.body):
        without = deepcopy(door.body)
        holder, last = at(without, place)
        del holder[last]
        absent = await client.request(door.method, path, json=without)
        null = await client.request(door.method, path, json=but(door.body, place, None))

        assert null.status_code == absent.status_code, place
        assert null.json().get("key") == absent.json().get("key"), place
        is_refused = null.status_code == 400
        assert not is_refused or place in door.needed, place


@pytest.mark.parametrize(
    "code", ["SUMM\u0415R", "\uff33UMMER", "5UMMER", "SUMMER\u0301", "SUMMER;--"]
)
async def test_a_code_with_letters_that_look_alike_is_nobodys(
    client: httpx.AsyncClient, code: str
) -> None:
    body = {"redeemables": [{"object": "voucher", "id": code}], "order": {"amount": 100}}

    answer = await client.post("/v1/redemptions", json=body)

    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")


async def test_a_currency_that_is_not_the_projects_is_refused(client: httpx.AsyncClient) -> None:
    foreign = {"amount": 100, "currency": "USD"}

    redeemed = await client.post("/v1/redemptions", json=REQUEST | {"order": foreign})
    told = await client.post("/v1/orders", json=foreign | {"source_id": "o"})
    again = await client.put("/v1/orders/o", json=foreign)

    assert (redeemed.status_code, redeemed.json()["key"]) == (400, "invalid_order")
    assert redeemed.json()["would_pass"] == {"currency": "EUR"}
    assert (told.status_code, told.json()["key"]) == (400, "invalid_payload")
    assert "$.currency" in told.json()["details"]
    assert again.status_code == 404


async def test_a_line_of_no_piece_is_what_it_is_said_to_cost(client: httpx.AsyncClient) -> None:
    items = [
        {"product_id": "a", "quantity": 0, "price": 900},
        {"product_id": "b", "quantity": 0, "amount": 700},
    ]

    answer = await client.post("/v1/redemptions", json=REQUEST | {"order": {"items": items}})

    assert [each["amount"] for each in answer.json()["order"]["items"]] == [0, 700]
