"""What may be done about a refusal: the campaign, the partner, the page of the deal. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from console.design.words import say

# The change that lets what was refused for a reason be redeemed. For all others there is none.
EDITS: Final[Mapping[str, str]] = {
    "voucher_expired": "extend",
    "voucher_not_active": "extend",
    "voucher_not_active_now": "extend",
    "campaign_limit_exceeded": "raise",
    "customer_limit_exceeded": "raise",
    "period_limit_exceeded": "raise",
    "budget_exceeded": "raise",
}
# Each code counts its own uses: what its campaign says is for codes that are still to be made.
OF_CODE: Final = "quantity_exceeded"


@dataclass(frozen=True, slots=True)
class Cure:
    """A way that leads out of it."""

    label: str
    href: str
    is_away: bool = False  # not a page of ours


def cures(
    project: str,
    reasons: Sequence[str],
    campaign: Mapping[str, Any] | None,
    partner: Mapping[str, Any] | None,
    *,
    may_change: bool,
    code: str = "",
    rule: tuple[str, str] | None = None,
) -> Sequence[Cure]:
    """Say what may be done where one code, one campaign or one partner is looked at."""
    found = []
    if code and may_change and OF_CODE in reasons:
        found.append(
            Cure(say("failures.cure_code"), f"{project}/codes/{quote(code, safe='')}/edit")
        )
    if rule is not None:
        rule_id, name = rule
        found.append(
            Cure(say("failures.cure_rule", name=name), f"{project}/rules/{quote(rule_id, safe='')}")
        )
    if campaign is not None:
        place = f"{project}/campaigns/{campaign['id']}"
        edits = sorted({EDITS[reason] for reason in reasons if reason in EDITS})
        if may_change:
            found += [Cure(say(f"failures.cure_{each}"), f"{place}/edit") for each in edits]
        found.append(Cure(say("failures.cure_campaign", name=campaign["name"]), place))
    if partner is not None:
        place = f"{project}/partners/{partner['id']}"
        found.append(Cure(say("failures.cure_partner", name=partner["name"]), place))
    pages = (each["deal_url"] for each in (campaign, partner) if each is not None)
    if deal := next(filter(None, pages), None):
        found.append(Cure(say("failures.cure_deal"), deal, is_away=True))
    return found


def rule(would_pass: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the id and the name of the validation rule that a code was refused by."""
    if not {"rule_id", "rule"} <= would_pass.keys():
        return None
    return would_pass["rule_id"], would_pass["rule"]
