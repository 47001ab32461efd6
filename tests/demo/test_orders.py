from collections import Counter
from collections.abc import Sequence

from counterfoil.demo.baskets import Use
from counterfoil.demo.orders import paid


def test_every_basket_of_the_year_is_an_order_once_in_the_order_of_time(
    uses: Sequence[Use],
) -> None:
    orders = {order.basket: order for order in paid()}
    times = [order.at for order in orders.values()]

    assert len(orders) == 155_848
    assert times == sorted(times)
    assert len({order.household for order in orders.values()}) == 2_469
    for use in uses:
        order = orders[use.basket.id]
        assert (order.household, order.at) == (use.basket.household, use.basket.at)
        assert Counter(order.lines) == Counter(
            (line.product, line.quantity, line.amount_minor) for line in use.basket.lines
        )
