"""What a partner is owed for one accepted redemption, and for what is left of it. Pure."""

from contracts.money import share


def commission(
    *,
    order_minor: int,
    discount_minor: int,
    customer_is_new: bool,
    share_basis_points: int,
    flat_minor: int,
    new_customer_bonus_minor: int,
) -> int:
    """Add up the plan's parts: a share of the net, rounded half up, a flat sum, and the bonus.

    The net is never negative: a coupon that took off more than the order earns no share.
    """
    net_minor = net(order_minor, discount_minor)
    bonus_minor = new_customer_bonus_minor if customer_is_new else 0
    return share(net_minor, share_basis_points) + flat_minor + bonus_minor


def net(order_minor: int, discount_minor: int) -> int:
    """Return what an order comes to after its discount, which is never negative."""
    return max(order_minor - discount_minor, 0)
