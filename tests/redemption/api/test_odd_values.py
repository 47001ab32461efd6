"""Whatever is odd in an address is refused by name, or works: never a 500, nothing undocumented."""

import httpx
from kit.odd_values import answered_otherwise, in_brackets, questions
from kit.redemption_http import proof

from redemption.api import filters
from redemption.api.lists import OTHERS

OF_LISTS = (
    *(f"{name}[]" for name in (*filters.PLAIN, *OTHERS)),
    *("created_at[before]", "[created_at][after]", "filters[junction]"),
    *(
        f"filters[{field}][conditions][{operator}]"
        for field, operators in filters.FIELDS.items()
        for operator in operators
    ),
)
IN_BRACKETS = {
    "/v1/redemptions": OF_LISTS,
    "/v1/vouchers/{code}/redemptions": OF_LISTS,
    "/v1/orders": ("customer[]", "source_id[]", "limit[]"),
    "/v1/customers": ("email[]", "segment_id[]", "starting_after[]"),
}


async def test_odd_values_are_answered_as_the_page_says(client: httpx.AsyncClient) -> None:
    page = (await client.get("/openapi/redemption.json")).json()
    headers = proof("key_a")

    assert await answered_otherwise(client, headers, questions(page)) == []
    assert await answered_otherwise(client, headers, in_brackets(page, IN_BRACKETS)) == []


async def test_an_empty_customer_is_not_one_who_is_not_found(client: httpx.AsyncClient) -> None:
    for query in ("customer=", "customer", "customer=%20", "customer=%E2%80%8B"):
        answer = await client.get(f"/v1/orders?{query}")

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
        assert answer.json()["message"].startswith("Query parameter customer: ")
