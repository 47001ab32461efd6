"""The OpenAPI page is what the api does, whatever is sent to it."""

import asyncio
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from kit.campaigns_samples import MANAGEMENT, a_process, open_shop
from schemathesis import Case, GenerationMode, openapi
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

# What is not there is refused although the page has nothing against it; a name that we ignore may
# hold anything; that keys are checked has tests of its own.
NOT_PROMISED = [positive_data_acceptance, negative_data_rejection, ignored_auth]


async def test_the_openapi_page_is_kept_to_the_letter(confirmed_db: str) -> None:
    async with a_process("api", confirmed_db) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=20) as http:
            shop = await open_shop(http)
        await asyncio.to_thread(keeps_its_page, api.url, shop.headers | MANAGEMENT)


def keeps_its_page(url: str, headers: dict[str, str]) -> None:
    page = openapi.from_url(f"{url}/openapi/campaigns.json")
    operations = [r.ok() for r in page.get_all_operations() if isinstance(r, Ok)]

    for operation in operations:

        @given(case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE))
        @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
        def check(case: Case[Any]) -> None:
            case.call_and_validate(headers=headers, excluded_checks=NOT_PROMISED)

        check()

    assert len(operations) == sum(map(len, page.raw_schema["paths"].values()))
