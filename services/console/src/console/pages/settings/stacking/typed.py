"""The form of the stacking rules as the API takes it, and the other way. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.web.forms import Form, Initial
from console.web.terms import Typed

LIMITS: Final = (
    "applicable_redeemables_limit",
    "applicable_redeemables_per_category_limit",
    "applicable_exclusive_redeemables_limit",
    "applicable_exclusive_redeemables_per_category_limit",
)
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "redeemables_application_mode": ("ALL", "PARTIAL"),
    "redeemables_sorting_rule": ("REQUESTED_ORDER", "CATEGORY_HIERARCHY"),
    "redeemables_no_effect_rule": ("REDEEM_ANYWAY", "SKIP"),
}
GROUPS: Final = ("exclusive_categories", "joint_categories")
OF_CATEGORIES: Final = "applicable_redeemables_category_limits"


def body(typed: Typed, categories: Sequence[str]) -> dict[str, Any]:
    """Return all of it: a limit that is empty is the usual one."""
    form = typed.form
    of_each = {each: typed.whole(f"{OF_CATEGORIES}.{each}") for each in categories}
    return {
        **{name: typed.whole(name) for name in LIMITS},
        **{name: form.one(name) or None for name in CHOICES},
        **{name: list(form.many(name)) for name in GROUPS},
        OF_CATEGORIES: {each: limit for each, limit in of_each.items() if limit is not None},
    }


def filled(rules: Mapping[str, Any]) -> Initial:
    """Return what stands in the fields: what is read as it was."""
    of_each = rules[OF_CATEGORIES]
    return {
        **{name: str(rules[name]) for name in LIMITS},
        **{name: rules[name] for name in (*CHOICES, *GROUPS)},
        **{f"{OF_CATEGORIES}.{each}": str(limit) for each, limit in of_each.items()},
    }


def version(form: Form, rules: Mapping[str, Any]) -> int | None:
    """Return which version the API compares: the one that was read, or None.

    It is the project's, which other changes raise too: while the rules are as they were when the
    form was shown, it is that of now.
    """
    is_same = Form().starting(filled(rules)).initial == form.before
    return int(rules["version"]) if is_same else form.read_version
