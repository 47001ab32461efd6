"""Whatever is odd in an address is refused by name, or works: never a 500, nothing undocumented."""

from collections.abc import Iterator
from itertools import islice

from kit.campaigns_samples import MANAGEMENT, Shop
from kit.odd_values import answered_otherwise, in_brackets, questions

from campaigns.listing.fields import CAMPAIGNS, VOUCHERS, Fields
from campaigns.listing.spelling import OPTIONS
from campaigns.publications import lists


def of_list(known: Fields) -> Iterator[str]:
    """Name a field of each kind, with two of its operators: one for a value, one for several."""
    yield "filters[junction]"
    yield from (f"{name}[]" for name in OPTIONS)
    one_of_each = {field.kind: field for field in known.fields.values()}
    for field in one_of_each.values():
        yield f"{field.name}[]"
        yield from (
            f"filters[{field.name}][conditions][{each}]" for each in islice(field.operators, 2)
        )
    for key in ("tier", "'", "\0"):
        yield from (
            f"filters[metadata.{key}][conditions][{each}]" for each in islice(known.metadata, 2)
        )


OF_PUBLICATIONS = (
    *(f"{name}[]" for name in (*lists.PLAIN, "limit", "page", "order")),
    *(f"filters[{field}][conditions][{operators[0]}]" for field, operators in lists.FIELDS.items()),
)
IN_BRACKETS = {
    "/v1/campaigns": [*of_list(CAMPAIGNS)],
    "/v1/vouchers": [*of_list(VOUCHERS)],
    "/v1/campaigns/counts": ["status[]", "search[]"],
    "/v1/vouchers/counts": ["status[]", "search[]"],
    "/v1/publications": OF_PUBLICATIONS,
}


async def test_odd_values_are_answered_as_the_page_says(deaf_shop: Shop) -> None:
    http = deaf_shop.http
    page = (await http.get("/openapi/campaigns.json")).json()
    headers = deaf_shop.headers | MANAGEMENT

    assert await answered_otherwise(http, headers, questions(page)) == []
    assert await answered_otherwise(http, headers, in_brackets(page, IN_BRACKETS)) == []
