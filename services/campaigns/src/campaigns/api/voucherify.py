"""Voucherify's names that we do not have: the one list of what is refused and what is ignored.

Refused, because to ignore a restriction is to grant what its author did not want to grant; a value
that asks for nothing (null, false, an empty list) passes. Ignored, because it restricts nothing;
the reason stands beside each name and on the API's page. A name that is neither is unknown, and
refused as well.
"""

from typing import Any

from pydantic import Field

from campaigns.api.body import Body, Unsupported


def _ignored(reason: str) -> Any:
    return Field(default=None, exclude=True, description=f"Ignored: {reason}")


# Refused


class RefusedTimes(Body):
    """When codes are valid: a campaign says it for all of them."""

    validity_timeframe: Unsupported = None
    validity_day_of_week: Unsupported = None
    validity_hours: Unsupported = None


class RefusedOfCampaigns(Body):
    """Conditions of a campaign, and kinds of campaigns, that nobody enforces here."""

    access_settings: Unsupported = None
    gift: Unsupported = None
    promotion: Unsupported = None
    referral_program: Unsupported = None
    loyalty_tiers_expiration: Unsupported = None
    protected: Unsupported = None
    readonly: Unsupported = None
    categories: Unsupported = None


class RefusedOfTemplates(RefusedTimes):
    """What a campaign's codes are, where we have discounts alone, all valid with the campaign."""

    gift: Unsupported = None
    loyalty_card: Unsupported = None
    is_referral_code: Unsupported = None
    start_date: Unsupported = None
    expiration_date: Unsupported = None


class RefusedOfCodes(RefusedTimes):
    """What would hold for single codes: here they have the terms of their campaign."""

    start_date: Unsupported = None
    expiration_date: Unsupported = None
    gift: Unsupported = None
    loyalty_card: Unsupported = None


class RefusedOfDiscounts(Body):
    """Formulas."""

    is_dynamic: Unsupported = None


# Ignored


class IgnoredOfCampaigns(Body):
    """What a campaign of Voucherify's may ask for, and nothing here depends on."""

    auto_join: Any = _ignored("nobody joins a campaign here, neither by hand nor by itself")
    use_voucher_metadata_schema: Any = _ignored("metadata have no schema here")
    options: Any = _ignored("it recalculates loyalty tiers, of which there are none")


class IgnoredOfCodes(Body):
    """What a code of Voucherify's may carry beside what it is worth."""

    category: Any = _ignored("a code has the category of its campaign")
    category_id: Any = _ignored("a code has the category of its campaign")
    additional_info: Any = _ignored("a remark that decides nothing: metadata are kept")


class IgnoredOfCodeConfigs(Body):
    """How codes look."""

    initial_count: Any = _ignored("Voucherify ignores it as well; vouchers_count is meant")


class ReadBack(Body):
    """What answers say and nobody sets: who sends back what was read may leave it in."""

    id: Any = _ignored("an answer's own, the path names the thing")
    object: Any = _ignored("an answer's own")
    created_at: Any = _ignored("an answer's own")
    updated_at: Any = _ignored("an answer's own")


class StatusReadBack(Body):
    """Of what has a status."""

    status: Any = _ignored("an answer's own")
    status_reason: Any = _ignored("an answer's own")
    status_since: Any = _ignored("an answer's own")


class VoucherReadBack(StatusReadBack):
    """Of a code, beside what all things have."""

    type: Any = _ignored("a code stays of its kind; a client sends one whatever it is")
    additional_info: Any = _ignored("a remark that decides nothing: metadata are kept")
    assets: Any = _ignored("an answer's own")
    is_referral_code: Any = _ignored("an answer's own")
    holder_id: Any = _ignored("an answer's own")
    referrer_id: Any = _ignored("an answer's own")
    publish: Any = _ignored("an answer's own")
    published_at: Any = _ignored("an answer's own")
    enforced_at: Any = _ignored("an answer's own")
    undo: Any = _ignored("an answer's own")


class CampaignReadBack(ReadBack, StatusReadBack):
    """Of a campaign, beside what all things have."""

    redemptions: Any = _ignored("an answer's own")

    creation_status: Any = _ignored("an answer's own")
    vouchers_generation_status: Any = _ignored("an answer's own")
