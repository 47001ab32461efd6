"""What a campaign's page shows, of what the API says. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from console.design.parts import Tab
from console.design.words import say
from console.format import instants, numbers
from console.pages.campaign.earned import Earned
from console.web import deals, jobs, offers, publishing, rollback_fields, windows
from console.web import limits as others
from console.web.rules import Kept

FAR_DAYS: Final = 3650
YOUNG: Final = timedelta(minutes=5)

Fact = tuple[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and how far it is used; `pace` says when it will be, if this goes on."""

    label: str
    used: int
    of: int | None
    pace: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One campaign."""

    campaign: Mapping[str, Any]
    partner: Mapping[str, Any]
    note: str
    offer: str
    tabs: Sequence[Tab]
    limits: Sequence[Limit]
    facts: Sequence[Fact]
    rules: Sequence[Kept]
    code: str | None  # where there is one alone
    is_spent: bool  # as that one is, though the campaign is live
    codes: Sequence[Fact]
    link: str
    earned: Earned | None
    shares: Mapping[str, Any]
    making: int | None  # codes that are still to come; None where there is nothing to follow

    @property
    def is_off(self) -> bool:
        return not self.campaign["active"]

    @property
    def is_off_with_partner(self) -> bool:
        """Say whether its own switch is on, and nothing redeems all the same."""
        return bool(self.campaign["active"]) and not self.partner["active"]

    @property
    def is_in_bin(self) -> bool:
        return self.campaign["deleted_at"] is not None

    @property
    def is_shared_whole(self) -> bool:
        return is_whole(self.shares)

    @property
    def is_shared_at_once(self) -> bool:
        """Say whether to offer all codes first: there are some, and none to count out."""
        return bool(self.shares["codes"]) and not self.shares["unshared"]


def tabs(base: str, project: str, campaign_id: str, current: str) -> tuple[Tab, ...]:
    """Lead to the lists that are about this campaign; each is the list of its kind, filtered."""
    about = urlencode({"campaign": campaign_id})
    ways = {
        "overview": base,
        "codes": f"{project}/codes?{about}",
        "publications": f"{project}/publications?{about}",
        "redemptions": f"{project}/redemptions?{about}",
        "failures": f"{project}/failures?{about}",
        "history": f"{base}/history",
    }
    return tuple(Tab(say(f"campaign.{key}"), way, key == current) for key, way in ways.items())


def limits(
    campaign: Mapping[str, Any], pace: Mapping[str, Any] | None, now: datetime, zone: ZoneInfo
) -> tuple[Limit, ...]:
    used, total = campaign["redemptions"], campaign["total_limit"]
    per_code = campaign["voucher"]["redemption"]["quantity"]
    found = [Limit(say("campaign.in_all"), used, total, _pace(used, total, pace, now, zone))]
    if per_code is not None and campaign["vouchers_count"]:
        found.append(Limit(say("campaign.of_codes"), used, per_code * campaign["vouchers_count"]))
    return tuple(found)


def facts(
    campaign: Mapping[str, Any],
    currency: str,
    zone: ZoneInfo,
    collections: Mapping[str, str] = offers.NOBODY,
) -> tuple[Fact, ...]:
    """Say what was agreed, in words."""
    per_customer = campaign["per_customer_limit"]
    margin = offers.percentage(Decimal(campaign["margin_basis_points"]) / 100)
    found: tuple[Fact, ...] = (
        ("channel", campaign["channel"]),
        ("category", campaign["category"]),
        ("holds", deals.validity(campaign, zone)),
        ("only", windows.sentences(campaign, zone)),
        ("published", publishing.sentences(campaign)),
        ("applies", offers.applicable(campaign.get("applicable_to"), collections)),
        (
            "per_customer",
            say("campaign.no_limit") if per_customer is None else numbers.number(per_customer),
        ),
        ("limits", others.sentences(campaign["limits"], currency)),
        ("rollbacks", rollback_fields.sentences(campaign["rollback"])),
        ("commission", deals.commission(campaign["commission_plan"], currency)),
        ("margin", f"{margin}{numbers.SPACE}%"),
        ("created", instants.moment(campaign["created_at"], zone)),
    )
    return tuple((say(f"campaign.{name}"), text) for name, text in found if text)


def codes(
    campaign: Mapping[str, Any], shares: Mapping[str, Any], only_code: str | None
) -> tuple[Fact, ...]:
    """Say how many codes there are, and how many of them the partner has been given.

    One code alone of which none is left to share is a public one, or was given: nothing to say.
    """
    if is_whole(shares):
        is_held = shares["whole_campaign"] == "held_back"
        given = say("campaign.all_held_back" if is_held else "campaign.all_shared")
    elif shares["given"]:
        given = numbers.number(shares["given"])
    else:
        given = say("campaign.none_shared")
    found = (
        (say("campaign.issued"), numbers.number(campaign["vouchers_count"])),
        (say("campaign.shared"), given),
    )
    if is_whole(shares) or (only_code is not None and not shares["unshared"]):
        return found
    return (*found, (say("campaign.unshared"), numbers.number(shares["unshared"])))


def making(found: Sequence[Mapping[str, Any]], campaign_id: str) -> int | None:
    """Count the codes that running jobs still make of this campaign; None where none runs."""
    left = [
        each["wanted_count"] - each["done_count"]
        for each in found
        if each["campaign_id"] == campaign_id and jobs.state(each) in jobs.RUNNING
    ]
    return sum(left) if left else None


def is_young(campaign: Mapping[str, Any], now: datetime) -> bool:
    """Say whether its first codes may still be on their way."""
    return now - instants.read(campaign["created_at"]) < YOUNG


def is_whole(shares: Mapping[str, Any]) -> bool:
    """Say whether all codes are shared, so that there is nothing more to share."""
    return shares["whole_campaign"] not in (None, "withdrawn")


def is_spent(campaign: Mapping[str, Any], only_code: Mapping[str, Any] | None) -> bool:
    """Say whether nothing of a live campaign redeems, because its only code is used up."""
    return (
        only_code is not None
        and campaign["status"] == "live"
        and bool(only_code["status"] == "used_up")
    )


def _pace(
    used: int, total: int | None, pace: Mapping[str, Any] | None, now: datetime, zone: ZoneInfo
) -> str:
    """Say when the limit is used up if the last week goes on."""
    if total is None or pace is None or used >= total:
        return ""
    per_day = pace["per_day_7"]
    if per_day <= 0:  # more was rolled back than redeemed
        return say("campaign.no_pace")
    days = math.ceil((total - used) / per_day)
    if days > FAR_DAYS:
        return say("campaign.far_pace")
    return say("campaign.pace", day=instants.day(now + timedelta(days=days), zone))
