"""A code's form as the API takes it, and a code of the API as the form is filled. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.web import (
    applicable,
    discount_fields,
    limit_rows,
    metadata,
    rollback_fields,
    rule_choice,
    terms,
    window_fields,
)
from console.web.forms import Form
from console.web.terms import Typed

QUANTITY: Final = "redemption.quantity"
OWN: Final = ("total_limit", "per_customer_limit")
EMPTY: Final[Mapping[str, str]] = {
    discount_fields.TYPE: discount_fields.PERCENT,
    QUANTITY: "1",
    **rollback_fields.USUAL,
}


def new(typed: Typed, campaign_id: str | None) -> dict[str, Any]:
    """Return the body that makes a code; of a campaign it has its terms, and rules beside."""
    body: dict[str, Any] = {
        "type": "DISCOUNT_VOUCHER",
        "code": typed.form.text("code"),
        "active": not typed.form.has("off"),
        "redemption": {"quantity": typed.whole(QUANTITY)},
        "metadata": metadata.read(typed, "metadata"),
    }
    if campaign_id is not None:
        body["campaign_id"] = campaign_id
        body[rule_choice.FIELD] = rule_choice.chosen(typed.form) or None
    else:
        body |= own(typed)
    return {name: value for name, value in body.items() if value is not None}


def changes(typed: Typed, *, is_standalone: bool) -> dict[str, Any]:
    """Return the body of a PUT."""
    body: dict[str, Any] = {"redemption": {"quantity": typed.whole(QUANTITY)}}
    body["metadata"] = metadata.read(typed, "metadata")
    body[rule_choice.FIELD] = rule_choice.chosen(typed.form)
    return body | own(typed) if is_standalone else body


def own(typed: Typed) -> dict[str, Any]:
    """Return the terms of a code that stands alone."""
    return {
        "discount": discount_fields.read(typed),
        "applicable_to": applicable.read(typed),
        "category": typed.form.text("category"),
        **terms.validity(typed),
        **window_fields.read(typed),
        **{name: typed.whole(name) for name in OWN},
        "limits": limit_rows.read(typed),
        "rollback": rollback_fields.read(typed.form),
        rule_choice.FIELD: rule_choice.chosen(typed.form),
    }


def has_own(typed: Typed) -> bool:
    """Say whether terms were typed, as a code of a campaign cannot have."""
    forms = typed.form, Form(typed=Form().starting(EMPTY).initial)
    given, empty = (own(Typed(form, typed.currency, typed.zone)) for form in forms)
    given[rule_choice.FIELD] = []  # beside those of its campaign
    return given != empty


def filled(code: Mapping[str, Any], typed: Typed) -> dict[str, str | Sequence[str]]:
    return {
        **discount_fields.filled(code["discount"], typed.currency),
        **terms.filled(code, typed.zone),
        **window_fields.filled(code),
        **{name: terms.text(code[name]) for name in OWN},
        **limit_rows.filled(code["limits"], typed.currency),
        **applicable.filled(code["applicable_to"]),
        **rollback_fields.filled(code["rollback"]),
        "category": code["category"] or "",
        rule_choice.FIELD: code["validation_rules"],
        QUANTITY: terms.text(code["redemption"]["quantity"]),
        "metadata": metadata.written(code["metadata"]),
    }
