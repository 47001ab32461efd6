"""What is in use stays, and who deletes it is told by whom."""

from typing import Any

from kit.campaigns_samples import Shop

LINES = {"name": "order.items.any", "conditions": {"$is": [{"object": "product", "id": "shoes"}]}}


async def refused(shop: Shop, path: str) -> tuple[list[tuple[str, str, bool]], int, str]:
    """Try to delete; return who uses it, how many they are, and what is said of them."""
    answer = await shop.call("DELETE", path)
    error = answer.json()
    assert (answer.status_code, error["key"]) == (400, "resource_in_use"), answer.text
    told = [(each["object"], each["id"], each["in_bin"]) for each in error["used_by"]]
    for each in error["used_by"]:
        assert each["name"] in error["details"]
        assert each["id"] in error["details"]
    assert (await shop.call("GET", path)).status_code == 200
    return told, error["used_by_total"], error["details"]


async def a_rule(shop: Shop, name: str, node: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = await shop.made(
        "/v1/validation-rules", {"name": name, "rules": {"1": node, "logic": "1"}}
    )
    return made


async def test_a_category_says_which_campaigns_and_codes_are_in_it(shop: Shop, rival: Shop) -> None:
    made = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 2})
    await rival.made("/v1/categories", {"name": "Winter", "hierarchy": 2})
    await rival.campaign(name="Theirs", category="Winter")
    campaigns = [await shop.campaign(name=f"Deal {n}", category="Winter") for n in range(5)]
    discount = {"type": "AMOUNT", "amount_off": 1}
    alone = await shop.made(
        "/v1/vouchers/ALONE",
        {"type": "DISCOUNT_VOUCHER", "discount": discount, "category": "Winter"},
    )
    path = f"/v1/categories/{made['id']}"

    many = await refused(shop, path)
    for campaign in campaigns[1:]:
        await shop.call("PUT", f"/v1/campaigns/{campaign['id']}", {"category": None})
    await shop.call("DELETE", f"/v1/campaigns/{campaigns[0]['id']}")
    few = await refused(shop, path)

    assert many[:2] == ([("campaign", each["id"], False) for each in campaigns], 6)
    assert " and 1 more refer to it, 6 in all" in many[2]
    assert few[:2] == (
        [("campaign", campaigns[0]["id"], True), ("voucher", alone["id"], False)],
        2,
    )
    assert few[2].startswith(f"campaign Deal 0 in the bin ({campaigns[0]['id']}), voucher ALONE")


async def test_a_rule_and_a_segment_say_what_asks_for_them(shop: Shop) -> None:
    filter_ = {"junction": "and", "is_new": {"conditions": {"$is": [True]}}}
    segment = await shop.made("/v1/segments", {"name": "New", "type": "passive", "filter": filter_})
    node = {"name": "customer.segment", "conditions": {"$is": [segment["id"]]}}
    rule = await a_rule(shop, "For the new", node)
    campaign = await shop.campaign(validation_rules=[rule["id"]])

    other = await shop.campaign(name="Other")
    two = await shop.made(f"/v1/campaigns/{other['id']}/vouchers/TWO")
    await shop.made(f"/v1/validation-rules/{rule['id']}/assignments", {"voucher": "TWO"})

    of_rule = await refused(shop, f"/v1/validation-rules/{rule['id']}")
    of_segment = await refused(shop, f"/v1/segments/{segment['id']}")

    assert of_rule[:2] == (
        [("campaign", campaign["id"], False), ("voucher", two["id"], False)],
        2,
    )
    assert of_segment[:2] == ([("validation_rules", rule["id"], False)], 1)
    assert of_segment[2].startswith("validation rule For the new (")
    assert of_segment[2].endswith(") refers to it: change or delete it first")


async def test_products_and_collections_say_what_is_for_them(shop: Shop) -> None:
    shoes = await shop.made("/v1/products", {"source_id": "shoes", "name": "Shoes"})
    red = await shop.made("/v1/products/shoes/skus", {"source_id": "red"})
    feet = await shop.made(
        "/v1/product-collections", {"name": "Feet", "products": [{"id": shoes["id"]}]}
    )
    of_parts = await refused(shop, "/v1/products/shoes")
    await shop.call("PUT", f"/v1/product-collections/{feet['id']}", {"products": []})
    await shop.call("DELETE", "/v1/products/shoes/skus/red")
    rule = await a_rule(shop, "Has shoes", LINES)
    named = {"included": [{"object": "products_collection", "id": feet["id"]}]}
    campaign = await shop.campaign(applicable_to=named)

    of_product = await refused(shop, "/v1/products/shoes")
    of_collection = await refused(shop, f"/v1/product-collections/{feet['id']}")

    assert of_parts[:2] == (
        [("products_collection", feet["id"], False), ("sku", red["id"], False)],
        2,
    )
    assert "SKU red" in of_parts[2]
    assert of_product[:2] == ([("validation_rules", rule["id"], False)], 1)
    assert of_collection[:2] == ([("campaign", campaign["id"], False)], 1)
