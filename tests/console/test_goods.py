"""Products, SKUs and collections in front of the platform: made, found, collected, named, ended."""

from collections.abc import Callable

import pytest
from kit import deals
from kit.people import Shop, Somebody

SAID = "At least one item is in the collection Shoes"


@pytest.fixture
def shoes(shop: Shop) -> str:
    shop.made("/v1/products", {"source_id": "shoe", "name": "Shoe"})
    body = {"name": "Shoes", "products": [{"source_id": "shoe"}]}
    return str(shop.made("/v1/product-collections", body)["id"])


def test_a_product_and_its_sku_are_made_found_changed_and_deleted(
    owner: Somebody, shop: Shop
) -> None:
    browser, base = owner.browser, f"{owner.home}/products"
    new = f"{base}/new"
    fields = {"name": "Red shoe", "source_id": "shoe-1", "price": "89", "metadata": "brand=A"}

    wrong = browser.send(browser.open(new), new, **fields | {"price": "dear"})
    page = browser.follow(browser.send(wrong, new, **fields))
    again = browser.send(browser.open(new), new, source_id="shoe-1", name="Another")

    assert wrong.status == 422
    assert "89.00 EUR" in page.text
    assert again.status == 422
    assert "one with this id already" in again.text
    [stored] = shop.listed("/v1/products", owner)
    assert (stored["name"], stored["price"]) == ("Red shoe", 8900)
    assert stored["metadata"] == {"brand": "A"}
    here = f"{base}/{stored['id']}"
    sku = f"{here}/skus/new"
    browser.send(browser.open(sku), sku, sku="Size 42", source_id="shoe-1-42")
    assert "shoe-1-42" in browser.open(here).text
    found = browser.get(f"{base}?id=shoe-1-42")
    assert found.answer.headers["location"] == here
    assert "No product and no SKU has this id" in browser.open(f"{base}?id=boot").text
    edit = f"{here}/edit"
    browser.send(browser.open(edit), edit, price="", metadata="")
    [stored] = shop.listed("/v1/products", owner)
    assert (stored["price"], stored["metadata"]) == (None, {})

    kept = browser.follow(browser.send(browser.open(here), f"{here}/delete"))
    assert "is deleted" not in kept.text
    [of] = shop.listed(f"/v1/products/{stored['id']}/skus", owner)
    place = f"{here}/skus/{of['id']}"
    assert (
        "Size 42 is deleted"
        in browser.follow(browser.send(browser.open(f"{place}/edit"), f"{place}/delete")).text
    )
    gone = browser.follow(browser.send(browser.open(here), f"{here}/delete"))
    assert "Red shoe is deleted" in gone.text


def test_a_collection_holds_what_is_listed_and_says_what_is_not(
    owner: Somebody, shop: Shop
) -> None:
    browser, base = owner.browser, f"{owner.home}/collections"
    for source_id in ("shoe", "boot"):
        shop.made("/v1/products", {"source_id": source_id})
    new = f"{base}/new"

    wrong = browser.send(browser.open(new), new, name="Shoes", products="shoe\nhat")
    page = browser.follow(browser.send(wrong, new, products="shoe\nboot\nshoe"))

    assert wrong.status == 422
    assert "There is no hat: it has to be made first" in wrong.text
    assert 'id="products-error"' in wrong.answer.text
    assert "boot" in page.text
    [stored] = shop.listed("/v1/product-collections", owner)
    assert stored["products_count"] == 2
    edit = f"{base}/{stored['id']}/edit"
    form = browser.open(edit)
    assert sorted(dict(form.form(edit).fields)["products"].split()) == ["boot", "shoe"]
    browser.send(form, edit, products="boot")
    assert (
        "shoe"
        not in browser.open(f"{base}/{stored['id']}").form(f"{base}/{stored['id']}/delete").action
    )
    [stored] = shop.listed("/v1/product-collections", owner)
    assert stored["products_count"] == 1


def test_a_rule_names_collections_by_boxes_and_says_their_names(
    owner: Somebody, shop: Shop, shoes: str
) -> None:
    browser, base = owner.browser, f"{owner.home}/rules"
    new = f"{base}/new"
    form = browser.open(new)
    chosen = {"name": "Shoes alone", "conditions__0__name": "order.items.any"}
    drawn = browser.post(f"{base}/draft", form.form(new).filled(**chosen))

    made = browser.follow(browser.send(drawn, new, conditions__0__collections=shoes))

    assert "in the collection Shoes" in drawn.text
    assert SAID in made.text
    [stored] = shop.listed("/v1/validation-rules", owner)
    [named] = stored["rules"]["1"]["conditions"]["$is"]
    assert (named["object"], named["id"]) == ("products_collection", shoes)
    edit = f"{base}/{stored['id']}/edit"
    page = browser.open(edit)
    assert "a manner that this form cannot show" not in page.text
    browser.send(page, edit, name="Shoes")
    [same] = shop.listed("/v1/validation-rules", owner)
    assert same["rules"] == stored["rules"]


def test_a_discount_is_for_collections_of_a_campaign_and_of_a_code_alone(
    owner: Somebody, shop: Shop, shoes: str
) -> None:
    browser, home = owner.browser, owner.home
    made = deals.campaign(shop, "AUTUMN10")
    place = f"{home}/campaigns/{made['id']}"
    edit = browser.open(f"{place}/edit")
    wanted = {"applicable_to__included_collections": shoes, "applicable_to__excluded": "boot"}

    saved = browser.follow(browser.send(edit, f"{place}/edit", **wanted))

    assert "only the collection Shoes; not boot" in saved.text
    new = f"{home}/codes/new"
    shop.made("/v1/categories", {"name": "Welcome", "hierarchy": 1})
    terms = {"code": "ALONE", "voucher__discount__percent_off": "10", "category": "Welcome"}
    typed = browser.open(new).form(new).filled(**wanted, **terms | {"category": "Autumn"})
    wrong = browser.post(new, typed)
    page = browser.follow(browser.send(wrong, new, **terms, rollback__use=[]))
    assert 'id="category-error"' in wrong.answer.text
    assert "only the collection Shoes; not boot" in page.text
    assert "Give back budgets, and not the use" in page.text
    again = browser.open(f"{home}/codes/ALONE/edit")
    browser.send(again, f"{home}/codes/ALONE/edit", rollback__use="on")
    stored = shop.http.get("/v1/vouchers/ALONE", headers=shop.keys).json()
    assert stored["rollback"]["use"]
    assert [each["id"] for each in stored["applicable_to"]["included"]] == [shoes]
    assert stored["category"] == "Welcome"


def test_a_viewer_reads_products_and_changes_none(
    sign_in: Callable[..., Somebody], shoes: str
) -> None:
    viewer = sign_in("viewer")
    base = viewer.home

    assert "Shoe" in viewer.browser.open(f"{base}/products").text
    assert "Shoe" in viewer.browser.open(f"{base}/collections/{shoes}").text
    for path in ("/products/new", "/collections/new", f"/collections/{shoes}/edit"):
        assert viewer.browser.get(f"{base}{path}").status == 403
