"""What to do instead of what is refused by name, wherever that name is sent. Pure."""

from collections.abc import Mapping
from typing import Final

_OF_THE_CAMPAIGN: Final = (
    "all codes of a campaign have its times: send them of the campaign, or make a code of its own "
    "by POST /v1/vouchers"
)
_FORMULA: Final = "no formula is evaluated: send the number"
_METADATA: Final = "nothing goes by it: keep it in .metadata"
_SCOPES: Final = "what a key may, its scopes say"

INSTEAD: Final[Mapping[str, str]] = {
    "access_settings": _SCOPES,
    "amount_limit": "the discount has one: send it there",
    "amount_off_formula": _FORMULA,
    "attributes": _METADATA,
    "bundle_rules": "send a condition of its own for each product",
    "categories": "send .category or .category_id",
    "currency": "prices are in the project's: leave it out",
    "expiration_date": _OF_THE_CAMPAIGN,
    "fixed_amount_formula": _FORMULA,
    "filter": "a collection is a list: send its .products",
    "gift": "there are discounts alone",
    "image_url": _METADATA,
    "is_dynamic": _FORMULA,
    "is_referral_code": "there are no referral programs",
    "loyalty_card": "there are discounts alone",
    "loyalty_tiers_expiration": "there are no loyalty tiers",
    "percent_off_formula": _FORMULA,
    "promotion": "make a campaign with a code that all shoppers share",
    "protected": _SCOPES,
    "readonly": _SCOPES,
    "referral_program": "make a campaign for each who refers, with a .commission_plan",
    "stacking_rules_type": "PUT /v1/project/stacking-rules says which categories are exclusive",
    "start_date": _OF_THE_CAMPAIGN,
    "unit_off_formula": _FORMULA,
    "validity_day_of_week": _OF_THE_CAMPAIGN,
    "validity_hours": _OF_THE_CAMPAIGN,
    "validity_timeframe": _OF_THE_CAMPAIGN,
}
