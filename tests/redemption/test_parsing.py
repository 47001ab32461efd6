"""What a checkout may send: the fast reader accepts and refuses what the contract does."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit.redemption_records import (
    BARE,
    FULL,
    LIVE,
    STACK,
    Document,
    line,
    metadata_of,
    nested,
    read,
    with_codes,
    with_data,
    with_envelope,
    with_item,
    with_order,
    without,
)
from kit.redemption_samples import CUSTOMER_KEY, NOON
from pydantic import ValidationError

from contracts import ids
from contracts.baskets import Customer, Order
from contracts.metadata import MOST_METADATA_BYTES, MOST_METADATA_TOGETHER
from contracts.redemptions import (
    RedemptionRequested,
)
from contracts.stacking import MOST_REDEEMABLES
from redemption.model import Request
from redemption.reading.parsing import UnreadableError

RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)


def by_contract(value: bytes) -> RedemptionRequested | None:
    """Read by the contract, as it stands on the wire.

    The models have defaults for what writers need not repeat but must send, and pydantic reads
    more spellings of an instant than RFC 3339 has.
    """
    try:
        event = RedemptionRequested.model_validate_json(value)
    except ValidationError:
        return None
    as_sent = json.loads(value)
    if not {"type", "specversion"} <= as_sent.keys():
        return None
    at = as_sent.get("time")
    return event if at is None or RFC_3339.fullmatch(str(at)) else None


def by_us(value: bytes) -> Request | None:
    try:
        return read(value)
    except UnreadableError:
        return None


def agree(value: bytes) -> None:
    ours, theirs = by_us(value), by_contract(value)
    assert (ours is None) == (theirs is None), (ours, theirs)
    if ours is None or theirs is None:
        return
    data = theirs.data
    assert (ours.project_id, ours.request_id) == (theirs.projectid, data.request_id)
    assert ours.codes == data.codes
    assert (ours.tracking_id, ours.visit_id) == (data.tracking_id, data.visit_id)
    assert (ours.at, ours.caller) == (NOON, LIVE)
    assert (ours.order and Order.model_validate(msgspec.to_builtins(ours.order))) == data.order
    assert ours.metadata == data.metadata
    customer = data.customer or (data.tracking_id and Customer(source_id=data.tracking_id))
    assert (
        ours.customer and Customer.model_validate(msgspec.to_builtins(ours.customer))
    ) == customer
    known_by = customer and (customer.source_id or customer.email)
    assert ours.customer_id == (known_by and ids.customer(CUSTOMER_KEY, theirs.projectid, known_by))


NESTED = b"[" * 100_000 + b"]" * 100_000

ACCEPTED = [
    pytest.param(FULL, id="golden"),
    pytest.param(BARE, id="golden-bare"),
    pytest.param(STACK, id="golden-stack"),
    pytest.param(with_codes("A"), id="a-stack-of-one"),
    pytest.param(with_codes(*map(str, range(MOST_REDEEMABLES))), id="most-codes"),
    pytest.param(with_data(metadata={"a": [1.5, None, {"b": "ü"}]}), id="any-metadata"),
    pytest.param(with_data(metadata={"n": [2**64 - 1, -(2**63)]}), id="metadata-of-64-bits"),
    pytest.param(with_data(metadata={"path": "a\\u0000"}), id="metadata-that-only-looks-like-nul"),
    pytest.param(with_data(metadata=metadata_of(MOST_METADATA_BYTES)), id="most-metadata"),
    pytest.param(with_envelope(future={"a": [1.5, None]}), id="unknown-envelope-field"),
    pytest.param(with_data(tracking_id="track-7"), id="tracked"),
    pytest.param(with_data(customer=None, order=None, visit_id=None), id="explicit-nulls"),
    pytest.param(with_data(code="ü 😀 % ' \" \\ \n"), id="any-text-is-a-code"),
    pytest.param(with_data(code="x" * 200), id="longest-code"),
    pytest.param(with_order(amount_minor=0, items=[]), id="nothing-to-pay"),
    pytest.param(with_order(amount_minor=2**53 - 1, items=[]), id="largest-amount"),
    pytest.param(with_order(items=[]), id="no-lines"),
    pytest.param(with_item(quantity=0), id="no-pieces"),
    pytest.param(with_envelope(time="2026-11-23T14:00:00+01:00"), id="time-with-an-offset"),
    pytest.param(with_envelope(traceparent="00-abc-def-01"), id="traced"),
    pytest.param(with_data(reply=True), id="asks-for-a-reply"),
    pytest.param(with_data(reply=None), id="a-reply-of-null"),
    pytest.param(with_order(items=None), id="lines-are-null"),
    pytest.param(with_item(quantity=None), id="quantity-is-null"),
    pytest.param(with_data(metadata=None), id="metadata-is-null"),
    pytest.param(with_data(redeemables=None), id="redeemables-are-null"),
    pytest.param(with_data(tracking_id=None), id="tracking-id-is-null"),
    pytest.param(with_data(metadata={"items": None, "ü": None}), id="nulls-in-the-metadata"),
    pytest.param(with_data(code="\tSUMMER\u200b "), id="blanks-around-the-code"),
    pytest.param(with_order(id="\u00a0o\n"), id="blanks-around-the-orders-id"),
    pytest.param(with_item(product_id="p\ufeff"), id="blanks-around-a-product"),
    pytest.param(with_item(sku_id="\u200bred "), id="blanks-around-a-sku"),
    pytest.param(with_data(customer={"email": " Ann@Shop.Example"}), id="a-guest"),
    pytest.param(with_data(customer={"email": "ä@b\u00a0", "name": "Änne "}), id="a-name"),
    pytest.param(with_data(customer={"source_id": "a", "metadata": {"a": 1}}), id="of-customer"),
    pytest.param(with_data(customer={"source_id": "a", "metadata": None}), id="null-of-customer"),
    pytest.param(with_order(metadata={"channel": ["web"]}), id="of-the-order"),
    pytest.param(with_item(sku_id="red", metadata={"colour": "red"}), id="of-a-line"),
    pytest.param(with_item(sku_id=None, metadata=None), id="nulls-of-a-line"),
    pytest.param(
        with_order(
            amount_minor=4 * 4999,
            items=[line(metadata=metadata_of(MOST_METADATA_TOGETHER // 5))] * 4,
        ),
        id="most-metadata-together",
    ),
    pytest.param(without("datacontenttype"), id="no-content-type"),
    pytest.param(with_envelope(datacontenttype=None), id="content-type-is-null"),
    pytest.param(
        with_envelope(datacontenttype="Application/JSON; charset=UTF-8"), id="content-type-spelt"
    ),
    pytest.param(with_envelope(datacontenttype="application/x+json"), id="a-kind-of-json"),
    pytest.param(without("subject"), id="no-subject"),
    pytest.param(with_envelope(subject=None, time=None, traceparent=None), id="envelope-nulls"),
    pytest.param(without("time"), id="no-time"),
    pytest.param(with_envelope(dataschema=None), id="no-schema"),
    pytest.param(without("traceparent"), id="no-trace"),
]

REFUSED = [
    pytest.param(b"", id="empty"),
    pytest.param(b"not json", id="not-json"),
    pytest.param(FULL[:-20], id="cut-off"),
    pytest.param(FULL + b"x", id="more-than-json"),
    pytest.param(b"null", id="null"),
    pytest.param(b"[]", id="a-list"),
    pytest.param(b"{}", id="no-envelope"),
    pytest.param(b'"\xff"', id="not-utf8"),
    pytest.param(FULL.replace(b"SUMMER", b"\xff"), id="not-utf8-within"),
    pytest.param(FULL.replace(b"traceparent", b"\xff"), id="not-utf8-in-a-name-that-we-ignore"),
    pytest.param(FULL.replace(b"SUMMER", b"\\ud800"), id="lone-surrogate-escaped"),
    pytest.param(FULL.replace(b"SUMMER", b"\xed\xa0\x80"), id="lone-surrogate-encoded"),
    pytest.param(b"\xef\xbb\xbf" + FULL, id="byte-order-mark"),
    pytest.param(NESTED, id="too-deep"),
    pytest.param(FULL.replace(b'"subject"', b'"deep":' + NESTED + b',"subject"'), id="deep-within"),
    pytest.param(with_data(code="a\0b"), id="nul-in-the-code"),
    pytest.param(with_data(request_id="\0"), id="nul-in-the-request-id"),
    pytest.param(with_data(customer={"source_id": "\0"}), id="nul-in-the-customer"),
    pytest.param(with_order(id="\0"), id="nul-in-the-order"),
    pytest.param(with_data(visit_id="\0"), id="nul-in-the-visit"),
    pytest.param(with_envelope(projectid="\0"), id="nul-in-the-project"),
    pytest.param(with_data(code=""), id="empty-code"),
    pytest.param(with_data(code="x" * 201), id="code-too-long"),
    pytest.param(with_data(code=5), id="code-is-a-number"),
    pytest.param(with_data(code=" \u200b"), id="nothing-but-blanks"),
    pytest.param(with_codes("A", "A "), id="a-code-twice-but-for-a-blank"),
    pytest.param(with_data(future=[{"deep": 1e9}]), id="unknown-data-field"),
    pytest.param(with_data(future=None), id="unknown-data-field-of-null"),
    pytest.param(with_data(future=None, metadata=None), id="unknown-null-beside-a-known-one"),
    pytest.param(with_data(customer={"source_id": "a", "phone": "1"}), id="unknown-of-customer"),
    pytest.param(with_data(customer={"name": "Ann"}), id="a-customer-without-identity"),
    pytest.param(with_data(customer={}), id="an-empty-customer"),
    pytest.param(with_data(customer={"email": "ann"}), id="no-address"),
    pytest.param(with_data(customer={"email": "a@b@c"}), id="two-signs-in-an-address"),
    pytest.param(with_data(customer={"email": "a n@b"}), id="a-blank-in-an-address"),
    pytest.param(with_data(customer={"email": "a\0@b"}), id="nul-in-an-address"),
    pytest.param(with_data(customer={"source_id": "a", "metadata": []}), id="metadata-of-customer"),
    pytest.param(with_order(metadata={"a": "\0"}), id="nul-in-the-orders-metadata"),
    pytest.param(with_item(metadata={"n": 2**64}), id="a-lines-metadata-beyond-64-bits"),
    pytest.param(with_item(metadata=metadata_of(MOST_METADATA_BYTES + 2)), id="much-of-a-line"),
    pytest.param(with_item(sku_id=" "), id="a-sku-of-blanks"),
    pytest.param(
        with_order(
            amount_minor=6 * 4999,
            items=[line(metadata=metadata_of(MOST_METADATA_TOGETHER // 5))] * 6,
        ),
        id="much-metadata-together",
    ),
    pytest.param(with_order(total=5), id="unknown-of-order"),
    pytest.param(with_item(price=5), id="unknown-of-item"),
    pytest.param(with_codes(), id="no-code-at-all"),
    pytest.param(with_data(code=None), id="code-is-null"),
    pytest.param(without("data", "code"), id="no-code"),
    pytest.param(with_codes(), id="no-codes"),
    pytest.param(with_codes("A", "B", "A"), id="a-code-twice"),
    pytest.param(with_codes(*map(str, range(MOST_REDEEMABLES + 1))), id="too-many-codes"),
    pytest.param(with_codes("B", code="A"), id="code-and-redeemables"),
    pytest.param(with_codes("A", "a\0b"), id="nul-in-the-second-code"),
    pytest.param(with_data(redeemables=["A"]), id="redeemables-are-text"),
    pytest.param(with_data(metadata=[]), id="metadata-is-a-list"),
    pytest.param(with_data(metadata={"a": ["\0"]}), id="nul-in-the-metadata"),
    pytest.param(with_data(metadata={"\0": 1}), id="nul-in-a-name-of-the-metadata"),
    pytest.param(with_data(metadata={"n": 2**64}), id="metadata-beyond-64-bits"),
    pytest.param(with_data(metadata={"n": [-(10**30)]}), id="metadata-far-below-64-bits"),
    pytest.param(with_data(metadata=nested(300)), id="metadata-too-deep"),
    pytest.param(with_data(metadata=metadata_of(MOST_METADATA_BYTES + 2)), id="much-metadata"),
    pytest.param(without("data", "request_id"), id="no-request-id"),
    pytest.param(without("data"), id="no-data"),
    pytest.param(without("projectid"), id="no-project"),
    pytest.param(without("id"), id="no-id"),
    pytest.param(without("type"), id="no-type"),
    pytest.param(without("specversion"), id="no-specversion"),
    pytest.param(with_envelope(specversion="0.3"), id="another-specversion"),
    pytest.param(with_envelope(datacontenttype="application/xml"), id="another-content-type"),
    pytest.param(with_envelope(datacontenttype="text/plain; json"), id="no-kind-of-json"),
    pytest.param(with_envelope(datacontenttype=""), id="empty-content-type"),
    pytest.param(with_envelope(traceparent=5), id="trace-is-a-number"),
    pytest.param(with_data(reply="yes"), id="a-reply-in-words"),
    pytest.param(with_data(reply=1), id="a-reply-as-a-number"),
    pytest.param(with_envelope(type="coupons.redemption.requested.v2"), id="newer-major"),
    pytest.param(with_envelope(type="coupons.redemption.reversed.v1"), id="unknown-type"),
    pytest.param(with_envelope(time="2026-11-23T13:00:00"), id="time-without-a-zone"),
    pytest.param(with_envelope(time="yesterday"), id="time-is-no-time"),
    pytest.param(with_envelope(data="{}"), id="data-is-text"),
    pytest.param(with_order(amount_minor=-1), id="negative-amount"),
    pytest.param(with_order(amount_minor=49.99), id="amount-is-a-float"),
    pytest.param(with_order(amount_minor=4999.0), id="amount-is-a-whole-float"),
    pytest.param(FULL.replace(b"4999", b"4999e0"), id="amount-with-an-exponent"),
    pytest.param(with_order(amount_minor="4999"), id="amount-is-text"),
    pytest.param(with_order(amount_minor=True), id="amount-is-a-boolean"),
    pytest.param(with_order(amount_minor=2**53), id="amount-too-large"),
    pytest.param(with_order(amount_minor=10**30), id="amount-larger-than-any-integer-column"),
    pytest.param(with_order(currency="eur"), id="currency-in-small-letters"),
    pytest.param(with_order(currency="ZZZ"), id="currency-of-nobody"),
    pytest.param(with_order(currency="EUR\n"), id="currency-with-a-line-end"),
    pytest.param(without("data", "order", "amount_minor"), id="order-without-an-amount"),
    pytest.param(with_order(items=[{}]), id="empty-line"),
    pytest.param(with_item(amount_minor=4998), id="lines-come-to-less"),
    pytest.param(with_order(amount_minor=0), id="lines-come-to-more"),
    pytest.param(with_order(amount_minor=None), id="amount-is-null"),
    pytest.param(with_item(quantity=1.0), id="quantity-is-a-float"),
    pytest.param(with_item(quantity=-1), id="negative-quantity"),
    pytest.param(with_item(quantity=2**53), id="quantity-too-large"),
    pytest.param(
        with_order(items=[{"product_id": "p", "amount_minor": 1}] * 501), id="too-many-lines"
    ),
]


@pytest.mark.parametrize("value", ACCEPTED)
def test_both_readers_accept(value: bytes) -> None:
    assert by_us(value) is not None
    agree(value)


@pytest.mark.parametrize("value", REFUSED)
def test_both_readers_refuse(value: bytes) -> None:
    assert by_us(value) is None
    agree(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (with_data(amount=1), "`$.data.amount`: is unknown, known are code, "),
        (with_order(amount=1), ": send amount_minor, in minor units"),
        (with_item(amount=1), ": send amount_minor, in minor units"),
        (with_item(price=5), "send amount_minor, what the line comes to"),
        (with_data(customer_id="a"), ": send customer, with its source_id"),
        (with_data(customer={"customer_id": "a"}), "known are email, metadata, name, source_id"),
        (with_order(order_id="a"), "known are amount_minor, currency, id, "),
        (with_data(voucher="A"), ": send code, or redeemables with a code each"),
        (with_data(redeemables=[{"voucher_code": "A"}]), "known are code"),
    ],
)
def test_what_to_send_instead_is_said_where_it_can_be_sent(value: bytes, said: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(value)

    assert said in str(refused.value)
    assert ("send " in str(refused.value)) == ("send " in said)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**54)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.sampled_from(
        ["1.0", "EUR", "2026-11-23T13:00:00Z", "\0", "x" * 201, " A", "A\u00a0", "\u200b"]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["source_id", "amount_minor", "id", "x"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


@st.composite
def mutated_documents(draw: st.DrawFn) -> bytes:
    """Break a golden record in one or two places, as a careless writer would."""
    document: Document = json.loads(draw(st.sampled_from([FULL, BARE, STACK])))
    for _ in range(draw(st.integers(1, 2))):
        node: Any = document
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and draw(st.booleans()):
                node = node[key]
                continue
            if draw(st.integers(0, 3)) == 0:
                del node[key]
            else:
                node[key] = draw(json_values)
            break
    separators = draw(st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : ")]))
    return json.dumps(document, ensure_ascii=draw(st.booleans()), separators=separators).encode()


@settings(max_examples=4 * settings().max_examples)  # one document in many ways
@given(mutated_documents())
def test_the_readers_agree_on_careless_writers(value: bytes) -> None:
    agree(value)


@settings(max_examples=4 * settings().max_examples)  # one document in many ways
@given(
    st.sampled_from([FULL, BARE, STACK]),
    st.integers(0, len(FULL)),
    st.integers(0, 3),
    st.binary(max_size=3) | st.sampled_from([b"\\u0000", b"\\ud800", b"\0", b"e0", b".0", b"00"]),
)
@example(FULL, FULL.index(b"4999") + 4, 0, b".0")
def test_the_readers_agree_on_broken_bytes(base: bytes, at: int, cut: int, inserted: bytes) -> None:
    agree(base[:at] + inserted + base[at + cut :])
