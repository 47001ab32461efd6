"""Which requests are one and the same, and what is said of those that are none."""

import json
from functools import partial

import pytest
from kit.redemption_records import (
    FULL,
    LIVE,
    Document,
    changed,
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
from kit.redemption_samples import CUSTOMER_KEY, NOON, TICK, content

from contracts import topics
from redemption.reading import parsing
from redemption.reading.parsing import UnreadableError


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff"], ids=ascii)
def test_a_blank_that_was_pasted_along_makes_no_other_request(blank: str) -> None:
    for before, after in ((blank, ""), ("", blank)):
        same = changed(partial(paste, before, after))
        assert read(same) == read(FULL)
        for compact in (True, False):
            text = json.dumps(json.loads(same), ensure_ascii=compact, separators=(",", ":"))
            assert read(text.encode()) == read(FULL)


def test_a_letter_typed_as_two_makes_no_other_request() -> None:
    def typed(text: str) -> bytes:
        return with_data(code=text, customer={"source_id": text}, request_id=text)

    assert read(typed("JOSE\u0301")) == read(typed("JOSÉ"))
    assert read(typed("JO\u200bSÉ")) == read(typed("JOSÉ"))


def paste(before: str, after: str, document: Document) -> None:
    data = document["data"]
    places = [(data, name) for name in ("code", "request_id", "tracking_id", "visit_id")]
    places += [(data["customer"], "source_id"), (data["order"], "id")]
    places += [(item, "product_id") for item in data["order"]["items"]]
    for place, name in places:
        place[name] = before + place[name] + after


@pytest.mark.parametrize(
    "same",
    [
        with_data(redeemables=None),
        changed(lambda d: d.update(subject=None, time=None, datacontenttype=None)),
    ],
)
def test_null_is_as_good_as_absent(same: bytes) -> None:
    assert read(same) == read(FULL)


def test_null_stands_for_the_default_of_a_line_too() -> None:
    assert read(with_item(quantity=None)) == read(with_item(quantity=1))
    assert read(with_order(items=None)) == read(with_order(items=[]))
    assert read(with_data(metadata=None)) == read(with_data(metadata={}))
    assert read(with_data(tracking_id=None)) == read(without("data", "tracking_id"))


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (with_data(total_limitt=5), "total_limitt"),
        (with_data(customer={"source_id": "a", "segment": "x"}), "segment"),
        (with_order(maximum=1), "maximum"),
        (with_item(price=1), "price"),
        (with_data(code=None, redeemables=[{"code": "A", "gift": 1}]), "gift"),
    ],
)
def test_an_unknown_name_inside_a_request_is_refused_by_name(value: bytes, named: str) -> None:
    with pytest.raises(UnreadableError, match=named):
        read(value)


def test_a_guest_is_one_whatever_the_capitals() -> None:
    def guest(address: str) -> bytes:
        return with_data(customer={"email": address})

    assert read(guest(" Ann@Shop.EXAMPLE\u200b")) == read(guest("ann@shop.example"))
    assert (
        read(guest("ann@shop.example")).customer_id != read(guest("bob@shop.example")).customer_id
    )


def test_a_tombstone_asks_for_nothing() -> None:
    with pytest.raises(UnreadableError):
        read(None)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(UnreadableError, match=r"order\.amount_minor"):
        read(with_order(amount_minor="4999"))
    with pytest.raises(UnreadableError, match=r"coupons\.redemption\.requested\.v2"):
        read(with_envelope(type="coupons.redemption.requested.v2"))


def test_how_much_may_be_sent_is_said() -> None:
    with pytest.raises(UnreadableError, match=r"metadata takes 10,002 bytes as JSON.* 10,000 "):
        read(with_data(metadata=metadata_of(10_002)))
    with pytest.raises(UnreadableError, match=r"metadata is nested more than 100 levels deep"):
        read(with_data(metadata=nested(300)))
    with pytest.raises(UnreadableError, match="amount_minor is 5, but the items come to 4999"):
        read(with_order(amount_minor=5))
    long = FULL + b" " * (256_001 - len(FULL))
    assert read(long[:-1]) == read(FULL)
    with pytest.raises(UnreadableError, match=r"the record takes 256,001 bytes.* 256,000 "):
        read(long)


def test_the_longest_basket_fits_into_a_record() -> None:
    longest = line(product_id="p" * 200, quantity=2**31, amount_minor=2**40)

    request = read(with_order(amount_minor=500 * 2**40, items=[longest] * 500))

    assert request.order is not None
    assert len(request.order.items) == 500


def test_a_vendors_topic_speaks_for_its_own_project_alone() -> None:
    own = json.loads(FULL)["projectid"]

    assert read(FULL, topics.for_project(own)).project_id == own
    with pytest.raises(UnreadableError, match="another project"):
        read(FULL, topics.for_project("proj_b"))


@pytest.mark.parametrize("shared", [LIVE, topics.REDEMPTION_REQUESTS_HISTORY.name])
def test_on_a_shared_topic_the_record_names_its_project(shared: str) -> None:
    assert read(FULL, shared).project_id == json.loads(FULL)["projectid"]


def test_a_request_is_judged_at_the_moment_that_it_is_given_and_not_at_its_own_time() -> None:
    early = parsing.read(
        with_envelope(time="1999-01-01T00:00:00Z"), LIVE, NOON - TICK, CUSTOMER_KEY
    )

    assert early.at == NOON - TICK


def test_the_spelling_of_the_json_makes_no_other_request() -> None:
    spaced = json.dumps(json.loads(FULL), indent=4, sort_keys=True).encode()
    newer = with_envelope(future=1)

    assert read(spaced) == read(newer) == read(FULL)


@pytest.mark.parametrize(
    "other",
    [
        with_data(code="WINTER"),
        with_data(customer=None),
        with_data(customer={"source_id": "another"}),
        with_data(order=None),
        with_order(amount_minor=5000, items=[line(amount_minor=5000)]),
        with_data(customer={"source_id": "household-12", "email": "a@b"}),
        with_data(customer={"source_id": "household-12", "metadata": {"a": 1}}),
        with_data(customer={"email": "household-12@b"}),
        with_order(id="another"),
        with_order(metadata={"a": 1}),
        with_item(metadata={"a": 1}),
        with_item(sku_id="another"),
        with_order(currency=None),
        with_order(items=[line(amount_minor=4998), line(amount_minor=1)]),
        with_order(items=[]),
        with_data(visit_id=None),
        with_data(tracking_id=None),
        with_data(metadata={}),
        with_codes("SUMMER-7F3K", "WINTER"),
        with_codes("WINTER", "SUMMER-7F3K"),
    ],
)
def test_other_content_under_the_same_key_is_told_apart(other: bytes) -> None:
    assert read(other).key == read(FULL).key
    assert read(other).fingerprint != read(FULL).fingerprint


def test_a_key_is_its_projects_own() -> None:
    assert read(with_envelope(projectid="proj_b")).key != read(FULL).key
    assert read(with_envelope(projectid="proj_b")).fingerprint == read(FULL).fingerprint


def test_two_requests_without_a_key_are_never_the_same() -> None:
    one, other = (
        parsing.request(
            content(), "proj_a", None, caller="key_a", at=NOON, customer_key=CUSTOMER_KEY
        )
        for _ in range(2)
    )

    assert one.key != other.key
    assert one.request_id is None


def test_one_code_is_the_same_request_however_it_is_named() -> None:
    assert read(with_codes("SUMMER-7F3K")) == read(FULL)


def test_the_order_of_codes_is_part_of_what_is_asked() -> None:
    one, other = read(with_codes("A", "B")), read(with_codes("B", "A"))

    assert one.key == other.key
    assert one.fingerprint != other.fingerprint
