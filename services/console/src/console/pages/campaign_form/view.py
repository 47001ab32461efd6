"""What the form of a campaign shows beside its fields: choices, and what it would come to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Option
from console.design.words import say
from console.format import instants, money
from console.pages.campaign_form.typed import NONE, PUBLIC, UNIQUE
from console.web import applicable, discount_fields, forms
from console.web.forms import Form, Problem
from console.web.frame import Notice
from console.web.limit_rows import Row
from console.web.rule_choice import Menus
from console.web.rules import Kept
from console.web.window_fields import Fields

CHANNELS: Final = ("newsletter", "coupon site", "influencer", "affiliate", "app", "print", "direct")
CHARSETS: Final[Mapping[str, str]] = {
    "": "campaign_form.charset_usual",
    "ABCDEFGHJKLMNPQRSTUVWXYZ23456789": "campaign_form.charset_clear",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ": "campaign_form.charset_upper",
    "0123456789": "campaign_form.charset_digits",
}

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the campaign would be, were it saved as it stands."""

    codes: Sequence[str]
    facts: Sequence[Fact]
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class View:
    """The form: of which campaign (None: a new one), and what there is to choose from."""

    campaign: Mapping[str, Any] | None
    action: str
    preview_action: str
    cancel: str
    currency: str
    zone: str
    discount: discount_fields.Fields
    applicable: applicable.Fields
    kinds: Sequence[Option]
    partners: Sequence[Option]
    categories: Sequence[Option]
    channels: Sequence[Option]
    charsets: Sequence[Option]
    limits: Sequence[Row]
    windows: Fields
    lasting: Sequence[Option]  # units of how long codes hold once they are given
    rules: Menus
    wanted: Sequence[Kept]  # the rules that are chosen
    preview: Preview | None

    @property
    def is_edit(self) -> bool:
        return self.campaign is not None


def kinds(form: Form) -> tuple[Option, ...]:
    chosen = form.one("codes") or UNIQUE
    return tuple(
        Option(kind, say(f"campaign_form.codes_{kind}"), chosen == kind)
        for kind in (UNIQUE, PUBLIC, NONE)
    )


def charsets(form: Form) -> tuple[Option, ...]:
    """Return the sets of characters, with the one that is in use even if it is none of ours."""
    used = form.one("voucher.code_config.charset")
    usual = "".join(sorted(used)) == "".join(sorted(_ALL))
    known = [Option(chars, say(key), chosen=chars == used) for chars, key in CHARSETS.items()]
    if used and not usual and used not in CHARSETS:
        known.append(Option(used, used, chosen=True))
    return tuple(known)


_ALL: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def options(names: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(name, "") for name in names)


def created(name: str, codes_count: int | None, jobs: str) -> Notice:
    """Say what was made, and where to see the codes come that are not there yet."""
    said = say("campaign_form.created", name=name)
    if not codes_count:
        return Notice("ok", said)
    return Notice("ok", f"{said} {say('campaign_form.being_made', n=codes_count)}", jobs=jobs)


def uses(per_code: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Say how often each code redeems: left empty, a public code is not like a unique one."""
    if not per_code["quantity_given"]:
        text = say("campaign_form.preview_usual")
    elif per_code["quantity"] is None:
        text = say("campaign_form.preview_no_quantity")
    else:
        text = say("campaign_form.preview_times", n=per_code["quantity"])
    return ((say("campaign_form.preview_uses"), text),)


def no_bound(per_code: Mapping[str, Any], *, of_codes: bool) -> str:
    """Say what it means that no number limits all: perhaps it is that of codes, not known here."""
    unlimited = per_code["quantity_given"] and per_code["quantity"] is None
    if unlimited and not of_codes:
        return say("campaign_form.preview_no_limit")
    return say("campaign_form.preview_by_codes")


def preview(
    answer: Mapping[str, Any],
    zone: ZoneInfo,
    uses: Sequence[Fact],
    bound: str,
    *,
    draws_codes: bool,
) -> Preview:
    """Say in words what the API has made of the fields; codes only where some are drawn."""
    currency = answer["currency"]
    space = _space(answer) if draws_codes else ()
    facts = [*_sample(answer, currency), *uses, *space, *_end(answer, zone)]
    facts += _spent(answer, currency, bound)
    problems = [forms.problem(each["field"], each["message"]) for each in answer["problems"]]
    codes = answer["sample_codes"] if draws_codes else None
    return Preview(codes or (), facts, problems)


def _sample(answer: Mapping[str, Any], currency: str) -> list[Fact]:
    found: list[Fact] = []
    if (sample := answer["sample"]) is not None:
        written = {n: money.money(sample[f"{n}_minor"], currency) for n in ("order", "discount")}
        to_pay = money.money(sample["to_pay_minor"], currency)
        basket = say("campaign_form.preview_basket", order=written["order"], currency=currency)
        found.append(
            (basket, say("campaign_form.preview_off", off=written["discount"], pay=to_pay))
        )
    if (earned := answer["commission"]) is not None:
        known = money.money(earned["known_customer_minor"], currency)
        new = money.money(earned["new_customer_minor"], currency)
        text = known if known == new else say("campaign_form.preview_both", known=known, new=new)
        found.append((say("campaign_form.preview_commission", currency=currency), text))
    return found


def _space(answer: Mapping[str, Any]) -> list[Fact]:
    space = answer["code_space"]
    if space is None:
        return []
    words = say("campaign_form.preview_space", size=space["words"], bits=f"{space['bits']:g}")
    return [(say("campaign_form.preview_codes"), words)]


def _end(answer: Mapping[str, Any], zone: ZoneInfo) -> list[Fact]:
    last = answer["last_accepted"]
    if last is None:
        return [(say("campaign_form.preview_last"), say("campaign_form.preview_no_end"))]
    local = instants.read(last["at"]).astimezone(zone)
    text = f"{instants.day_of(local.date())}, {local:%H:%M:%S} {last['time_zone']}"
    return [(say("campaign_form.preview_last"), text)]


def _spent(answer: Mapping[str, Any], currency: str, bound: str) -> list[Fact]:
    spent = answer["if_all_used"]
    name = say("campaign_form.preview_all", currency=currency)
    if spent is None:
        return [(name, bound)]
    cost = money.money(spent["cost_minor"], currency)
    uses = say("figures.n_redemptions", n=spent["uses"])
    return [(name, say("campaign_form.preview_cost", cost=cost, uses=uses))]
