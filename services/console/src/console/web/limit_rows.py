"""Limits beside the usual ones, as rows of a form that read like a sentence. Pure.

`read` is what the API is told, `filled` what it told, `shown` what the rows look like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.format import money
from console.web import rows
from console.web.forms import Form
from console.web.terms import Typed

NAME: Final = "limits"
MOST: Final = 10
REDEMPTIONS = "redemptions"
BUDGETS: Final = ("discount_amount", "orders_amount")  # in money
WHAT: Final = (REDEMPTIONS, *BUDGETS)
OF: Final = ("customer", "code", "customer_and_code", "campaign")
PER: Final = ("day", "week", "month", "")  # empty: once and for all
USUAL: Final = {"what": REDEMPTIONS, "of": "customer", "per": "month"}
# Without a period they have fields of their own, and are said there alone.
ELSEWHERE: Final = frozenset({"campaign", "customer", "code"})


@dataclass(frozen=True, slots=True)
class Row:
    """A limit as it is typed. `id` is what the summary leads to where something is wrong."""

    name: str
    label: str
    id: str
    amount: str
    whats: Sequence[Option]
    ofs: Sequence[Option]
    pers: Sequence[Option]
    error: str


def compacted(form: Form) -> Form:
    """Leave out the rows without an amount: they are no limits."""
    return rows.compacted(form, NAME, ("amount",))


def shown(form: Form, currency: str) -> tuple[Row, ...]:
    """Return the rows that there are, and a few empty ones."""
    return tuple(
        _row(form, at, currency) for at in range(min(MOST, rows.count(form, NAME) + rows.SPARE))
    )


def read(typed: Typed) -> list[dict[str, Any]]:
    """Return the limits for the API, in the order of the rows."""
    found: list[dict[str, Any]] = []
    for at in range(rows.count(typed.form, NAME)):
        row = f"{NAME}.{at}"
        limit = _limit(typed, row)
        if (fault := _refused(limit, found)) is not None:
            typed.faults.setdefault(f"{row}.amount", fault)
        found.append(limit)
    return found


def filled(limits: Sequence[Mapping[str, Any]] | None, currency: str) -> dict[str, str]:
    """Return what stands in the rows for these limits: what is read as it was."""
    found: dict[str, str] = {}
    for at, limit in enumerate(limits or ()):
        [what] = [name for name in WHAT if limit[name] is not None]
        most = limit[what]
        row = {
            "amount": money.plain(most, currency) if what in BUDGETS else str(most),
            "what": what,
            "of": limit["of"],
            "per": limit["per"] or "",
        }
        found |= {f"{NAME}.{at}.{part}": value for part, value in row.items()}
    return found


def _limit(typed: Typed, row: str) -> dict[str, Any]:
    form, name = typed.form, f"{row}.amount"
    what = _chosen(form.one(f"{row}.what"))
    return {
        "of": form.one(f"{row}.of"),
        "per": form.text(f"{row}.per"),
        **dict.fromkeys(WHAT),
        what: typed.amount(name) if what in BUDGETS else typed.whole(name),
    }


def _chosen(what: str) -> str:
    return what if what in BUDGETS else REDEMPTIONS


def _refused(limit: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> str | None:
    """Say why the API would refuse it, where it is a matter of the form."""
    is_budget = any(limit[name] is not None for name in BUDGETS)
    if not is_budget and limit["per"] is None and limit["of"] in ELSEWHERE:
        return say(f"limits.elsewhere_{limit['of']}")
    if any(_limited(each) == _limited(limit) for each in others):
        return say("limits.twice")
    return None


def _limited(limit: Mapping[str, Any]) -> tuple[Any, ...]:
    budgets = [limit[name] is not None for name in BUDGETS]
    return (limit["of"], limit["per"], *budgets)


def _row(form: Form, at: int, currency: str) -> Row:
    name = f"{NAME}.{at}"
    faulty, error = rows.fault(form, name)
    chosen = {
        part: form.one(f"{name}.{part}") if f"{name}.{part}" in form.names else usual
        for part, usual in USUAL.items()
    }
    return Row(
        name,
        say("limits.row", n=at + 1),
        faulty or f"{name}.amount",
        form.one(f"{name}.amount"),
        tuple(
            Option(what, _what(what, currency), what == _chosen(chosen["what"])) for what in WHAT
        ),
        tuple(Option(of, say(f"limits.of_{of}"), of == chosen["of"]) for of in OF),
        tuple(Option(per, say(f"limits.per_{per or 'ever'}"), per == chosen["per"]) for per in PER),
        error,
    )


def _what(what: str, currency: str) -> str:
    if what == REDEMPTIONS:
        return say("limits.what_redemptions")
    return say(f"limits.what_{what}", currency=currency)
