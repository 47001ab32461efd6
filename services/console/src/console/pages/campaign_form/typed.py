"""A campaign's form as the API takes it. Pure: what single fields mean, `web.terms` says."""

from collections.abc import Mapping
from typing import Any, Final

from console.design.words import say
from console.web import (
    applicable,
    discount_fields,
    limit_rows,
    publishing,
    rollback_fields,
    rule_choice,
    terms,
    window_fields,
)
from console.web.terms import Typed

UNIQUE, PUBLIC, NONE = "unique", "public", "none"
PER_CODE: Final = "voucher.redemption.quantity"
ONCE: Final[Mapping[str, Any]] = {"quantity": 1, "quantity_given": True}
NO_LIMIT: Final = "voucher.redemption.no_limit"  # of each code, and said to be none
CONFIG: Final = ("prefix", "postfix", "pattern", "charset")


def changes(typed: Typed) -> dict[str, Any]:
    """Return the body of a PUT: all that may change after a campaign was made."""
    form = typed.form
    return {
        **terms.validity(typed),
        **window_fields.read(typed),
        **publishing.read(typed),
        "name": form.text("name"),
        "category": form.text("category"),
        "total_limit": typed.whole("total_limit"),
        "per_customer_limit": typed.whole("per_customer_limit"),
        "limits": limit_rows.read(typed),
        "applicable_to": applicable.read(typed),
        "rollback": rollback_fields.read(form),
        rule_choice.FIELD: rule_choice.chosen(form),
        "description": form.text("description"),
        "contract_notes": form.text("contract_notes"),
        "deal_url": form.text("deal_url"),
        "landing_url": form.text("landing_url"),
        "margin_basis_points": typed.basis_points("margin_basis_points"),
        "commission_plan": {
            "share_basis_points": typed.basis_points("commission_plan.share_basis_points"),
            "flat_minor": typed.amount("commission_plan.flat_minor"),
            "new_customer_bonus_minor": typed.amount("commission_plan.new_customer_bonus_minor"),
        },
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": discount_fields.read(typed),
            "redemption": redemption(typed),
            "code_config": _code_config(typed),
        },
    }


def campaign(typed: Typed, partner_id: str | None) -> dict[str, Any]:
    """Return the body that makes a campaign, without what was left empty."""
    form = typed.form
    body = changes(typed) | {
        "partner_id": partner_id,
        "channel": form.text("channel"),
        "active": not form.has("off"),
        "vouchers_count": typed.whole("vouchers_count") if form.one("codes") == UNIQUE else None,
    }
    if form.one("codes") != UNIQUE:  # how unique codes look is not asked
        body["voucher"].pop("code_config")
    elif not body["voucher"]["redemption"]["quantity_given"]:
        body["voucher"]["redemption"] = dict(ONCE)
    given = {name: value for name, value in body.items() if value is not None}
    if form.one("codes") == PUBLIC and form.text("public_code") is None:
        typed.faults["public_code"] = say("campaign_form.no_code")
    return given


def draft(typed: Typed, *, is_edit: bool) -> dict[str, Any]:
    """Return the body of which a preview is asked."""
    body = campaign(typed, None)
    if is_edit:
        body.pop("name", None)  # it is taken: by itself
        body["voucher"]["redemption"] = redemption(typed)
    elif typed.form.one("codes") == PUBLIC:  # one code, which has no limit unless one was said
        body["vouchers_count"] = 1
        body["voucher"]["redemption"] |= {"quantity_given": True}
    return body


def leave_out(body: dict[str, Any], name: str) -> None:
    """Leave out a field; of a list, which has places and no names, all of it."""
    step, _, rest = name.partition(".")
    if rest and isinstance(body.get(step), dict):
        leave_out(body[step], rest)
    else:
        body.pop(step, None)


def redemption(typed: Typed) -> dict[str, Any]:
    """Read how often each code redeems. Empty is not "without limit", which has a box of its own.

    It is as usual: a unique code once, and a public one, which the first shopper would use up, as
    often as the limits allow.
    """
    quantity, no_limit = typed.whole(PER_CODE), typed.form.has(NO_LIMIT)
    if no_limit and typed.form.text(PER_CODE) is not None:
        typed.faults.setdefault(PER_CODE, say("campaign_form.limit_and_none"))
    return {"quantity": quantity, "quantity_given": quantity is not None or no_limit}


def _code_config(typed: Typed) -> dict[str, Any]:
    """Return all of it: null is the usual, so what was emptied is emptied."""
    texts = {name: typed.form.text(f"voucher.code_config.{name}") for name in CONFIG}
    return {**texts, "length": typed.whole("voucher.code_config.length")}
