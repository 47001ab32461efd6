"""What campaigns and codes are doing, in all answers that show one."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from campaigns import status
from campaigns.model import Campaign, Voucher
from campaigns.status import CampaignFacts, Reason, Standing, Status, VoucherFacts
from contracts.instants import Instant


class StatusFields(BaseModel):
    """What it is doing now, who decides that, and since when, where that is known."""

    status: Status
    status_reason: Reason | None
    status_since: Instant | None


def shown(standing: Standing) -> dict[str, Any]:
    """Return the fields of `StatusFields`."""
    return {
        "status": standing.status,
        "status_reason": standing.reason,
        "status_since": standing.since,
    }


def of_campaign(campaign: Campaign, at: datetime) -> Standing:
    validity = campaign.definition.terms.validity
    facts = CampaignFacts(
        deleted_at=campaign.deleted_at,
        active=campaign.active,
        partner_active=campaign.partner_active,
        enforced=campaign.enforced,
        starts_at=validity.starts_at,
        ends_at=validity.ends_at,
        total_limit=campaign.limits.total,
        redemptions=campaign.redemptions,
        changed_at=campaign.updated_at,
    )
    return status.of_campaign(facts, at)


def of_voucher(voucher: Voucher, campaign: Campaign, at: datetime, *, enforced: bool) -> Standing:
    """Tell a code's; `enforced`: redemption has confirmed how it is now."""
    facts = VoucherFacts(
        deleted_at=voucher.deleted_at,
        active=voucher.active,
        enforced=enforced,
        quantity=voucher.quantity,
        redeemed_quantity=voucher.redeemed_quantity,
        ends_at=voucher.ends_at,
        changed_at=voucher.updated_at,
    )
    return status.of_voucher(facts, of_campaign(campaign, at), at)
