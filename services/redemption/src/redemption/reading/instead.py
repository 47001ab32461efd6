"""What to send in place of names that are unknown here and known elsewhere. Pure.

By HTTP names are Voucherify's, by Kafka they are ours: who knows one way may try its names by the
other.
"""

from collections.abc import Mapping
from typing import Final

_A_CODE: Final = 'send "redeemables": [{"object": "voucher", "id": the code}]'
_THE_KEY: Final = "send it as the header Idempotency-Key"
_LINES: Final = "send items, of the order"

BY_HTTP: Final[Mapping[str, str]] = {
    "amount_minor": "send amount, in minor units",
    "code": _A_CODE,
    "customer_id": "send customer, with its source_id",
    "idempotency_key": _THE_KEY,
    "items": _LINES,
    "lines": _LINES,
    "order_id": "send order, with its source_id",
    "redemption_id": "it stands in the path",
    "reply": "the answer is the response's",
    "request_id": _THE_KEY,
    "voucher": _A_CODE,
    "voucher_code": _A_CODE,
    "vouchers": _A_CODE,
}

_CODE: Final = "send code, or redeemables with a code each"

BY_KAFKA: Final[Mapping[str, str]] = {
    "amount": "send amount_minor, in minor units",
    "customer_id": "send customer, with its source_id",
    "idempotency_key": "send request_id",
    "items": _LINES,
    "lines": _LINES,
    "order_id": "send order, with its id",
    "price": "send amount_minor, what the line comes to, in minor units",
    "product": "send product_id",
    "sku": "send sku_id",
    "voucher": _CODE,
    "voucher_code": _CODE,
    "vouchers": _CODE,
}
