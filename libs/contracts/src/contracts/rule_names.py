"""What validation rules can ask: every name, and what kind of value it has.

A new name is a line of `NAMES` here and of `contracts.rule_nodes.Node`, and its value in
`redemption.rules.values`.
"""

from collections.abc import Mapping
from typing import Final

from contracts.conditions import Kind

LINES: Final = frozenset(
    {
        "order.items.any",
        "order.items.every",
        "order.items.none",
        "order.items.cheapest",
        "order.items.most_expensive",
    }
)
CUSTOMER_METADATA: Final = "customer.metadata"
WITH_PROPERTY: Final = frozenset(
    {
        "order.metadata",
        "order.items.metadata_any",
        "order.items.metadata_each",
        CUSTOMER_METADATA,
        "redemption.metadata",
        "order.items.metadata",
    }
)
NAMES: Final[Mapping[str, Kind]] = {
    "order.amount": "number",
    "order.initial_amount": "number",
    "order.total_amount": "number",
    "order.metadata": "any",
    "order.items.count": "number",
    "order.items.price_any": "number",
    "order.items.price_each": "number",
    "order.items.metadata_any": "any",
    "order.items.metadata_each": "any",
    **dict.fromkeys(sorted(LINES), "any"),
    "customer.segment": "any",  # of several values
    "customer.is_new": "flag",
    CUSTOMER_METADATA: "any",
    "redemption.metadata": "any",
    "redemption.api_key": "text",
    "redemption.channel": "text",
}
LINE_NAMES: Final[Mapping[str, Kind]] = {
    "order.items.price": "number",
    "order.items.quantity": "number",
    "order.items.metadata": "any",
    "order.items.aggregated_quantity": "number",
    "order.items.aggregated_amount": "number",
}
AGGREGATED: Final = frozenset({"order.items.aggregated_quantity", "order.items.aggregated_amount"})
CHANNELS: Final = frozenset({"API", "USER", "KAFKA"})
EQUALITIES: Final = frozenset({"$is", "$is_not", "$in", "$not_in"})
# What is never a fraction; a price is one where an amount is divided by its pieces.
WHOLE: Final = frozenset(
    {
        "order.amount",
        "order.initial_amount",
        "order.total_amount",
        "order.items.count",
        "order.items.quantity",
        *AGGREGATED,
    }
)
# Of which an order or a customer has several values: each condition may be met by another one.
SEVERAL: Final = frozenset(
    {*LINES, "order.items.price_any", "order.items.metadata_any", "customer.segment"}
)
