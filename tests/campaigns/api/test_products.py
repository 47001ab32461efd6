"""Products, SKUs and collections as clients make them."""

from typing import Any

import pytest
from kit.campaigns_samples import Shop

from campaigns.product_collections import verbs


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
