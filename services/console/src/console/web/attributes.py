"""What rules and segments can ask about, and of which kind it is. Pure.

A new one is a line here, and its words in `words/attributes.toml`.
"""

from typing import Final, Literal, NamedTuple

Kind = Literal["money", "number", "text", "moment", "flag", "any", "segment", "channel", "items"]

METADATA: Final = "metadata"


class Attribute(NamedTuple):
    """One thing to ask about; `has_property` where it is of metadata, which has names itself."""

    name: str
    kind: Kind
    has_property: bool = False

    @property
    def words(self) -> str:
        """Return its key in the catalogue."""
        return f"attributes.{self.name.replace('.', '_')}"


OF_RULES: Final = (
    Attribute("order.amount", "money"),
    Attribute("order.initial_amount", "money"),
    Attribute("order.total_amount", "money"),
    Attribute("order.metadata", "any", has_property=True),
    Attribute("order.items.count", "number"),
    Attribute("order.items.any", "items"),
    Attribute("order.items.every", "items"),
    Attribute("order.items.none", "items"),
    Attribute("order.items.cheapest", "items"),
    Attribute("order.items.most_expensive", "items"),
    Attribute("order.items.price_any", "money"),
    Attribute("order.items.price_each", "money"),
    Attribute("order.items.metadata_any", "any", has_property=True),
    Attribute("order.items.metadata_each", "any", has_property=True),
    Attribute("customer.is_new", "flag"),
    Attribute("customer.segment", "segment"),
    Attribute("customer.metadata", "any", has_property=True),
    Attribute("redemption.metadata", "any", has_property=True),
    Attribute("redemption.api_key", "text"),
    Attribute("redemption.channel", "channel"),
    # Limits: with "at most", and together with all else alone.
    Attribute("redemption.count.daily", "number"),
    Attribute("redemption.count.weekly", "number"),
    Attribute("redemption.count.monthly", "number"),
    Attribute("redemption.count.per_customer", "number"),
    Attribute("redemption.count.per_customer.daily", "number"),
    Attribute("redemption.count.per_customer.weekly", "number"),
    Attribute("redemption.count.per_customer.monthly", "number"),
    Attribute("campaign.redemptions.count", "number"),
    Attribute("campaign.redemptions.count.daily", "number"),
    Attribute("campaign.redemptions.count.weekly", "number"),
    Attribute("campaign.redemptions.count.monthly", "number"),
    Attribute("campaign.orders.amount", "money"),
    Attribute("campaign.orders.amount_discounted", "money"),
)
# Of a line of an order, or of all those lines together.
OF_ITEMS: Final = (
    Attribute("order.items.price", "money"),
    Attribute("order.items.quantity", "number"),
    Attribute("order.items.metadata", "any", has_property=True),
    Attribute("order.items.aggregated_quantity", "number"),
    Attribute("order.items.aggregated_amount", "money"),
)
OF_CUSTOMERS: Final = (
    Attribute("is_new", "flag"),
    Attribute("created_at", "moment"),
    Attribute("summary.orders.total_count", "number"),
    Attribute("summary.orders.total_amount", "money"),
    Attribute("summary.orders.first_order_date", "moment"),
    Attribute("summary.orders.last_order_date", "moment"),
    Attribute(METADATA, "any", has_property=True),
)


def named(known: tuple[Attribute, ...], name: str) -> Attribute | None:
    return next((each for each in known if each.name == name), None)
