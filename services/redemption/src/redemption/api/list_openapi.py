"""What the OpenAPI page says of lists: their parameters, which no signature declares."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from contracts.redemptions import Reason
from redemption.api.openapi import answers
from servicekit.http.declared_queries import ANY_QUERY
from servicekit.http.openapi import error_response

ORDERS: Final = ("created_at", "id", "voucher_code", "tracking_id", "customer_id")
TEXT: Final = {"type": "string"}
TEXTS: Final = {"type": "array", "items": {"type": "string", "maxLength": 200}}


def _parameter(
    name: str, said: str, schema: Mapping[str, Any], example: Any = None
) -> dict[str, Any]:
    described = {"name": name, "in": "query", "description": said, "schema": schema}
    return described if example is None else {**described, "example": example}


def _parameters(*left_out: str) -> list[dict[str, Any]]:
    every = [
        _parameter(
            "limit", "How many", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}
        ),
        _parameter(
            "page",
            "From 1; the first entry is one of the first 10,000",
            {"type": "integer", "minimum": 1},
        ),
        _parameter(
            "cursor",
            "Instead of a page: `more_cursor` of the last answer, with the same filters",
            TEXT,
        ),
        _parameter(
            "order",
            "By the moment of judgement; by the others up to 10,000 entries; `-` descends",
            {
                "type": "string",
                "enum": [f"{sign}{name}" for name in ORDERS for sign in ("-", "")],
                "default": "-created_at",
            },
        ),
        _parameter(
            "format",
            "`csv` has all that match, up to a million",
            {"type": "string", "enum": ["json", "csv"]},
        ),
        _parameter(
            "result",
            "What became of it",
            {"type": "array", "items": {"type": "string", "enum": ["SUCCESS", "FAILURE"]}},
            ["FAILURE"],
        ),
        _parameter(
            "reason",
            "Why it was refused; also `failure_code`",
            {"type": "array", "items": {"type": "string", "enum": [r.value for r in Reason]}},
            ["voucher_expired"],
        ),
        _parameter("campaign", "Name of the campaign, as it is now", TEXTS, ["Autumn"]),
        _parameter("campaign_id", "Id of the campaign", TEXTS),
        _parameter("partner_id", "Whose campaigns, as they are now", TEXTS),
        _parameter("code", "The code as it was sent; also `voucher_code`", TEXTS, ["AUTUMN10"]),
        _parameter(
            "customer",
            "The customer's id, or the shop's own, of which only the pseudonym is looked for",
            TEXTS,
            ["shopper-1"],
        ),
        _parameter("related_object_id", "Id of the code: `v_…`", TEXTS),
        _parameter("order_id", "The shop's own id of the order", TEXTS, ["order-1"]),
        _parameter("parent_redemption_id", "What codes redeemed together have in common", TEXTS),
        _parameter("request_id", "The Idempotency-Key, or Kafka's `request_id`", TEXTS),
        _parameter(
            "from",
            "Judged at this moment or later; a day begins at midnight in UTC",
            TEXT,
            "2026-11-01",
        ),
        _parameter("to", "Judged before this moment", TEXT, "2026-12-01T00:00:00+01:00"),
        _parameter("created_at[after]", "Judged later", TEXT),
        _parameter("created_at[before]", "Judged before", TEXT),
        _parameter(
            "filters[voucher_code][conditions][$in][0]",
            "So, or with `$is`, any of these names; of `created_at` `$after` and `$before`",
            TEXT,
        ),
    ]
    return [each for each in every if each["name"] not in left_out]


def _route(
    said: str, schema: str, parameters: Sequence[dict[str, Any]], example: Any
) -> dict[str, Any]:
    response = answers(said, schema)
    response["content"]["application/json"]["example"] = example
    if parameters:
        response["content"]["text/csv"] = {"schema": {"type": "string"}}
    refused = error_response(
        "A parameter that is not known, or means nothing: which, and what is known",
        400,
        (
            "invalid_query_params",
            "Query parameter color: is unknown, known are cursor, customer, …",
        ),
        ("too_many_rows", "Too many rows"),
    )
    return {
        "responses": {200: response, 400: refused} if parameters else {200: response},
        "openapi_extra": {**ANY_QUERY, "parameters": list(parameters)} if parameters else {},
    }


REFUSED: Final = {
    "id": "rf_0199b2c0a1b27d3e8f4a5b6c7d8e9f00",
    "object": "redemption",
    "date": "2026-11-26T06:00:00.000Z",
    "customer_id": "cust_5f0c9a2b1d3e4f5061728394",
    "tracking_id": None,
    "metadata": {},
    "result": "FAILURE",
    "status": "FAILED",
    "failure_code": "voucher_expired",
    "failure_message": "voucher expired",
    "related_object_type": "voucher",
    "related_object_id": "v_AUTUMN10",
    "voucher": {
        "object": "voucher",
        "id": "v_AUTUMN10",
        "code": "AUTUMN10",
        "campaign": "Autumn",
        "campaign_id": "camp_1",
        "type": "DISCOUNT_VOUCHER",
    },
    "order": {
        "object": "order",
        "source_id": "order-1",
        "amount": 8900,
        "discount_amount": 0,
        "total_discount_amount": 0,
        "applied_discount_amount": 0,
        "total_applied_discount_amount": 0,
        "total_amount": 8900,
        "customer_id": "cust_5f0c9a2b1d3e4f5061728394",
        "currency": "USD",
    },
    "channel": {"channel_id": "app_1", "channel_type": "API"},
    "reason": "voucher_expired",
    "explanation": "The campaign had ended at the moment of the request.",
    "hint": "it ended on 2026-11-25T23:00:00.000Z",
    "partner_id": "part_1",
    "decided_at": "2026-11-26T06:00:00.004Z",
}
_LISTED: Final = {
    "object": "list",
    "data_ref": "redemptions",
    "redemptions": [REFUSED],
    "total": 1,
    "total_estimated": False,
    "has_more": False,
    "more_cursor": None,
}
LIST: Final = _route("Newest first", "RedemptionList", _parameters(), _LISTED)
CODES_LIST: Final = _route(
    "Newest first; empty where nobody tried the code", "RedemptionList", _parameters(), _LISTED
)
SINGULAR: Final = _route(
    "What was redeemed of it, the newest 100",
    "RedemptionEntries",
    (),
    {
        "quantity": 1,
        "redeemed_quantity": 0,
        "object": "list",
        "url": "/v1/vouchers/AUTUMN10/redemptions?result=SUCCESS",
        "data_ref": "redemption_entries",
        "total": 0,
        "redemption_entries": [],
    },
)
