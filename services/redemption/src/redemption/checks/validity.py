"""Times, judged at the request's moment; days and hours by the clock of the project."""

from contracts.instants import to_rfc3339
from contracts.redemptions import Reason
from redemption.model import Case, Offer, Refusal
from redemption.moments import openings, windows


def not_started(case: Case) -> Refusal | None:
    starts_at = case.offer.campaign.terms.validity.starts_at
    if starts_at is None or case.request.at >= starts_at:
        return None
    at = to_rfc3339(starts_at)
    return Refusal(Reason.VOUCHER_NOT_ACTIVE, f"valid from {at}", {"starts_at": at})


def ended(case: Case) -> Refusal | None:
    """Judge the end, the campaign's or the code's own, which is exclusive."""
    ends_at = case.offer.ends_at
    if ends_at is None or case.request.at < ends_at:
        return None
    at = to_rfc3339(ends_at)
    return Refusal(Reason.VOUCHER_EXPIRED, f"was valid until {at}", {"ends_at": at})


def outside_windows(case: Case) -> Refusal | None:
    validity, time_zone = case.offer.campaign.terms.validity, case.offer.campaign.time_zone
    if not has_windows(case.offer):
        return None
    if windows.is_open(validity, case.request.at, time_zone):
        return None
    said = windows.description(validity, time_zone)
    opens_at, ends_at = openings.opens_at(validity, case.request.at, time_zone), case.offer.ends_at
    if opens_at is not None and ends_at is not None and opens_at >= ends_at:
        opens_at = None  # by then this code is over
    would_pass = {} if opens_at is None else {"opens_at": to_rfc3339(opens_at)}
    return Refusal(Reason.VOUCHER_NOT_ACTIVE_NOW, said, would_pass)


def has_a_start(offer: Offer) -> bool:
    return offer.campaign.terms.validity.starts_at is not None


def has_an_end(offer: Offer) -> bool:
    return offer.ends_at is not None


def has_windows(offer: Offer) -> bool:
    validity = offer.campaign.terms.validity
    return bool(validity.weekdays or validity.hours or validity.recurrence)
