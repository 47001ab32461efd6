from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.demo.baskets import Basket, Evidence, Line, Use, choose, divide, evidence
from counterfoil.demo.dataset import Dataset, folder

NOON = datetime(2017, 5, 8, 12, tzinfo=UTC)


def a_line(product: int, *, amount_minor: int = 100, coupon_minor: int = 0) -> Line:
    return Line(product, 1, amount_minor, coupon_minor)


def a_basket(basket_id: int, *lines: Line) -> Basket:
    return Basket(basket_id, 1, NOON, lines)


def test_every_redemption_has_a_basket_on_its_day_in_the_shops_time_zone(
    dataset: Dataset, uses: Sequence[Use]
) -> None:
    assert Counter(use.redemption for use in uses) == Counter(dataset.redemptions)


def test_by_the_calendar_of_utc_233_redemptions_would_have_no_basket(dataset: Dataset) -> None:
    """The figures of 1,869 and 1,012 come from taking the stored UTC time for the shop's."""
    wanted = sorted({(r.household, r.day) for r in dataset.redemptions})
    lines = pq.read_table(
        folder() / "transactions.parquet",
        columns=["household_id", "product_id", "coupon_disc", "transaction_timestamp"],
    )
    lines = lines.append_column("day", lines["transaction_timestamp"].cast(pa.date32()))
    households, dates = zip(*wanted, strict=True)
    shopped = pa.table(
        {"household_id": pa.array(households, lines["household_id"].type), "day": dates}
    )
    seen = lines.join(shopped, ["household_id", "day"], join_type="inner")
    days: dict[tuple[int, date], set[int]] = {}
    columns = (
        seen[name].to_pylist() for name in ("household_id", "day", "product_id", "coupon_disc")
    )
    for household, day, product, coupon in zip(*columns, strict=True):
        days.setdefault((household, day), set()).update([product] if coupon else [])
    with_basket = [r for r in dataset.redemptions if (r.household, r.day) in days]
    told = [r for r in with_basket if days[r.household, r.day] & dataset.covers[r.coupon]]

    assert (len(with_basket), len(told)) == (1_869, 1_012)


def test_what_the_baskets_show_of_their_coupons(uses: Sequence[Use]) -> None:
    assert Counter(use.evidence for use in uses) == {
        Evidence.COUPON_ON_COVERED_LINE: 1_158,
        Evidence.COVERED_LINE: 709,
        Evidence.COUPON_ELSEWHERE: 214,
        Evidence.BASKET_ONLY: 21,
    }


def test_the_orders_together_are_the_baskets_counted_once(uses: Sequence[Use]) -> None:
    once = {use.basket.id: use.basket.amount_minor for use in uses}

    assert sum(use.amount_minor for use in uses) == sum(once.values()) == 10_210_900


def test_a_basket_that_shows_the_coupon_beats_a_larger_one() -> None:
    small = a_basket(1, a_line(7, coupon_minor=50))
    large = a_basket(2, a_line(7, amount_minor=9_000))

    assert choose([large, small], {7}) == small


def test_of_equal_baskets_the_lowest_id_is_chosen() -> None:
    assert choose([a_basket(2, a_line(1)), a_basket(1, a_line(1))], {7}).id == 1


def test_a_line_may_carry_two_coupons_so_the_smallest_sum_tells() -> None:
    basket = a_basket(1, a_line(7, coupon_minor=200), a_line(8, coupon_minor=100))

    assert evidence(basket, {7, 8}) == (Evidence.COUPON_ON_COVERED_LINE, 100)


def test_a_covered_line_goes_to_the_coupon_that_covers_it() -> None:
    covered, other = a_line(7, amount_minor=900), a_line(1, amount_minor=100)

    assert divide([covered, other], [{5}, {7}]) == [(other,), (covered,)]


@given(
    amounts=st.lists(st.integers(0, 5_000), max_size=30),
    covers=st.lists(st.frozensets(st.integers(0, 30), max_size=5), min_size=1, max_size=6),
)
def test_dividing_gives_every_line_to_exactly_one_coupon(
    amounts: list[int], covers: list[frozenset[int]]
) -> None:
    lines = [a_line(product, amount_minor=amount) for product, amount in enumerate(amounts)]

    parts = divide(lines, covers)

    assert len(parts) == len(covers)
    assert Counter(line for part in parts for line in part) == Counter(lines)
