"""Whatever a client may send by the three OpenAPI documents, and beside them: no 500, and no status
or body that the document does not have.

Not among the tests of every run: `make test-faults`, or THOROUGH=1 with it for a night.
"""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from kit.shops import Shop
from schemathesis import Case, GenerationMode, openapi
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

pytestmark = [pytest.mark.fault, pytest.mark.long, pytest.mark.timeout(0)]

# What is not there is refused although the document has nothing against it; a name that is ignored
# may hold anything; that keys are checked has tests of its own.
NOT_PROMISED = [positive_data_acceptance, negative_data_rejection, ignored_auth]

as_they_come = settings(
    phases=[Phase.generate, Phase.explicit], suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("service", ["campaigns", "redemption", "analytics"])
async def test_nothing_that_is_sent_is_answered_otherwise_than_documented(
    shop: Shop, service: str
) -> None:
    address = f"{shop.platform.gateway}/openapi/{service}.json"
    headers = shop.keys | {
        "X-Management-Id": shop.platform.management_id,
        "X-Management-Token": shop.platform.management_token,
    }

    await asyncio.to_thread(_keeps_its_document, address, headers)


def _keeps_its_document(address: str, headers: dict[str, str]) -> None:
    document = openapi.from_url(address)
    document.validate()
    operations = [found.ok() for found in document.get_all_operations() if isinstance(found, Ok)]

    for operation in operations:

        @as_they_come
        @given(case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE))
        def check(case: Case[Any]) -> None:
            case.call_and_validate(headers=headers, excluded_checks=NOT_PROMISED)

        check()
    assert len(operations) == sum(map(len, document.raw_schema["paths"].values())) > 0
