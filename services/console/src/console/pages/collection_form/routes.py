"""A collection of products made and edited."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.collection_form import typed
from console.web import defined
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/collections"
KIND: Final = "product-collections"


async def new(visit: Visit) -> Response:
    visit.query(())
    return visit.page("pages/collection_form/page.html", None, title=say("goods.new_collection"))


async def create(visit: Visit) -> Response:
    made = await visit.api.post(f"/v1/{KIND}", typed.body(visit.form), key=visit.form.key)
    notice = Notice("ok", say("goods.created", name=made["name"]))
    return visit.redirect(visit.path("collections", made["id"]), notice)


async def edit(visit: Visit) -> Response:
    visit.query(())
    collection: dict[str, Any] = await visit.api.get(_of_api(visit))
    holds = await defined.everything(visit, f"{KIND}/{segment(collection['id'])}/products")
    initial = typed.filled(collection, holds)
    title = say("goods.edit", name=collection["name"])
    visit = visit.with_form(visit.form.starting(initial, collection["version"]))
    return visit.page("pages/collection_form/page.html", collection, title=title)


async def save(visit: Visit) -> Response:
    body = typed.body(visit.form)
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    saved = await visit.api.put(_of_api(visit), body)
    notice = Notice("ok", say("goods.saved", name=saved["name"]))
    return visit.redirect(visit.path("collections", saved["id"]), notice)


def _of_api(visit: Visit) -> str:
    return f"/v1/{KIND}/{segment(visit.named('collection'))}"


PAGES: Final = (
    Page(f"{PLACE}/new", new, create, section="products", scope="campaigns"),
    Page(PLACE + "/{collection}/edit", edit, save, section="products", scope="campaigns"),
)
