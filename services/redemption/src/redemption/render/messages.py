"""What a refusal is called: its HTTP status and its sentence, by reason."""

from typing import Final

from contracts.redemptions import Reason

MESSAGES: Final[dict[Reason, str]] = {
    Reason.NOT_FOUND: "Resource not found",
    Reason.CAMPAIGN_INACTIVE: "campaign is not active",
    Reason.VOUCHER_DISABLED: "voucher is disabled",
    Reason.VOUCHER_NOT_ACTIVE: "voucher is not active yet",
    Reason.VOUCHER_EXPIRED: "voucher expired",
    Reason.VOUCHER_NOT_ACTIVE_NOW: "voucher is not active now",
    Reason.QUANTITY_EXCEEDED: "quantity exceeded",
    Reason.CAMPAIGN_LIMIT_EXCEEDED: "the campaign's limit is exceeded",
    Reason.CUSTOMER_LIMIT_EXCEEDED: "the customer's limit is exceeded",
    Reason.PERIOD_LIMIT_EXCEEDED: "the limit of this period is exceeded",
    Reason.BUDGET_EXCEEDED: "the budget is exceeded",
    Reason.ORDER_RULES_VIOLATED: "order does not match validation rules",
    Reason.CUSTOMER_RULES_VIOLATED: "customer does not match validation rules",
    Reason.REDEMPTION_RULES_VIOLATED: "redemption does not match validation rules",
    Reason.MISSING_CUSTOMER: "a customer is required",
    Reason.MISSING_ORDER: "an order is required",
    Reason.MISSING_ORDER_ITEMS: "the lines of the order are required",
    Reason.INVALID_ORDER: "the order does not fit the campaign",
    Reason.MOST_APPLIED: "no more codes apply together",
    Reason.MOST_OF_CATEGORY_APPLIED: "no more codes of this category apply together",
    Reason.MOST_EXCLUSIVE_APPLIED: "no more exclusive codes apply together",
    Reason.MOST_EXCLUSIVE_OF_CATEGORY_APPLIED: "no more exclusive codes of this category apply "
    "together",
    Reason.EXCLUDED: "an exclusive code applies",
    Reason.NO_EFFECT: "the code has no effect on the order",
    Reason.STACK_REFUSED: "another code of the request was refused",
}

# For people, who were not there: what had happened.
EXPLANATIONS: Final[dict[Reason, str]] = {
    Reason.NOT_FOUND: "Nobody has issued this code in this project: it is mistyped, made up, or "
    "another shop's.",
    Reason.CAMPAIGN_INACTIVE: "The campaign was switched off, by itself or with its partner, when "
    "this was decided.",
    Reason.VOUCHER_DISABLED: "This code alone was switched off when this was decided.",
    Reason.VOUCHER_NOT_ACTIVE: "The campaign had not begun at the moment of the request.",
    Reason.VOUCHER_EXPIRED: "The campaign had ended at the moment of the request.",
    Reason.VOUCHER_NOT_ACTIVE_NOW: "The campaign holds on other days or at other hours than "
    "that of the request, by the clock of the project.",
    Reason.QUANTITY_EXCEEDED: "This code had been redeemed as often as it may be.",
    Reason.CAMPAIGN_LIMIT_EXCEEDED: "The campaign had been redeemed as often as it may be.",
    Reason.CUSTOMER_LIMIT_EXCEEDED: "This customer had redeemed the campaign as often as one may.",
    Reason.PERIOD_LIMIT_EXCEEDED: "It had been redeemed as often as it may be in that day, week or "
    "month.",
    Reason.BUDGET_EXCEEDED: "The discount was more than what was left of a budget.",
    Reason.ORDER_RULES_VIOLATED: "The order was not one that the campaign is for: its amount, what "
    "is in it, or what else a rule asks of it.",
    Reason.CUSTOMER_RULES_VIOLATED: "The customer was not as a validation rule wants one.",
    Reason.REDEMPTION_RULES_VIOLATED: "The request was not as a validation rule wants it: by its "
    "metadata, its key or its channel.",
    Reason.MISSING_CUSTOMER: "A limit or a rule of the campaign asks for a customer, and the "
    "request named none.",
    Reason.MISSING_ORDER: "The discount or a rule depends on the order, and the request had none.",
    Reason.MISSING_ORDER_ITEMS: "The discount or a rule is about lines of the order, and the "
    "request named none.",
    Reason.INVALID_ORDER: "The order does not fit the campaign, for instance by its currency.",
    Reason.MOST_APPLIED: "As many codes as may apply together did, by the project's stacking "
    "rules.",
    Reason.MOST_OF_CATEGORY_APPLIED: "As many codes of this category as may apply together did.",
    Reason.MOST_EXCLUSIVE_APPLIED: "As many exclusive codes as may apply together did.",
    Reason.MOST_EXCLUSIVE_OF_CATEGORY_APPLIED: "As many exclusive codes of this category as may "
    "apply together did.",
    Reason.EXCLUDED: "Another code of the request was of an exclusive category, and this one is "
    "not redeemed beside such a code.",
    Reason.NO_EFFECT: "The code would have taken nothing off the order, and the project leaves "
    "such codes out.",
    Reason.STACK_REFUSED: "Another code of the same request was refused, so none was redeemed.",
}


def status_of(reason: Reason) -> int:
    """Return the HTTP status of a refusal."""
    return 404 if reason is Reason.NOT_FOUND else 400
