from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from counterfoil.demo.baskets import Basket, Evidence, Line, Use, choose, evidence, stacks
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


def test_a_baskets_coupons_are_put_together_in_the_order_of_time(uses: Sequence[Use]) -> None:
    of_one = stacks(uses)

    assert [use for stack in of_one for use in stack] == list(uses)
    assert len({stack[0].basket.id for stack in of_one}) == len(of_one) == 1_112
    assert max(map(len, of_one)) == 19
    assert sum(stack[0].basket.amount_minor for stack in of_one) == 10_210_900


def test_a_basket_that_shows_the_coupon_beats_a_larger_one() -> None:
    small = a_basket(1, a_line(7, coupon_minor=50))
    large = a_basket(2, a_line(7, amount_minor=9_000))

    assert choose([large, small], {7}) == small


def test_of_equal_baskets_the_lowest_id_is_chosen() -> None:
    assert choose([a_basket(2, a_line(1)), a_basket(1, a_line(1))], {7}).id == 1


def test_a_line_may_carry_two_coupons_so_the_smallest_sum_tells() -> None:
    basket = a_basket(1, a_line(7, coupon_minor=200), a_line(8, coupon_minor=100))

    assert evidence(basket, {7, 8}) == (Evidence.COUPON_ON_COVERED_LINE, 100)
