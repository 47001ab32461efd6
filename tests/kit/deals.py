"""What a shop has before somebody looks at it, and what its checkout asks meanwhile."""

from typing import Any
from uuid import uuid4

from kit.people import Shop

PERCENT = {"type": "PERCENT", "percent_off": 10}


def partner(shop: Shop, name: str = "Dealhunt", **more: Any) -> dict[str, Any]:
    return shop.made("/v1/partners", {"name": name} | more)


def campaign(shop: Shop, *codes: str, **overrides: Any) -> dict[str, Any]:
    """Make a campaign with the codes that are named; of a partner Dealhunt, if of none other."""
    body: dict[str, Any] = {
        "name": "Autumn",
        "channel": "newsletter",
        "margin_basis_points": 4000,
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": PERCENT},
    }
    body |= overrides
    if "partner_id" not in body:
        body["partner_id"] = partner(shop)["id"]
    made = shop.made("/v1/campaigns", body)
    for code in codes:
        shop.made(f"/v1/campaigns/{made['id']}/vouchers/{code}", {})
    return made


def redeem(shop: Shop, code: str, amount: int = 5000) -> int:
    """Redeem at the checkout; return the answer's status."""
    return redemption(shop, code, amount)[0]


def redemption(shop: Shop, code: str, amount: int = 5000) -> tuple[int, dict[str, Any]]:
    body = {
        "redeemables": [{"object": "voucher", "id": code}],
        "customer": {"source_id": uuid4().hex},
        "order": {"amount": amount},
    }
    answer = shop.http.post("/v1/redemptions", json=body, headers=shop.keys)
    return answer.status_code, answer.json()
