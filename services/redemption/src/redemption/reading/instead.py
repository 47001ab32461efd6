"""What to send in place of names that are unknown here and known elsewhere. Pure.

By HTTP names are Voucherify's, by Kafka they are ours: who knows one way may try its names by the
other. What is advised is said only where it can be followed.
"""

from collections.abc import Mapping
from typing import Final

from servicekit.faults import Instead

_A_CODE: Final = Instead(
    "redeemables", 'send "redeemables": [{"object": "voucher", "id": the code}]'
)
# Redemptions and validations alone have codes, and the header.
_THE_KEY: Final = Instead("redeemables", "send it as the header Idempotency-Key")
_LINES: Final = Instead("order", "send items, of the order")

BY_HTTP: Final[Mapping[str, Instead]] = {
    "amount_minor": Instead("amount", "send amount, in minor units"),
    "code": _A_CODE,
    "customer_id": Instead("customer", "send customer, with its source_id"),
    "idempotency_key": _THE_KEY,
    "items": _LINES,
    "lines": _LINES,
    "order_id": Instead("order", "send order, with its source_id"),
    "redemption_id": Instead("reason", "it stands in the path"),  # of a rollback
    "reply": Instead("redeemables", "the answer is the response's"),
    "request_id": _THE_KEY,
    "voucher": _A_CODE,
    "voucher_code": _A_CODE,
    "vouchers": _A_CODE,
}

_CODE: Final = Instead("redeemables", "send code, or redeemables with a code each")

BY_KAFKA: Final[Mapping[str, Instead]] = {
    "amount": Instead("amount_minor", "send amount_minor, in minor units"),
    "customer_id": Instead("customer", "send customer, with its source_id"),
    "idempotency_key": Instead("request_id", "send request_id"),
    "items": _LINES,
    "lines": _LINES,
    "order_id": Instead("order", "send order, with its id"),
    # Of a line alone: an order's amount_minor is before coupons and of all lines.
    "price": Instead("product_id", "send amount_minor, what the line comes to, in minor units"),
    "product": Instead("product_id", "send product_id"),
    "sku": Instead("sku_id", "send sku_id"),
    "voucher": _CODE,
    "voucher_code": _CODE,
    "vouchers": _CODE,
}
