"""How a request may be spelt, and that it says each thing once."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.redemption_samples import CUSTOMER_KEY, NOON

from contracts import topics
from redemption.reading import parsing
from redemption.reading.parsing import UnreadableError
from redemption.reading.spelling import may_repeat_names

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
FULL, BARE, STACK = (
    (GOLDEN / f"coupons.redemption.requested.v1{kind}.json").read_bytes()
    for kind in ("", ".bare", ".stack")
)
LIVE = topics.REDEMPTION_REQUESTS.name


class Pairs(list[tuple[str, Any]]):
    """An object of a document, whose names may repeat."""


def read(value: bytes) -> None:
    parsing.read(value, LIVE, NOON, CUSTOMER_KEY)


def pairs_of(value: bytes) -> Pairs:
    pairs: Pairs = json.loads(value, object_pairs_hook=Pairs)
    return pairs


def objects_of(node: Any) -> Iterator[Pairs]:
    if isinstance(node, Pairs):
        yield node
        node = [value for _, value in node]
    if isinstance(node, list):
        for each in node:
            yield from objects_of(each)


def written(node: Any, separators: tuple[str, str] = (",", ":")) -> str:
    comma, colon = separators
    if isinstance(node, Pairs):
        return "{" + comma.join(f'"{n}"{colon}{written(v, separators)}' for n, v in node) + "}"
    if isinstance(node, list):
        return "[" + comma.join(written(each, separators) for each in node) + "]"
    return json.dumps(node)


def sparse() -> bytes:
    """Write a request as most send it, without escapes, metadata or extensions."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": "1",
            "source": "/till",
            "type": "coupons.redemption.requested.v1",
            "subject": "SUMMER",
            "time": "2026-11-23T13:00:00Z",
            "datacontenttype": "application/json",
            "projectid": "proj_1",
            "data": {
                "request_id": "1",
                "code": "SUMMER",
                "customer": {"source_id": "ann", "email": "a@b", "name": "Ann"},
                "order": {
                    "id": "o",
                    "amount_minor": 500,
                    "currency": "EUR",
                    "items": [
                        {"product_id": "p", "sku_id": "s", "quantity": 1, "amount_minor": 500}
                    ],
                },
            },
        },
        separators=(",", ":"),
    ).encode()


def without(document: Any, *names: str) -> Any:
    if isinstance(document, dict):
        return {k: without(v, *names) for k, v in document.items() if k not in names}
    return [without(v, *names) for v in document] if isinstance(document, list) else document


@pytest.mark.parametrize(
    "base", [FULL, BARE, STACK, sparse()], ids=["full", "bare", "stack", "usual"]
)
def test_each_name_that_is_given_twice_is_refused_by_itself(base: bytes) -> None:
    for i, each in enumerate(objects_of(pairs_of(base))):
        for name, value in each:
            again = pairs_of(base)
            list(objects_of(again))[i].append((name, value))

            with pytest.raises(
                UnreadableError, match=re.escape(f"{name}: is given more than once")
            ):
                read(written(again).encode())


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param('"code" :"OTHER","code":"SUMMER"', id="a-blank-before-the-colon"),
        pytest.param('"code"\t:"OTHER","code":"SUMMER"', id="a-tab-before-the-colon"),
        pytest.param('"code"\n:"OTHER","code":"SUMMER"', id="a-line-end-before-the-colon"),
        pytest.param('"code"\r:"OTHER","code":"SUMMER"', id="a-return-before-the-colon"),
        pytest.param('"c\\u006fde":"OTHER","code":"SUMMER"', id="escaped"),
        pytest.param('"code":null,"code":"SUMMER"', id="null-first"),
        pytest.param('"metadata":{"a":{"b":1,"b":2}},"code":"SUMMER"', id="in-metadata"),
        pytest.param('"metadata":{},"metadata":{},"code":"SUMMER"', id="a-default-twice"),
        pytest.param('"code":"OTHER","code":"SUM\\u0022:MER"', id="a-text-that-looks-like-a-name"),
        pytest.param('"visit_id":"v","visit_id":null,"code":"SUMMER"', id="null-last"),
    ],
)
def test_no_spelling_hides_a_name_that_is_given_twice(odd: str) -> None:
    with pytest.raises(UnreadableError, match="is given more than once"):
        read(sparse().replace(b'"code":"SUMMER"', odd.encode()))


def test_a_name_that_is_missing_elsewhere_hides_none() -> None:
    line = b'{"product_id":"p","sku_id":"s","quantity":1,"amount_minor":500}'
    twice = b'{"product_id":"p","quantity":5,"quantity":1,"amount_minor":500}'
    bare = b'{"product_id":"p","amount_minor":500}'

    for lines in (twice, twice + b"," + bare, bare + b"," + twice):
        with pytest.raises(UnreadableError, match="quantity: is given more than once"):
            read(sparse().replace(line, lines))


@settings(max_examples=4 * settings().max_examples)
@given(st.data())
def test_nothing_that_is_left_out_or_written_otherwise_hides_one(data: st.DataObject) -> None:
    optional = ["subject", "time", "datacontenttype", "customer", "currency", "items", "quantity"]
    optional += ["email", "name", "sku_id"]
    left_out = data.draw(st.sets(st.sampled_from(optional)))
    document = without(json.loads(sparse()), *left_out)
    pairs = pairs_of(json.dumps(document).encode())
    once = written(pairs).encode()
    read(once)
    within = data.draw(st.sampled_from(list(objects_of(pairs))))
    name, value = data.draw(st.sampled_from(within))
    within.insert(data.draw(st.integers(0, len(within))), (name, value))
    separators = data.draw(
        st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",", "\n:")])
    )

    with pytest.raises(UnreadableError, match=f"{name}: is given more than once"):
        read(written(pairs, separators).encode())


@pytest.mark.parametrize(
    "left_out", [(), ("quantity",), ("items", "currency"), ("datacontenttype", "time", "subject")]
)
def test_ordinary_requests_are_known_to_repeat_nothing_at_a_glance(left_out: tuple[str]) -> None:
    document = without(json.loads(sparse()), *left_out)

    for value in (json.dumps(document, separators=(",", ":")), json.dumps(document)):
        assert not may_repeat_names(value.encode(), parsing._decode(value.encode()))


def test_the_same_name_in_several_objects_is_read_as_ever() -> None:
    read(sparse().replace(b'"order"', b'"metadata":{"code":{"code":[{"id":1},{"id":2}]}},"order"'))
