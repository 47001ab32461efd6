"""Who is new, what an order counts, and what is written of both: in memory."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from kit.redemption_samples import DAY, NOON, PROJECT, TICK, a_request

from redemption.customers.known import Ends, KnownCustomer, KnownOrder
from redemption.customers.purchases import Purchases
from redemption.model import Request

ORDER = (PROJECT, "order-1")


def ordering(amount: int = 5000, at: datetime = NOON, customer: str | None = "anna") -> Request:
    return a_request(customer=customer, order_id="order-1", amount=amount, at=at)


def known(**words: Any) -> KnownOrder:
    """Say that anna's order is paid, and nothing of it counted."""
    said = {
        "customer_id": ordering().customer_id,
        "status": "PAID",
        "amount_minor": 5000,
        "refunded_minor": 0,
        "counted_minor": 0,
        "currency": None,
        "paid_at": NOON - DAY,
        "created_at": NOON - DAY,
        "changed_at": NOON - DAY,
        "version": None,
        "items": None,
        "metadata": None,
        "revision": 3,
    }
    return KnownOrder(**(said | words))


def paid(at: datetime, order_id: str, **more: Any) -> KnownCustomer:
    return KnownCustomer(first_paid_at=at, first_order_id=order_id, **{"paid_orders": 1, **more})


def those(customer: KnownCustomer | None = None, order: KnownOrder | None = None) -> Purchases:
    key = (PROJECT, ordering().customer_id or "")
    return Purchases(
        orders={} if order is None else {ORDER: order},
        customers={} if customer is None else {key: customer},
    )


@pytest.mark.parametrize(
    ("customer", "order", "new"),
    [
        (KnownCustomer(), None, True),
        (paid(NOON - TICK, "order-2"), None, False),
        (paid(NOON - TICK, "order-2"), known(customer_id="cust_bert"), False),
        (paid(NOON - DAY, "order-1"), known(), True),
        (paid(NOON, "order-2"), None, True),
        (KnownCustomer(has_redeemed=True), None, False),
        (paid(NOON - TICK, "order-1", has_redeemed=True), known(), False),
    ],
    ids=[
        "never seen",
        "paid another order before",
        "paid another order before, and this one is another's",
        "paid this very order before",
        "paid another order, and not before",
        "redeemed without an order's id",
        "redeemed on this very order",
    ],
)
def test_new_is_who_has_paid_no_other_order_before_and_redeemed_nothing(
    customer: KnownCustomer, order: KnownOrder | None, *, new: bool
) -> None:
    purchases = those(customer, order)

    facts = purchases.customer_of(ordering())

    assert facts is not None
    assert facts.is_new == new
    assert purchases.accept(ordering(), uuid4()) == new
    assert not purchases.accept(ordering(), uuid4())  # by now they have


@pytest.mark.parametrize(
    ("first", "last", "asked"),
    [
        ((NOON - DAY, "order-1"), NOON, True),
        ((NOON - 9 * DAY, "order-2"), NOON - DAY, True),
        ((NOON - 9 * DAY, "order-2"), NOON, False),
    ],
    ids=["it was the first", "it was the last", "it was neither"],
)
def test_facts_leave_this_very_order_out(first: Any, last: datetime, *, asked: bool) -> None:
    customer = paid(*first, last_paid_at=last, paid_orders=3, spent_minor=8000)
    purchases = those(customer, known(refunded_minor=1000))
    key, others = ordering().customer_id or "", Ends(NOON - 2 * DAY, NOON - TICK)

    to_find = purchases.ends_to_find([ordering(), a_request()])
    if asked:
        purchases.others[PROJECT, key] = {"order-1": others}
    facts = purchases.customer_of(ordering())

    assert to_find == ({(PROJECT, key, "order-1")} if asked else set())
    assert facts is not None
    assert (facts.paid_orders, facts.spent_minor) == (2, 4000)
    assert facts[2:4] == (others if asked else (first[0], last))


def test_facts_leave_an_order_out_that_was_redeemed_on_a_moment_ago() -> None:
    purchases = those(paid(NOON - DAY, "order-2", last_paid_at=NOON - DAY))

    for order, at in (("order-1", NOON), ("order-3", NOON + DAY)):
        purchases.accept(a_request(customer="anna", order_id=order, at=at), uuid4())
    facts = purchases.customer_of(ordering())

    assert facts is not None
    assert facts[2:4] == (NOON - DAY, NOON + DAY)
    purchases = those(KnownCustomer())
    purchases.accept(ordering(), uuid4())
    facts = purchases.customer_of(ordering())
    assert facts is not None
    assert facts[:4] == (0, 0, None, None)


def test_of_who_need_not_be_asked_nothing_is_known_or_written() -> None:
    purchases = Purchases()

    assert purchases.customer_of(a_request(customer="anna")) is None
    assert not purchases.accept(a_request(customer="anna"), uuid4())
    assert not purchases.accept(a_request(), uuid4())
    assert purchases == Purchases()


def test_an_order_counts_once_and_then_what_it_grows_by() -> None:
    purchases, counted = Purchases(), []

    for amount in (5000, 5000, 7000, 6000, 7500):
        counted.append(purchases.growth_of(ordering(amount)))
        purchases.accept(ordering(amount), uuid4())

    assert counted == [5000, 0, 2000, 0, 500]
    assert purchases.kept[ORDER].counted_minor == 7500
    [change] = purchases.changes.values()
    assert (change.paid_orders, change.spent_minor) == (1, 7500)  # it is one order


def test_orders_without_an_id_are_never_the_same() -> None:
    purchases = Purchases()
    purchases.accept(a_request(amount=5000), uuid4())

    assert purchases.growth_of(a_request(amount=5000)) == 5000
    assert purchases.growth_of(a_request(amount=None)) == 0
    assert purchases.kept == {}


def test_what_is_known_of_later_is_not_overwritten_but_counts() -> None:
    later = known(status="CANCELED", amount_minor=100, changed_at=NOON + DAY)
    purchases = those(order=later)

    purchases.accept(ordering(at=NOON), uuid4())

    assert purchases.kept[ORDER] == later._replace(counted_minor=5000)
    assert purchases.changes == {}


def test_what_is_redeemed_on_is_paid_whenever_it_is_told_to_be_created() -> None:
    made = known(status="CREATED", amount_minor=100, changed_at=NOON + DAY, paid_at=None)
    purchases = those(order=made)

    purchases.accept(ordering(at=NOON), uuid4())

    kept = purchases.kept[ORDER]
    assert (kept.status, kept.amount_minor, kept.changed_at) == ("PAID", 5000, NOON)


def test_an_order_stays_whose_it_was_first() -> None:
    purchases = those(order=known(amount_minor=3000, refunded_minor=1000))

    purchases.accept(a_request(customer="bert", order_id="order-1", amount=4000), uuid4())

    of = {key[1]: (c.paid_orders, c.spent_minor) for key, c in purchases.changes.items()}
    assert of == {ordering().customer_id: (0, 1000)}


def test_the_first_order_is_the_one_that_was_paid_first() -> None:
    purchases = those(KnownCustomer())
    for order, at in (("b", NOON), ("a", NOON - DAY), ("c", NOON + DAY)):
        purchases.accept(a_request(customer="anna", order_id=order, at=at), uuid4())

    [known] = purchases.customers.values()
    [change] = purchases.changes.values()
    for each in (known, change):
        assert (each.first_paid_at, each.first_order_id) == (NOON - DAY, "a")
        assert (each.last_paid_at, each.paid_orders) == (NOON + DAY, 3)


def test_who_was_read_is_written_in_that_revision_or_not_at_all() -> None:
    purchases = those(KnownCustomer(revision=7, has_redeemed=True))
    purchases.accept(ordering(), uuid4())
    unread = Purchases()
    unread.accept(ordering(), uuid4())

    assert [c.as_read for c in purchases.changes.values()] == [7]
    assert [c.as_read for c in unread.changes.values()] == [None]
    assert [c.redemption_id for c in purchases.changes.values()] == [None]


def test_what_is_given_back_of_an_order_counts_again() -> None:
    purchases = those(order=known(counted_minor=5000))

    purchases.give_back(ORDER, 2000)

    assert purchases.growth_of(ordering(5000)) == 2000
    assert purchases.kept[ORDER].counted_minor == 3000
