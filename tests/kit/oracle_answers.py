"""What the product answers, and what the oracle says, in one form to be compared."""

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.instants import to_rfc3339
from kit.oracle.stacks import (
    SKIPS,
    STACK_REFUSED,
    Applies,
    Became,
    LeftOut,
    applying,
)
from kit.oracle.terms import Wish
from redemption.outcomes import Response

OK = 200
PRECEDING = "preceding_validation_failed"
Answer = dict[str, Any]


def expected(wish: Wish, became: Sequence[Became], *, partial: bool) -> Answer:
    """Return the answer to a redemption."""
    applied = applying(became, partial=partial)
    if not applied:
        first = next(each for each in became if isinstance(each, LeftOut))
        return _refused(first, wish)
    return _accepted(wish, applied) | _left_out(wish, became)


def forecast(wish: Wish, became: Sequence[Became], *, partial: bool) -> Answer:
    """Return the answer to a validation."""
    applied = applying(became, partial=partial)
    takes = [each for each in became if isinstance(each, Applies)]
    answer = {"applied": [(each.code, each.off) for each in takes]}
    accepted = _accepted(wish, applied) if applied else {}
    return answer | accepted | {"valid": bool(applied)} | _left_out(wish, became)


def answered(response: Response) -> Answer:
    body = orjson.loads(response.body)
    if response.status != OK:
        return _error(body)
    return {
        "applied": [
            (each["voucher"]["code"], _applied(each["order"])) for each in body["redemptions"]
        ],
        **_order(body["order"]),
        **_others(body),
    }


def foretold(body: Any) -> Answer:
    """Read the answer to a validation."""
    applicable = [each for each in body["redeemables"] if each["status"] == "APPLICABLE"]
    whole = _order(body["order"]) if body["valid"] else {}
    applied = [(each["id"], _applied(each["order"])) for each in applicable]
    return {"applied": applied, **whole, "valid": body["valid"], **_others(body)}


def _accepted(wish: Wish, applied: Sequence[Applies]) -> Answer:
    lines = [each.of_lines for each in applied if each.of_lines]
    return {
        "applied": [(each.code, each.off) for each in applied],
        "amount": wish.amount,
        "off": None if wish.amount is None else sum(each.off for each in applied),
        "lines": [sum(of_line) for of_line in zip(*lines, strict=True)],
        "gifts": sum(each.gifts for each in applied),
    }


def _left_out(wish: Wish, became: Sequence[Became]) -> Answer:
    others = [each for each in became if isinstance(each, LeftOut)]
    return {
        "inapplicable": [
            (each.code, _refused(each, wish)) for each in others if each.reason not in SKIPS
        ],
        "skipped": [
            (each.code, PRECEDING if each.reason == STACK_REFUSED else each.reason)
            for each in others
            if each.reason in SKIPS
        ],
    }


def _refused(why: LeftOut, wish: Wish) -> Answer:
    would_pass = {
        name: value if isinstance(value, str | int) else to_rfc3339(value)
        for name, value in why.would_pass.items()
    }
    return {"key": why.reason, "would_pass": would_pass, "amount": wish.amount}


def _error(body: Any) -> Answer:
    return {
        "key": body["key"],
        "would_pass": body.get("would_pass", {}),
        "amount": body["order_amount"],
    }


def _others(body: Any) -> Answer:
    return {
        "inapplicable": [
            (each["id"], _error(each["result"]["error"]))
            for each in body["inapplicable_redeemables"]
        ],
        "skipped": [
            (each["id"], each["result"]["details"]["key"]) for each in body["skipped_redeemables"]
        ],
    }


def _applied(order: Any) -> int:
    """Return what one code took off; of no order nothing."""
    return 0 if order is None else int(order["total_applied_discount_amount"])


def _order(order: Any) -> Answer:
    if order is None:
        return {"amount": None, "off": None, "lines": [], "gifts": 0}
    items = order.get("items", [])
    added = [item for item in items if item.get("initial_quantity") == 0]
    return {
        "amount": order["amount"],
        "off": order["total_discount_amount"],
        "lines": [item["total_discount_amount"] for item in items if item not in added],
        "gifts": sum(item["quantity"] for item in added),
    }
