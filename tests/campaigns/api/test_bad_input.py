"""What is wrong with what redemption goes by is refused by name at every door; none is made."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import asyncpg
import pytest
from kit.campaigns_samples import Shop
from kit.wrong_documents import RAW, Document, written

from campaigns.doors import LARGEST_BODY, LARGEST_COLLECTION, LARGEST_LIST

AMOUNT: Document = {"name": "order.amount", "conditions": {"$more_than_equal": [5000]}}
LINES: Document = {
    "name": "order.items.any",
    "conditions": {"$is": [{"object": "product", "id": "shoes"}]},
    "rules": {
        "1": {"name": "order.items.price", "conditions": {"$less_than": [100]}},
        "logic": "1",
    },
}


class Door(NamedTuple):
    """Where something is made, and a body in which all that may be said is said."""

    path: str
    body: Document
    needed: frozenset[str]
    amounts: tuple[str, ...] = ()
    longest: int = LARGEST_BODY


DOORS = {
    "rules": Door(
        "/v1/validation-rules",
        {
            "name": "For 50.00",
            "rules": {"1": AMOUNT, "2": LINES, "logic": "1 and 2"},
            "error": {"message": "No"},
            "type": "expression",
            "context_type": "global",
        },
        frozenset({"name", "rules"}),
    ),
    "segments": Door(
        "/v1/segments",
        {
            "name": "Asleep",
            "type": "passive",
            "filter": {
                "junction": "and",
                "summary.orders.last_order_date": {"conditions": {"$more_than_ago": [60]}},
            },
        },
        frozenset({"name", "type", "filter"}),
        longest=LARGEST_LIST,
    ),
    "lists": Door(
        "/v1/segments",
        {"name": "Regulars", "type": "static", "customers": ["anna"]},
        frozenset({"name", "type"}),
        longest=LARGEST_LIST,
    ),
    "products": Door(
        "/v1/products",
        {"source_id": "shoes", "name": "Shoes", "price": 8900, "metadata": {"brand": "A"}},
        frozenset(),
        ("price",),
    ),
    "collections": Door(
        "/v1/product-collections",
        {"name": "All", "type": "STATIC", "products": []},
        frozenset({"name"}),
        longest=LARGEST_COLLECTION,
    ),
}


class Case(NamedTuple):
    """What is sent at a door, and what the refusal names."""

    id: str
    sent: bytes
    names: str
    status: int = 400


def but(body: Document, name: str, value: Any) -> Document:
    return deepcopy(body) | {name: value}


def wrong(door: Door) -> Iterator[Case]:
    yield from wrong_fields(door)
    yield from wrong_bodies(door)
    if "rules" in door.body:
        yield from wrong_rules(door)
    if "filter" in door.body:
        yield from wrong_filters(door)


def wrong_fields(door: Door) -> Iterator[Case]:
    for name in door.amounts:
        values: tuple[Any, ...] = (-1, 1.5, 2**53, "100", True, [], 10**30)
        for value in values:
            yield Case(f"{name}={value!r}", written(but(door.body, name, value)), name)
        for raw in ("NaN", "Infinity", "01"):
            yield Case(f"{name}={raw}", written(but(door.body, name, RAW), raw), "")
    for name, value in door.body.items():
        if isinstance(value, str):
            for text in ("x" * 10_000, "a\0b", ""):
                yield Case(f"{name}: {text[:3]!r}", written(but(door.body, name, text)), name)
        if name == "metadata":
            sent = written(but(door.body, name, {"a": "x" * 50_000}))
            yield Case("metadata of 50 KB", sent, name)
            deep = '{"deeper": ' * 1_000 + "1" + "}" * 1_000
            yield Case("metadata, deep", written(but(door.body, name, RAW), deep), "")


def wrong_bodies(door: Door) -> Iterator[Case]:
    body = written(door.body)
    yield Case("no JSON", b'{"name": ', "")
    yield Case("a list", b"[1]", "")
    yield Case("not UTF-8", body[:-1] + b', "metadata": {"a": "\xff"}}', "")
    yield Case("an unknown name", written(but(door.body, "nmae", 1)), "nmae")
    yield Case("a name twice", body[:-1] + b', "name": "a", "name": "b"}', "name")
    yield Case("deep", b"[" * 1_000 + b"]" * 1_000, "")
    yield Case("too long", body + b" " * door.longest, str(door.longest), 413)
    huge = written(but(door.body, "metadata", {"a": "x" * 1_000_000}))
    status = 413 if len(huge) > door.longest else 400
    yield Case("metadata of 1 MB", huge, "metadata" if status == 400 else "", status)


def wrong_rules(door: Door) -> Iterator[Case]:
    def ruled(rules: Any) -> bytes:
        return written(but(door.body, "rules", rules))

    def one(logic: str = "1", **condition: Any) -> bytes:
        return ruled({"1": AMOUNT | condition, "logic": logic})

    deep: Document = {"1": AMOUNT, "logic": "1"}
    for _ in range(100):
        deep = {"1": AMOUNT | {"rules": deep}, "logic": "1"}
    yield Case("100 deep", ruled(deep), "rules")
    yield Case("logic 100 deep", one("(" * 100 + "1" + ")" * 100), "logic")
    yield Case("100 times not", one("not " * 100 + "1"), "logic")
    raw = '{"1": ' * 1_000 + "1" + "}" * 1_000
    yield Case("1,000 deep", written(but(door.body, "rules", RAW), raw), "")
    none: tuple[Any, ...] = ({}, {"logic": "1"}, {"1": AMOUNT}, [], "1", None)
    for rules in none:
        yield Case(f"rules {rules!r}", ruled(rules), "rules")
    for logic in ("", "2", "1 and", "1 xor 1", "1 and not 1", ")", "1 1"):
        yield Case(f"logic {logic!r}", one(logic), "logic" if logic != "1 and not 1" else "met")
    yield Case("an unknown condition", one(name="order.colour"), "order.colour")
    yield Case("an unknown operator", one(conditions={"$near": [1]}), "$near")
    yield Case("of another kind", one(conditions={"$more_than": ["a lot"]}), "$more_than")
    yield Case(
        "a contradiction", one(conditions={"$more_than": [5], "$less_than": [5]}), "order.amount"
    )
    yield Case("no value", one(conditions={"$more_than": []}), "$more_than")
    yield Case("an unknown field", one(wieght=1), "wieght")
    yield Case("a property of none", one(property="p"), "order.amount")
    many = {str(n): AMOUNT for n in range(51)} | {"logic": " or ".join(map(str, range(51)))}
    yield Case("51 conditions", ruled(many), "")
    applicable = {"included": [{"object": "product", "id": "p"}]}
    for name, value in (("applicable_to", applicable), ("bundle_rules", {"quantity": 1})):
        yield Case(f"{name}, which is not enforced", written(but(door.body, name, value)), name)


def wrong_filters(door: Door) -> Iterator[Case]:
    def filtered(filter_: Any) -> bytes:
        return written(but(door.body, "filter", filter_))

    def of(attribute: str, conditions: Any) -> bytes:
        return filtered({attribute: {"conditions": conditions}})

    spent = "summary.orders.total_amount"
    strange: Document = {"junction": "xor", spent: {"conditions": {"$more_than": [1]}}}
    none: tuple[Any, ...] = ({}, [], "and", strange)
    for filter_ in none:
        yield Case(f"filter {str(filter_)[:20]}", filtered(filter_), "filter")
    yield Case("an unknown attribute", of("shoe_size", {"$is": [43]}), "shoe_size")
    yield Case("an unknown operator", of(spent, {"$near": [1]}), "$near")
    yield Case("of another kind", of(spent, {"$more_than": ["a lot"]}), spent)
    yield Case("a contradiction", of(spent, {"$more_than": [5], "$less_than": [5]}), spent)
    yield Case("days that are none", of("created_at", {"$more_than_ago": [-1]}), "created_at")
    raw = '{"a": ' * 1_000 + "1" + "}" * 1_000
    yield Case("1,000 deep", written(but(door.body, "filter", RAW), raw), "")
    both = but(door.body, "customers", ["anna"])
    yield Case("a list beside a filter", written(both), "customers")


async def everything(pool: asyncpg.Pool) -> list[int]:
    tables = ("validation_rules", "segments", "products", "product_collections", "outbox")
    return [await pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


@pytest.mark.parametrize("name", DOORS)
async def test_whatever_is_wrong_is_named_and_nothing_is_made(
    deaf_shop: Shop, pool: asyncpg.Pool, name: str
) -> None:
    door, unnamed = DOORS[name], []
    before = await everything(pool)

    for case in wrong(door):
        headers = deaf_shop.headers | {"Content-Type": "application/json"}
        answer = await deaf_shop.http.post(door.path, content=case.sent, headers=headers)
        told = f"{answer.json().get('message')} {answer.json().get('details')}"
        if answer.status_code != case.status or case.names not in told:
            unnamed.append((case.id, answer.status_code, told[:300]))

    assert unnamed == []
    assert await everything(pool) == before


@pytest.mark.parametrize("name", DOORS)
async def test_null_is_as_good_as_absent_wherever_a_field_is_optional(
    deaf_shop: Shop, name: str
) -> None:
    door = DOORS[name]

    for field in door.body:
        without = {key: value for key, value in door.body.items() if key != field}
        absent = await deaf_shop.call("POST", door.path, without)
        if absent.is_success and "name" in without:  # which none may have twice
            await deaf_shop.call("DELETE", f"{door.path}/{absent.json()['id']}")
        null = await deaf_shop.call("POST", door.path, but(door.body, field, None))
        if null.is_success:
            await deaf_shop.call("DELETE", f"{door.path}/{null.json()['id']}")

        assert null.is_success == absent.is_success, (field, null.text, absent.text)
        assert null.is_success != (field in door.needed), (field, null.text)
