from collections import Counter
from collections.abc import Sequence
from itertools import islice

from contracts.orders import OrderChanged
from counterfoil.demo.baskets import Use
from counterfoil.demo.orders import BASKETS, paid, told
from counterfoil.demo.target import Target


def test_every_basket_of_the_year_is_an_order_once_in_the_order_of_time(
    uses: Sequence[Use],
) -> None:
    orders = {order.basket: order for order in paid()}
    times = [order.at for order in orders.values()]

    assert len(orders) == BASKETS == 155_848
    assert times == sorted(times)
    assert len({order.household for order in orders.values()}) == 2_469
    for use in uses:
        order = orders[use.basket.id]
        assert (order.household, order.at) == (use.basket.household, use.basket.at)
        assert Counter(order.lines) == Counter(
            (line.product, line.quantity, line.amount_minor) for line in use.basket.lines
        )


def test_an_order_is_told_as_the_contract_has_it(target: Target) -> None:
    for order in islice(paid(), 200):
        event = OrderChanged.model_validate_json(told(target, order))

        assert event.time == order.at
        assert event.data.amount_minor == order.amount_minor
        assert len(event.data.items) == len(order.lines)
