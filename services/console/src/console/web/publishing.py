"""How long a code holds once a customer was given it, and how often one may be: in a form. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.web import window_fields, windows
from console.web.forms import Form
from console.web.terms import Typed

LASTS, ONCE = "activity_duration_after_publishing", "join_once"
USUAL_UNIT: Final = "days"


def read(typed: Typed) -> dict[str, Any]:
    """Return the two fields of the API; null where no number was typed."""
    return {LASTS: window_fields.length(typed, LASTS), ONCE: typed.form.has(ONCE)}


def filled(campaign: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the fields: what is read as it was."""
    number, unit = "", USUAL_UNIT
    if (lasts := campaign[LASTS]) is not None:
        many, unit = windows.count(windows.seconds(lasts))
        number = str(many)
    return {LASTS: number, f"{LASTS}_unit": unit, ONCE: "on" if campaign[ONCE] else ""}


def units(form: Form) -> Sequence[Option]:
    return window_fields.units(form, LASTS, USUAL_UNIT)


def sentences(campaign: Mapping[str, Any]) -> list[str]:
    """Say both, of what says nothing nothing."""
    lasts = campaign[LASTS]
    found = [] if lasts is None else [say("publications.lasts", span=windows.span(lasts))]
    return [*found, say("publications.once")] if campaign[ONCE] else found
