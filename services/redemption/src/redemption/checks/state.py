"""Switches, judged by their state now, whenever the request was appended."""

from contracts.redemptions import Reason
from redemption.model import Case, Offer, Refusal


def campaign_inactive(case: Case) -> Refusal | None:
    return None if case.offer.campaign_active else Refusal(Reason.CAMPAIGN_INACTIVE)


def voucher_disabled(case: Case) -> Refusal | None:
    return None if case.offer.voucher.active else Refusal(Reason.VOUCHER_DISABLED)


def always(_offer: Offer) -> bool:
    """Tell that a check may object to any offer: switches are no terms."""
    return True
