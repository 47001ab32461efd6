"""Why something was not deleted: what uses it, as far as the API names it. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from console.design.words import say

KINDS: Final = ("campaign", "products_collection", "sku", "validation_rules", "voucher")


def said(told: Mapping[str, Any]) -> str:
    """Say that it stays, and name the first that use it."""
    first, total = told.get("used_by") or [], told.get("used_by_total") or 0
    parts = [_named(each) for each in first]
    if not parts:
        return say("forms.in_use")
    if total > len(parts):
        parts.append(say("forms.more_users", n=total - len(parts)))
    return say("forms.in_use_by", users=", ".join(parts))


def _named(user: Mapping[str, Any]) -> str:
    kind, name = user["object"], user["name"]
    return say(f"forms.user_{kind}", name=name) if kind in KINDS else str(name)
