"""No page is forgotten: each is looked at, with something to show, at every width and theme."""

from collections.abc import Callable

from kit import deals
from kit.chromium import Look, both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

# Whatever a form can say, and what is no obstacle today.
TERMS = {
    "start_date": "2026-11-01T00:00:00Z",
    "limits": [
        {"of": "customer", "per": "month", "redemptions": 2},
        {"of": "campaign", "discount_amount": 1_000_000},
    ],
    "validity_day_of_week": [0, 1, 2, 3, 4, 5, 6],
    "validity_hours": {"daily": [{"start_time": "00:00", "expiration_time": "24:00"}]},
    "validity_timeframe": {"interval": "P7D", "duration": "P7D"},
}

RULES = {
    "1": {"name": "order.amount", "conditions": {"$more_than_equal": [5000]}},
    "2": {"name": "customer.metadata", "property": "tier", "conditions": {"$in": ["gold"]}},
    "logic": "1 or not 2",
}


@both_widths
def test_every_page_of_staff_is_sound(
    page: Page, shop: Shop, sign_in: Callable[..., str], look: Look
) -> None:
    """Each comes in one theme and is turned to the other: at the other width it comes in that."""
    theme = look.theme
    partner = deals.partner(shop, "Dealhunt", deal_url="https://dealhunt.example/autumn")
    made = deals.campaign(shop, "AUTUMN10", partner_id=partner["id"], total_limit=1, **TERMS)
    assert [deals.redeem(shop, "AUTUMN10"), deals.redeem(shop, "AUTUMN10")] == [200, 400]
    _, refused = deals.redemption(shop, "AUTUMN10")
    base = sign_in()
    segment = shop.made("/v1/segments", {"name": "Press", "type": "static", "customers": ["ann"]})
    rule = shop.made("/v1/validation-rules", {"name": "Big baskets", "rules": RULES})
    product = shop.made("/v1/products", {"source_id": "shoe", "name": "Shoe", "price": 8900})
    sku = shop.made(f"/v1/products/{product['id']}/skus", {"source_id": "shoe-42"})
    holds = [{"source_id": "shoe"}, {"object": "sku", "source_id": "shoe-42"}]
    shoes = shop.made("/v1/product-collections", {"name": "Shoes", "products": holds})
    category = shop.made("/v1/categories", {"name": "Welcome", "hierarchy": 1})
    goods, collection = f"/products/{product['id']}", f"/collections/{shoes['id']}"
    campaign, owner = f"/campaigns/{made['id']}", f"/partners/{partner['id']}"

    for path in (
        *("/", "/campaigns", "/campaigns/new", campaign, f"{campaign}/edit", f"{campaign}/history"),
        *("/campaigns?status=in_bin", f"/campaigns/new?copy={made['id']}"),
        *("/codes?status=all", "/codes/new", "/codes/AUTUMN10", "/codes/AUTUMN10/edit"),
        *(
            "/redemptions?period=all",
            f"/redemptions/{refused['resource_id']}",
            "/failures?period=all",
        ),
        *("/failures?period=all&reason=campaign_limit_exceeded", "/search?q=AUT"),
        *("/try", "/try?code=AUTUMN10&amount=50", "/try?code=AUTUMM10"),
        *("/orders", "/customers"),
        *("/partners", "/partners/new", owner, f"{owner}/edit", f"{owner}/history"),
        *(f"{owner}/shares", f"{owner}/shares/new", f"{owner}/links", f"{owner}/feed-key"),
        *("/segments", "/segments/new", f"/segments/{segment['id']}"),
        f"/segments/{segment['id']}/edit",
        *("/rules", "/rules/new", f"/rules/{rule['id']}", f"/rules/{rule['id']}/edit"),
        *("/products", "/products?id=boot", "/products/new", goods, f"{goods}/edit"),
        *(f"{goods}/skus/new", f"{goods}/skus/{sku['id']}/edit"),
        *("/collections", "/collections/new", collection, f"{collection}/edit"),
        *("/settings/categories", "/settings/categories/new"),
        f"/settings/categories/{category['id']}/edit",
        *(
            "/jobs",
            "/settings/project",
            "/settings/stacking",
            "/settings/keys",
            "/settings/keys/new",
        ),
        *("/settings/users", "/settings/users/invite", "/settings/audit"),
    ):
        answer = page.goto(base + path)
        assert answer is not None
        assert answer.status == 200, path
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        inspect(page)
        page.emulate_media(color_scheme=(theme := "dark" if theme == "light" else "light"))
        inspect(page)
    page.goto("/account")
