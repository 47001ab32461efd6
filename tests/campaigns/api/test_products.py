"""Products, SKUs and collections as clients make them."""

from typing import Any

import pytest
from kit.campaigns_samples import Shop, a_campaign_body, open_shop, outbox_of

from campaigns.campaigns import sizes
from campaigns.product_collections import verbs
from campaigns.products import targets
from contracts.campaigns import CampaignChanged
from contracts.targets import ApplicableTo, Targets


async def test_a_product_comes_changes_and_goes(shop: Shop) -> None:
    sent = {"source_id": "shoes-1", "name": "Shoes", "price": 8900, "metadata": {"brand": "A"}}
    made = await shop.made("/v1/products", sent)

    by_source = await shop.call(
        "PUT", "/v1/products/shoes-1", {"price": 7900, "metadata": {"size": 42}, "version": 1}
    )
    path = f"/v1/products/{made['id']}"
    changed = (await shop.call("GET", path)).json()
    listed = (await shop.call("GET", "/v1/products")).json()

    assert made.items() >= (sent | {"object": "product", "version": 1}).items()
    assert by_source.json() == changed
    assert (changed["price"], changed["name"]) == (7900, "Shoes")
    assert (changed["metadata"], changed["version"]) == ({"brand": "A", "size": 42}, 2)
    assert (listed["data_ref"], listed["products"], listed["total"]) == ("products", [changed], 1)
    assert (await shop.call("DELETE", path)).status_code == 204
    assert (await shop.call("GET", path)).status_code == 404
    history = (await shop.call("GET", "/v1/audit", params={"kind": "product"})).json()["data"]
    assert [entry["action"] for entry in history] == [
        "product.deleted",
        "product.updated",
        "product.created",
    ]


async def test_who_sends_a_product_again_changes_it(shop: Shop) -> None:
    made = await shop.made("/v1/products", {"source_id": "shoes-1", "name": "Shoes", "price": 1})

    by_source = await shop.made("/v1/products", {"source_id": "shoes-1", "price": 2})
    by_id = await shop.made("/v1/products", {"id": made["id"], "source_id": "boots"})
    unknown = await shop.call("POST", "/v1/products", {"id": "prod_unknown"})

    assert (by_source["id"], by_source["price"], by_source["name"]) == (made["id"], 2, "Shoes")
    assert (by_id["source_id"], by_id["version"]) == ("boots", 3)
    assert (unknown.status_code, unknown.json()["key"]) == (404, "not_found")
    page = (await shop.http.get("/openapi/campaigns.json")).json()
    assert "404" in page["paths"]["/v1/products"]["post"]["responses"]


async def test_a_sku_is_of_its_product(shop: Shop) -> None:
    await shop.made("/v1/products", {"source_id": "shoes"})
    await shop.made("/v1/products", {"source_id": "hats"})
    made = await shop.made(
        "/v1/products/shoes/skus", {"source_id": "red", "sku": "Red", "price": 5}
    )

    changed = await shop.call("PUT", "/v1/products/shoes/skus/red", {"sku": "Dark red"})
    listed = (await shop.call("GET", "/v1/products/shoes/skus")).json()
    foreign = await shop.call("PUT", "/v1/products/hats/skus/red", {"sku": "Blue"})
    taken = await shop.call("POST", "/v1/products/hats/skus", {"source_id": "red"})
    parent = await shop.call("DELETE", "/v1/products/shoes")

    assert (changed.json()["sku"], changed.json()["price"]) == ("Dark red", 5)
    assert changed.json()["product_id"] == made["product_id"]
    assert (listed["data_ref"], listed["skus"], listed["total"]) == ("skus", [changed.json()], 1)
    assert (await shop.call("GET", "/v1/skus/red")).json() == changed.json()
    assert (await shop.call("GET", "/v1/products/shoes/skus/red")).json() == changed.json()
    assert (foreign.status_code, taken.status_code) == (404, 404)
    assert (parent.status_code, parent.json()["key"]) == (400, "resource_in_use")
    assert (await shop.call("DELETE", "/v1/products/hats/skus/red")).status_code == 404
    assert (await shop.call("DELETE", "/v1/products/shoes/skus/red")).status_code == 204
    assert (await shop.call("DELETE", "/v1/products/shoes")).status_code == 204


async def test_two_products_have_no_id_of_the_shop_in_common(shop: Shop) -> None:
    await shop.made("/v1/products", {"source_id": "shoes"})
    other = await shop.made("/v1/products", {"source_id": "hats"})

    answer = await shop.call("PUT", f"/v1/products/{other['id']}", {"source_id": "shoes"})

    assert (answer.status_code, answer.json()["key"]) == (409, "duplicate_found")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"price": -1}, "price"),
        ({"price": 1.5}, "price"),
        ({"price": 2**53}, "price"),
        ({"attributes": ["colour"]}, "attributes"),
        ({"colour": "red"}, "colour"),
        ({"source_id": " "}, "source_id"),
    ],
)
async def test_what_a_product_cannot_have_is_refused_by_name(
    shop: Shop, body: dict[str, Any], named: str
) -> None:
    answer = await shop.call("POST", "/v1/products", {"source_id": "shoes"} | body)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert named in answer.json()["message"]


async def test_a_collection_holds_products_and_skus_and_keeps_them(shop: Shop) -> None:
    shoes = await shop.made("/v1/products", {"source_id": "shoes"})
    await shop.made("/v1/products", {"source_id": "hats"})
    await shop.made("/v1/products/shoes/skus", {"source_id": "red"})
    both = [{"id": shoes["id"]}, {"source_id": "red", "object": "sku"}, {"source_id": "shoes"}]
    made = await shop.made("/v1/product-collections", {"name": "Feet", "products": both})
    path = f"/v1/product-collections/{made['id']}"

    held = (await shop.call("GET", f"{path}/products")).json()
    in_use = await shop.call("DELETE", "/v1/products/shoes/skus/red")
    changed = await shop.call("PUT", path, {"products": [{"source_id": "hats"}], "version": 1})
    same = await shop.call("PUT", path, changed.json())

    assert (made["products_count"], made["type"]) == (2, "STATIC")
    assert {(each["object"], each["source_id"]) for each in held["data"]} == {
        ("product", "shoes"),
        ("sku", "red"),
    }
    assert held["total"] == 2
    assert (in_use.status_code, in_use.json()["key"]) == (400, "resource_in_use")
    assert (changed.json()["products_count"], changed.json()["version"]) == (1, 2)
    assert same.json() == changed.json()
    listed = (await shop.call("GET", "/v1/product-collections")).json()
    assert (listed["data"], listed["total"]) == ([changed.json()], 1)
    assert (await shop.call("DELETE", path)).status_code == 204
    assert (await shop.call("GET", path)).status_code == 404
    assert (await shop.call("GET", "/v1/products/hats")).status_code == 200


async def test_two_collections_have_no_name_in_common(shop: Shop) -> None:
    await shop.made("/v1/product-collections", {"name": "Feet"})

    twice = await shop.call("POST", "/v1/product-collections", {"name": "Feet"})

    assert (twice.status_code, twice.json()["key"]) == (409, "duplicate_found")
    said = "the project has one of its collections with this name already"
    assert twice.json()["details"] == said


async def test_a_collection_of_what_is_not_there_is_not_made(shop: Shop, rival: Shop) -> None:
    theirs = await rival.made("/v1/products", {"source_id": "shoes"})
    body = {"name": "Feet", "products": [{"id": theirs["id"]}]}

    answer = await shop.call("POST", "/v1/product-collections", body)

    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
    assert (await shop.call("GET", "/v1/product-collections")).json()["total"] == 0
    for path in (f"/v1/products/{theirs['id']}", "/v1/products/shoes"):
        assert (await shop.call("GET", path)).status_code == 404


async def test_collections_by_a_filter_and_too_many_are_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "MOST_COLLECTIONS", 1)
    await shop.made("/v1/product-collections", {"name": "Feet"})

    by_filter = await shop.call(
        "POST", "/v1/product-collections", {"name": "B", "filter": {"price": 1}}
    )
    another_type = await shop.call(
        "POST", "/v1/product-collections", {"name": "B", "type": "AUTO_UPDATE"}
    )
    second = await shop.call("POST", "/v1/product-collections", {"name": "B"})

    for answer in (by_filter, another_type, second):
        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")


async def published(dsn: str) -> list[tuple[int, Targets, Targets]]:
    events = [
        CampaignChanged.model_validate_json(message["value"]).data
        for message in await outbox_of(dsn)
        if message["topic"] == "coupons.campaigns.v1"
    ]
    return [
        (e.version, e.terms.applicable_to.included, e.terms.applicable_to.excluded) for e in events
    ]


async def test_a_campaign_is_published_with_all_that_its_collections_hold(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    shoes = await deaf_shop.made("/v1/products", {"source_id": "shoes"})
    red = await deaf_shop.made("/v1/products/shoes/skus", {"source_id": "red"})
    hat = await deaf_shop.made("/v1/products", {})
    body = {"name": "Feet", "products": [{"id": shoes["id"]}]}
    feet = await deaf_shop.made("/v1/product-collections", body)
    applicable_to = {
        "included": [
            {"object": "product", "id": "their-own"},
            {"object": "product", "id": hat["id"]},
            {"object": "products_collection", "id": feet["id"]},
        ],
        "excluded": [{"object": "sku", "id": "red"}],
        "included_all": False,
    }
    made = await deaf_shop.campaign(applicable_to=applicable_to)
    path = f"/v1/product-collections/{feet['id']}"
    blue = await deaf_shop.made("/v1/products/shoes/skus", {"source_id": "blue"})
    await deaf_shop.call("PUT", path, {"name": "Feet and more"})
    await deaf_shop.call("PUT", path, {"products": []})
    await deaf_shop.call("PUT", f"/v1/products/{hat['id']}", {"source_id": "hats", "price": 5})
    await deaf_shop.call("PUT", "/v1/products/hats", {"price": 6})

    first, with_blue, emptied, named = await published(campaigns_db)
    assert [first[0], with_blue[0], emptied[0], named[0]] == [1, 2, 3, 4]
    assert set(first[1].products) == {"their-own", hat["id"], shoes["id"], "shoes"}
    assert set(first[1].skus) == {red["id"], "red"}
    assert (set(first[2].products), set(first[2].skus)) == (set(), {red["id"], "red"})
    assert set(with_blue[1].skus) == {red["id"], "red", blue["id"], "blue"}
    assert set(emptied[1].products) == {"their-own", hat["id"]}
    assert (emptied[1].skus, emptied[1].collections) == ((), (feet["id"],))
    assert set(named[1].products) == {"their-own", hat["id"], "hats"}
    shown = (await deaf_shop.call("GET", f"/v1/campaigns/{made['id']}")).json()
    assert shown["applicable_to"] == made["applicable_to"]
    assert shown["applicable_to"].items() >= applicable_to.items()
    for in_use in (path, f"/v1/products/{hat['id']}", "/v1/products/shoes/skus/red"):
        answer = await deaf_shop.call("DELETE", in_use)
        assert (answer.status_code, answer.json()["key"]) == (400, "resource_in_use")


async def test_a_campaign_for_an_empty_collection_is_for_nothing(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    feet = await deaf_shop.made("/v1/product-collections", {"name": "Feet"})
    included = [{"object": "products_collection", "id": feet["id"]}]

    await deaf_shop.campaign(applicable_to={"included": included})

    [(_, included_ones, _)] = await published(campaigns_db)
    assert included_ones
    assert not ApplicableTo(included=included_ones).covers("shoes", "red")


async def test_a_campaign_for_what_is_not_there_or_too_much_is_refused(
    deaf_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = await open_shop(deaf_shop.http, "rival")
    theirs = await rival.made("/v1/product-collections", {"name": "Feet"})
    included = [{"object": "products_collection", "id": theirs["id"]}]
    body = a_campaign_body(applicable_to={"included": included})

    unknown = await deaf_shop.call("POST", "/v1/campaigns", body)

    assert (unknown.status_code, unknown.json()["key"]) == (404, "not_found")
    await deaf_shop.made("/v1/products", {"source_id": "shoes"})
    monkeypatch.setattr(targets, "MOST_TARGETS", 1)
    included = [{"object": "product", "id": "shoes"}]
    too_much = await deaf_shop.call(
        "POST", "/v1/campaigns", a_campaign_body(applicable_to={"included": included})
    )
    assert (too_much.status_code, too_much.json()["key"]) == (400, "invalid_payload")
    assert "applicable_to" in too_much.json()["message"]


async def test_a_campaign_that_kafka_would_not_take_is_refused_and_can_be_switched_off(
    deaf_shop: Shop, campaigns_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await deaf_shop.made("/v1/products", {"source_id": "shoes"})
    included = [{"object": "product", "id": "shoes"}]
    made = await deaf_shop.campaign(name="Autumn", applicable_to={"included": included})
    path = f"/v1/campaigns/{made['id']}"
    [message] = [m for m in await outbox_of(campaigns_db) if m["topic"] == "coupons.campaigns.v1"]
    monkeypatch.setattr(sizes, "MOST_BYTES", len(message["value"]) + 60)
    asked = {"name": "order.metadata", "property": "p", "conditions": {"$is": ["x" * 200]}}
    rule = await deaf_shop.made(
        "/v1/validation-rules", {"name": "R", "rules": {"1": asked, "logic": "1"}}
    )
    for method, of, body in (
        ("PUT", path, {"applicable_to": {"included": [*included, *included_many()]}}),
        ("PUT", path, {"validation_rules": [rule["id"]]}),
        ("POST", f"/v1/validation-rules/{rule['id']}/assignments", {"campaign": made["id"]}),
        ("POST", "/v1/products/shoes/skus", {"source_id": "red" * 20}),
    ):
        answer = await deaf_shop.call(method, of, body)
        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload"), of
        assert "The campaign Autumn would be too large" in answer.json()["message"]
        assert "name fewer products" in answer.json()["details"]
    assert (await deaf_shop.call("GET", "/v1/products/shoes/skus")).json()["total"] == 0

    monkeypatch.setattr(sizes, "MOST_BYTES", 1)
    await deaf_shop.call("POST", f"{path}/disable")

    assert (await deaf_shop.call("GET", path)).json()["active"] is False


def included_many() -> list[dict[str, str]]:
    return [{"object": "product", "id": f"prod_{number}"} for number in range(100)]


async def test_a_campaign_is_for_as_many_products_as_it_may_name(deaf_shop: Shop) -> None:
    ids = [f"product-{number:05}" for number in range(10_000)]

    made = await deaf_shop.campaign(
        applicable_to={"included": [{"object": "product", "id": id_} for id_ in ids]}
    )

    assert [each["id"] for each in made["applicable_to"]["included"]] == ids


async def test_products_of_a_campaign_are_named_as_lines_of_orders_name_them(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    excluded = [{"object": "product", "id": " shoes "}, {"object": "sku", "id": "u\u0308"}]
    unit = {"type": "UNIT", "unit_off": 1, "unit_type": " tea\u200b", "effect": "ADD_NEW_ITEMS"}

    made = await deaf_shop.campaign(
        applicable_to={"excluded": excluded}, voucher={"type": "DISCOUNT_VOUCHER", "discount": unit}
    )

    [(_, _, left_out)] = await published(campaigns_db)
    assert (left_out.products, left_out.skus) == (("shoes",), ("\u00fc",))
    assert made["voucher"]["discount"]["unit_type"] == "tea"


async def listed(shop: Shop, path: str, order: str, name: str = "data") -> list[str]:
    """Return names, in pages of two, as one who goes through the list has them."""
    found: list[str] = []
    for page in (1, 2, 3):
        asked = {"order": order, "limit": "2", "page": str(page)}
        answer = (await shop.call("GET", path, params=asked)).json()
        found += [each.get("name") or each.get("sku") or "-" for each in answer[name]]
    return found


async def test_products_skus_and_collections_come_in_the_order_that_is_asked_for(
    shop: Shop,
) -> None:
    for name, source in (("beta", "2"), ("Alpha", "3"), ("gamma", None), (None, "1")):
        await shop.made("/v1/products", {"name": name, "source_id": source})
    for sku, source in (("m", "1"), ("S", "3"), ("l", "2")):
        await shop.made("/v1/products/2/skus", {"sku": sku, "source_id": f"2-{source}"})
    products = [{"source_id": "3"}, {"source_id": "2"}]
    feet = await shop.made("/v1/product-collections", {"name": "Feet", "products": products})
    await shop.made("/v1/product-collections", {"name": "arms"})
    await shop.call("PUT", "/v1/products/3", {"price": 5})
    await shop.call("PUT", f"/v1/product-collections/{feet['id']}", {"name": "Toes"})

    for path, of, orders in (
        (
            "/v1/products",
            "products",
            {
                "created_at": ["beta", "Alpha", "gamma", "-"],
                "updated_at": ["beta", "gamma", "-", "Alpha"],
                "name": ["Alpha", "beta", "gamma", "-"],
                "source_id": ["-", "beta", "Alpha", "gamma"],
            },
        ),
        (
            "/v1/products/2/skus",
            "skus",
            {"created_at": ["m", "S", "l"], "sku": ["l", "m", "S"], "source_id": ["m", "l", "S"]},
        ),
        (
            "/v1/product-collections",
            "data",
            {
                "created_at": ["Toes", "arms"],
                "updated_at": ["arms", "Toes"],
                "name": ["arms", "Toes"],
            },
        ),
        (
            f"/v1/product-collections/{feet['id']}/products",
            "data",
            {"name": ["Alpha", "beta"], "source_id": ["beta", "Alpha"]},
        ),
    ):
        for order, expected in orders.items():
            assert await listed(shop, path, order, of) == expected, (path, order)
            assert await listed(shop, path, f"-{order}", of) == expected[::-1], (path, order)
        refused = await shop.call("GET", path, params={"order": "price"})
        assert (refused.status_code, refused.json()["key"]) == (400, "invalid_query_params")
        assert "Query parameter order" in refused.json()["message"]
        assert "created_at" in refused.text
