"""What a refusal is called: its HTTP status and its sentence, by reason."""

from typing import Final

from contracts.redemptions import Reason

MESSAGES: Final[dict[Reason, str]] = {
    Reason.NOT_FOUND: "Resource not found",
    Reason.CAMPAIGN_INACTIVE: "campaign is not active",
    Reason.VOUCHER_DISABLED: "voucher is disabled",
    Reason.VOUCHER_NOT_ACTIVE: "voucher is not active yet",
    Reason.VOUCHER_EXPIRED: "voucher expired",
    Reason.QUANTITY_EXCEEDED: "quantity exceeded",
    Reason.CAMPAIGN_LIMIT_EXCEEDED: "the campaign's limit is exceeded",
    Reason.CUSTOMER_LIMIT_EXCEEDED: "the customer's limit is exceeded",
    Reason.MISSING_CUSTOMER: "a customer is required",
    Reason.MISSING_ORDER: "an order is required",
    Reason.INVALID_ORDER: "the order does not fit the campaign",
    Reason.STACK_REFUSED: "another code of the request was refused",
}


def status_of(reason: Reason) -> int:
    """Return the HTTP status of a refusal."""
    return 404 if reason is Reason.NOT_FOUND else 400
