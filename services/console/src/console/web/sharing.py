"""What people type to share codes, and the way back from it."""

from collections.abc import Mapping
from typing import Any, Final

from console.api.client import segment
from console.design.words import say
from console.web.forms import Form, whole
from console.web.visit import Visit

# Which field belongs to which kind of share. The name belongs to all.
KIND_OF: Final = {"quantity": "allotment", "codes": "codes"}


def typed(form: Form) -> dict[str, Any]:
    """Return a share as the API is told, but for whose codes they are."""
    kind = form.one("kind")
    body: dict[str, Any] = {"kind": kind, "name": form.text("name")}
    quantity = form.text("quantity")
    if quantity is not None:
        number = whole(quantity)
        body["quantity"] = quantity if number is None else number
    if kind == "codes":
        body["codes"] = form.one("codes").split()
    return body


def superfluous(form: Form) -> dict[str, str]:
    """Say what was typed for another kind: it must not be passed over in silence."""
    kind = form.one("kind")
    return {
        name: say(f"shares.superfluous_{name}")
        for name, its in KIND_OF.items()
        if its != kind and form.text(name) is not None
    }


def undo_of(visit: Visit, share: Mapping[str, Any]) -> str:
    """Return where a form withdraws what was just shared."""
    place = visit.path("partners", share["partner_id"], "shares")
    return f"{place}/{segment(share['id'])}/withdraw"
