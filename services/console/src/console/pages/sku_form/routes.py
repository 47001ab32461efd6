"""A SKU of a product made, edited and ended."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.web import defined, goods_form
from console.web.frame import Notice
from console.web.goods import called
from console.web.pages import Page
from console.web.terms import Typed
from console.web.visit import Visit

PLACE: Final = "/p/{project}/products/{product}/skus"
NAME: Final = "sku"


async def new(visit: Visit) -> Response:
    visit.query(())
    return await _page(visit, None)


async def create(visit: Visit) -> Response:
    reading = _reading(visit)
    body = goods_form.new(reading, NAME)
    if await defined.is_there(visit, "skus", body.get("source_id")):  # the API would change it
        reading.faults["source_id"] = say("goods.taken")
    if reading.faults:
        return await new(visit.with_form(visit.form.wrong(None, **reading.faults)))
    made = await visit.api.post(f"{_product(visit)}/skus", body, key=visit.form.key)
    return _done(visit, say("goods.created", name=called(made)))


async def edit(visit: Visit) -> Response:
    visit.query(())
    sku: dict[str, Any] = await visit.api.get(_of_api(visit))
    initial = goods_form.filled(sku, NAME, visit.project.currency)
    return await _page(visit.with_form(visit.form.starting(initial, sku["version"])), sku)


async def save(visit: Visit) -> Response:
    reading = _reading(visit)
    body = goods_form.changes(reading, NAME)
    if reading.faults:
        return await edit(visit.with_form(visit.form.wrong(None, **reading.faults)))
    sku = await visit.api.get(_of_api(visit))
    body["unset_metadata_fields"] = sorted(sku["metadata"].keys() - body["metadata"].keys())
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    saved = await visit.api.put(_of_api(visit), body)
    return _done(visit, say("goods.saved", name=called(saved)))


async def delete(visit: Visit) -> Response:
    sku = await visit.api.get(_of_api(visit))
    await visit.api.delete(_of_api(visit))
    return _done(visit, say("goods.deleted", name=called(sku)))


async def _page(visit: Visit, sku: dict[str, Any] | None) -> Response:
    product = await visit.api.get(_product(visit))
    title = say("goods.new_sku") if sku is None else say("goods.edit", name=called(sku))
    view = {"sku": sku, "product": product, "product_name": called(product)}
    return visit.page("pages/sku_form/page.html", view, title=title)


def _done(visit: Visit, said: str) -> Response:
    return visit.redirect(visit.path("products", visit.named("product")), Notice("ok", said))


def _reading(visit: Visit) -> Typed:
    return Typed(visit.form, visit.project.currency, visit.zone)


def _product(visit: Visit) -> str:
    return f"/v1/products/{segment(visit.named('product'))}"


def _of_api(visit: Visit) -> str:
    return f"{_product(visit)}/skus/{segment(visit.named('sku'))}"


PAGES: Final = (
    Page(f"{PLACE}/new", new, create, section="products", scope="campaigns"),
    Page(PLACE + "/{sku}/edit", edit, save, section="products", scope="campaigns"),
    Page(PLACE + "/{sku}/delete", save=delete, section="products", scope="campaigns"),
)
