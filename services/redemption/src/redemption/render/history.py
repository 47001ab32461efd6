"""A redemption of the past, as the API shows it: what was redeemed as it was answered then."""

from typing import Any

import orjson

from contracts.instants import to_rfc3339
from contracts.redemptions import Reason
from redemption.entries import PastEntry, redemption_id
from redemption.render.messages import MESSAGES


def redeemed(entry: PastEntry) -> bytes:
    """Return the redemption out of its request's response."""
    wanted = redemption_id(entry.id, accepted=True)
    redemptions: list[dict[str, Any]] = orjson.loads(entry.body)["redemptions"]
    return orjson.dumps(next(each for each in redemptions if each["id"] == wanted))


def parent(body: bytes) -> bytes | None:
    """Return what the redemptions of a response have in common, or None for a lone one."""
    found = orjson.loads(body).get("parent_redemption")
    return None if found is None else orjson.dumps(found)


def failed_redemption(entry: PastEntry) -> bytes:
    """Return a refusal as Voucherify's clients read one."""
    reason = Reason(entry.reason or "")
    return orjson.dumps(
        {
            "id": redemption_id(entry.id, accepted=False),
            "object": "redemption",
            "date": to_rfc3339(entry.at),
            "customer_id": entry.customer_id,
            "tracking_id": entry.tracking_id,
            "metadata": entry.metadata or {},
            "result": "FAILURE",
            "status": "FAILED",
            "failure_code": "resource_not_found" if reason is Reason.NOT_FOUND else reason,
            "failure_message": MESSAGES[reason],
            "related_object_type": "voucher",
            "related_object_id": None,
            "voucher": {"object": "voucher", "code": entry.code},
            "order": {
                "object": "order",
                "source_id": entry.order_id,
                "amount": entry.order_minor,
                "currency": entry.currency,
            },
        }
    )
