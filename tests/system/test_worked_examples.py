"""The worked examples in docs/redemption are what a whole platform does."""

import pytest
from aiokafka import AIOKafkaProducer
from kit import example_runs
from kit.shops import Shop
from kit.worked_examples import Example, examples_of

PAGES = (
    "limits.md",
    "times.md",
    "discounts.md",
    "rules.md",
    "stacking.md",
    "customers.md",
    "rollbacks.md",
    "requests.md",
)
EXAMPLES = [example for page in PAGES for example in examples_of(f"redemption/{page}")]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.page}-{e.heading}")
async def test_a_worked_example_is_what_happens(
    example: Example, other_shop: Shop, producer: AIOKafkaProducer
) -> None:
    await example_runs.run(example, other_shop, producer)
