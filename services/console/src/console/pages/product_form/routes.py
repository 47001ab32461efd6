"""A product made and edited."""

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

PLACE: Final = "/p/{project}/products"
NAME: Final = "name"


async def new(visit: Visit) -> Response:
    visit.query(())
    return visit.page("pages/product_form/page.html", None, title=say("goods.new_product"))


async def create(visit: Visit) -> Response:
    reading = _reading(visit)
    body = goods_form.new(reading, NAME)
    if await defined.is_there(visit, "products", body.get("source_id")):  # the API would change it
        reading.faults["source_id"] = say("goods.taken")
    if reading.faults:
        return await new(visit.with_form(visit.form.wrong(None, **reading.faults)))
    made = await visit.api.post("/v1/products", body, key=visit.form.key)
    notice = Notice("ok", say("goods.created", name=called(made)))
    return visit.redirect(visit.path("products", made["id"]), notice)


async def edit(visit: Visit) -> Response:
    visit.query(())
    product: dict[str, Any] = await visit.api.get(_of_api(visit))
    initial = goods_form.filled(product, NAME, visit.project.currency)
    title = say("goods.edit", name=called(product))
    visit = visit.with_form(visit.form.starting(initial, product["version"]))
    return visit.page("pages/product_form/page.html", product, title=title)


async def save(visit: Visit) -> Response:
    reading = _reading(visit)
    body = goods_form.changes(reading, NAME)
    if reading.faults:
        return await edit(visit.with_form(visit.form.wrong(None, **reading.faults)))
    product = await visit.api.get(_of_api(visit))
    body["unset_metadata_fields"] = sorted(product["metadata"].keys() - body["metadata"].keys())
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    saved = await visit.api.put(_of_api(visit), body)
    notice = Notice("ok", say("goods.saved", name=called(saved)))
    return visit.redirect(visit.path("products", saved["id"]), notice)


def _reading(visit: Visit) -> Typed:
    return Typed(visit.form, visit.project.currency, visit.zone)


def _of_api(visit: Visit) -> str:
    return f"/v1/products/{segment(visit.named('product'))}"


PAGES: Final = (
    Page(f"{PLACE}/new", new, create, section="products", scope="campaigns"),
    Page(PLACE + "/{product}/edit", edit, save, section="products", scope="campaigns"),
)
