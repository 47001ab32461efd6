"""What limits say of one more use, beside all that was used."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from kit.oracle.terms import Campaign, Code, Quota

Why = tuple[str, dict[str, Any]]


class Use(NamedTuple):
    """A use, or with negative numbers what is given back of one."""

    code: str
    campaign: str
    customer: str | None
    at: datetime
    off: int
    share: int = 0  # of what the order has grown by
    uses: int = 1


def against(
    campaign: Campaign, code: Code, use: Use, before: Sequence[Use], own: Sequence[Use]
) -> Why | None:
    """Return why limits forbid a use, but for budgets of orders, which are judged at the end.

    `own` are those of the same request, beside all that was used before it.
    """
    own = [each for each in own if each.campaign == use.campaign]
    taken = [*before, *own]
    of_campaign = [each for each in taken if each.campaign == use.campaign]
    of_code = [each for each in of_campaign if each.code == use.code]
    for reason, most, counted in (
        ("quantity_exceeded", code.quantity, of_code),
        ("campaign_limit_exceeded", campaign.total, of_campaign),
    ):
        used = sum(each.uses for each in counted)
        if most is not None and used >= most:
            return reason, _left(most, used)
    for quota in in_turn(campaign):
        if (why := _against(campaign, quota, use, of_campaign, own)) is not None:
            return why
    return None


def in_turn(campaign: Campaign) -> list[Quota]:
    """Say which is judged first: of redemptions, without a period, then by the alphabet."""
    each = [*campaign.quotas]
    if campaign.per_customer is not None:
        each.append(Quota("customer", None, "redemptions", campaign.per_customer))
    kinds = ["redemptions", "discount", "order"]
    return sorted(each, key=lambda q: (kinds.index(q.what), q.per is not None, q.of, q.per or ""))


def short_of_orders(
    campaign: Campaign, use: Use, before: Sequence[Use], own: Sequence[Use]
) -> Why | None:
    """Return what a budget of order amounts is short of for a use's share."""
    own = [each for each in own if each.campaign == use.campaign]
    of_campaign = [each for each in before if each.campaign == use.campaign] + own
    for quota in in_turn(campaign):
        if quota.what == "order" and use.share:
            used = sum(each.share for each in of_campaign if _alike(campaign, quota, each, use))
            if used + use.share > quota.most:
                told = _budget(quota.most, used, use.share)
                beside = sum(each.share for each in own if _alike(campaign, quota, each, use))
                return "budget_exceeded", told | _again(campaign, quota, use, beside + use.share)
    return None


def _against(
    campaign: Campaign, quota: Quota, use: Use, taken: Sequence[Use], own: Sequence[Use]
) -> Why | None:
    if "customer" in quota.of and use.customer is None:
        return "missing_customer", {"missing": "customer"}
    if quota.what == "order" or (quota.what == "discount" and use.off == 0):
        return None
    same = [each for each in taken if _alike(campaign, quota, each, use)]
    beside = [each for each in own if _alike(campaign, quota, each, use)]
    if quota.what == "discount":
        used = sum(each.off for each in same)
        if used + use.off <= quota.most:
            return None
        told = _budget(quota.most, used, use.off)
        return "budget_exceeded", told | _again(
            campaign, quota, use, use.off + sum(each.off for each in beside)
        )
    used = sum(each.uses for each in same)
    if used < quota.most:
        return None
    reason = "period_limit_exceeded"
    if quota.per is None:
        reasons = {"campaign": "campaign_limit_exceeded", "code": "quantity_exceeded"}
        reason = reasons.get(quota.of, "customer_limit_exceeded")
    return reason, _left(quota.most, used) | _again(
        campaign, quota, use, 1 + sum(each.uses for each in beside)
    )


def _again(campaign: Campaign, quota: Quota, use: Use, wanted: int) -> dict[str, Any]:
    """Say when there is all of it again, where that is enough, and the campaign is not over."""
    if quota.per is None or wanted > quota.most:
        return {}
    day = _day(campaign, use)
    while _period(quota.per, day) == _period(quota.per, _day(campaign, use)):
        day += timedelta(days=1)
    ahead = timedelta(hours=campaign.hours_ahead)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - ahead
    return {} if campaign.ends_at is not None and at >= campaign.ends_at else {"resets_at": at}


def _left(most: int, used: int) -> dict[str, Any]:
    return {"limit": most, "uses_left": max(0, most - used)}


def _budget(most: int, used: int, wanted: int) -> dict[str, Any]:
    left = max(0, most - used)
    return {"budget_minor": most, "left_minor": left, "amount_short": wanted - left}


def _alike(campaign: Campaign, quota: Quota, one: Use, other: Use) -> bool:
    return _subject(campaign, quota, one) == _subject(campaign, quota, other)


def _subject(campaign: Campaign, quota: Quota, use: Use) -> tuple[object, ...]:
    """Return all that two uses must have in common to count together."""
    return (
        _period(quota.per, _day(campaign, use)),
        use.customer if "customer" in quota.of else None,
        use.code if "code" in quota.of else None,
    )


def _day(campaign: Campaign, use: Use) -> date:
    return (use.at + timedelta(hours=campaign.hours_ahead)).date()


def _period(per: str | None, day: date) -> date | None:
    periods = {
        None: None,
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
    }
    return periods[per]
