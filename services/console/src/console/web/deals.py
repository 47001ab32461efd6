"""A deal in words: when it holds, what it earns, how it stands. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.words import say
from console.format import instants, money, numbers
from console.web import offers

SOON_DAYS: Final = 7


def validity(thing: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Write when it holds: the end is the last second that is accepted."""
    start, end = thing["start_date"], thing["expiration_date"]
    first = instants.moment(start, zone) if start else ""
    last = instants.last_second(end, zone) if end else ""
    if start and end:
        return say("deals.between", start=first, end=last)
    if start:
        return say("deals.from", start=first)
    return say("deals.until", end=last) if end else say("deals.always")


def commission(plan: Mapping[str, Any], currency: str) -> str:
    """Write what a partner is owed per redemption: its parts, added up."""
    parts = []
    if points := plan["share_basis_points"]:
        parts.append(say("deals.share", share=offers.percentage(Decimal(points) / 100)))
    for name, key in (("flat_minor", "flat"), ("new_customer_bonus_minor", "bonus")):
        if minor := plan[name]:
            amount = money.money(minor, currency)
            parts.append(say(f"deals.{key}", amount=amount, currency=currency))
    return " + ".join(parts) or say("deals.no_commission")


def shop_link(campaign: Mapping[str, Any], partner: Mapping[str, Any], public: str) -> str:
    """Return the link for shoppers; empty where the gateway would know no page to lead to."""
    page = campaign["landing_url"] or partner["landing_url"] or campaign["deal_url"]
    return f"{public}/go/{campaign['id']}" if page else ""


def used_of(used: int, limit: int | None) -> str:
    """Write how often it was used, of how often it may be: 180 of 200."""
    count = numbers.number(used)
    return count if limit is None else say("deals.used_of", used=count, of=numbers.number(limit))


def status_note(
    thing: Mapping[str, Any], used: int, limit: int | None, now: datetime, zone: ZoneInfo
) -> str:
    """Write what a status alone does not say: until when, since when, of how many, with what."""
    match thing["status"]:
        case "live" if thing["expiration_date"]:
            return _ends(thing["expiration_date"], now, zone)
        case "scheduled" if thing["start_date"]:
            return say("deals.starts", day=instants.day(thing["start_date"], zone))
        case "expired" if thing["expiration_date"]:
            last = instants.read(thing["expiration_date"]) - timedelta(seconds=1)
            return say("deals.ended", day=instants.day(last, zone))
        case "used_up" if limit is not None:
            return used_of(used, limit)
        case "disabled" | "not_enforced" | "in_bin":
            return _switched(thing, zone)
        case _:
            return ""


def _ends(end: str, now: datetime, zone: ZoneInfo) -> str:
    last = (instants.read(end) - timedelta(seconds=1)).astimezone(zone).date()
    days = (last - now.astimezone(zone).date()).days
    if days > SOON_DAYS:
        return ""
    return say("deals.ends_in", n=days) if days > 0 else say("deals.ends_today")


def _switched(thing: Mapping[str, Any], zone: ZoneInfo) -> str:
    reason, since = thing.get("status_reason"), thing.get("status_since")
    if reason == "partner":
        return say("deals.by_partner")
    if reason == "campaign" and thing["object"] == "voucher":
        return say("deals.by_campaign")
    return say("deals.since", when=instants.moment(since, zone)) if since else ""
