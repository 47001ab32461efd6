"""What shops tell of an order comes to the same, however often and in whatever order it arrives."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import DAY, NOON, PROJECT, TICK

from redemption.customers.known import KnownOrder
from redemption.orders.told import Told, order_after

KEY = (PROJECT, "order-1")
STATUSES = ["CREATED", "PAID", "FULFILLED", "CANCELED"]
states = st.fixed_dictionaries(
    {
        "at": st.integers(0, 3).map(lambda n: NOON + timedelta(seconds=n)),
        "status": st.sampled_from(STATUSES),
        "amount_minor": st.integers(1, 5),
        "refunded_minor": st.integers(0, 1),
    }
)


def told(**said: Any) -> Told:
    usual: dict[str, Any] = {"at": NOON, "status": "PAID", "amount_minor": 5000}
    return Told(KEY, **(usual | said))


def is_created(sent: dict[str, Any]) -> bool:
    return bool(sent["status"] == "CREATED" and sent["refunded_minor"] < sent["amount_minor"])


def after(*all_told: Told, known: KnownOrder | None = None) -> KnownOrder:
    for each in all_told:
        known = order_after(known, each)
    assert known is not None
    return known


@given(st.lists(states, min_size=1, max_size=5), st.randoms())
def test_any_order_of_arrival_comes_to_the_same(sent: list[dict[str, Any]], chance: Any) -> None:
    in_order = [told(**each) for each in sent]
    shuffled = [*in_order, *in_order[:2]]
    chance.shuffle(shuffled)

    assert after(*shuffled) == after(*in_order)


@given(st.lists(states, min_size=1, max_size=5), st.randoms())
def test_where_versions_are_told_they_decide(sent: list[dict[str, Any]], chance: Any) -> None:
    versions = [told(**each, version=n) for n, each in enumerate(sent)]
    shuffled = [*versions, *versions[:2]]
    chance.shuffle(shuffled)

    last = after(*shuffled)

    decide = [n for n, each in enumerate(sent) if not is_created(each)] or range(len(sent))
    assert last == after(*versions)
    assert (last.version, last.amount_minor) == (decide[-1], sent[decide[-1]]["amount_minor"])


def test_what_is_told_last_holds() -> None:
    paid = told(customer_id="cust_anna", items="[1]", metadata={"till": 7}, currency="EUR")

    order = after(paid, told(at=NOON + DAY, status="FULFILLED", amount_minor=4000, items="[]"))

    assert (order.status, order.amount_minor, order.items) == ("FULFILLED", 4000, "[]")
    assert (order.customer_id, order.metadata, order.currency) == (
        "cust_anna",
        {"till": 7},
        "EUR",
    )
    assert (order.paid_at, order.created_at, order.changed_at) == (NOON, NOON, NOON + DAY)


@pytest.mark.parametrize(("refunded", "status"), [(4999, "PAID"), (5000, "CANCELED")])
def test_a_refund_of_the_whole_is_a_cancellation(refunded: int, status: str) -> None:
    order = after(told(), told(at=NOON + TICK, refunded_minor=refunded))

    assert (order.status, order.spent_minor) == (status, 5000 - refunded)


def test_a_cancellation_needs_no_amount() -> None:
    order = after(told(), told(at=NOON + DAY, status="CANCELED", amount_minor=None))

    assert (order.status, order.amount_minor, order.is_bought) == ("CANCELED", 5000, False)


@pytest.mark.parametrize("status", ["PAID", "FULFILLED", "CANCELED"])
@pytest.mark.parametrize("day", [-1, 1], ids=["before", "after"])
def test_created_is_earlier_than_all_else_whenever_it_is_told(status: str, day: int) -> None:
    made = told(at=NOON + day * DAY, status="CREATED", amount_minor=6000, version=7)
    then = told(status=status, version=3)

    for order in (after(then, made), after(made, then)):
        assert (order.status, order.amount_minor, order.version) == (status, 5000, 3)
        assert order.created_at == min(NOON, NOON + day * DAY)


def test_what_was_paid_is_cancelled_by_a_word_that_is_older_than_one_of_its_creation() -> None:
    words = [told(), told(at=NOON + TICK, status="CANCELED"), told(at=NOON + DAY, status="CREATED")]

    for n in range(3):
        assert after(*words[n:], *words[:n]).status == "CANCELED"


def test_what_was_known_is_told_to_be_unchanged() -> None:
    order = after(told())

    assert order_after(order, told()) is order
    assert order_after(order, told(at=NOON - DAY)).paid_at == NOON - DAY


@pytest.mark.parametrize(("refunded", "then"), [(None, ("PAID", 0)), (5000, ("CANCELED", 5000))])
def test_what_is_paid_anew_is_not_refunded_unless_that_is_told(
    refunded: int | None, then: tuple[str, int]
) -> None:
    cancelled = after(told(), told(at=NOON + DAY, refunded_minor=5000))

    order = after(told(at=NOON + 2 * DAY, refunded_minor=refunded), known=cancelled)

    assert (order.status, order.refunded_minor) == then
