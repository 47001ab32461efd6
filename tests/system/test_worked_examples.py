"""The worked examples in docs are what a whole platform does."""

import pytest
from aiokafka import AIOKafkaProducer
from kit import example_runs
from kit.shops import Shop
from kit.worked_examples import Example, difference, examples_of

# Of everything that redemption does there is one, and of partners; by the headings of their page.
HEADINGS = {
    "campaigns.md": ("Partners",),
    "redemption/limits.md": (
        "Uses of a code",
        "Uses of a campaign",
        "Uses of a customer",
        "Uses of a customer with each code",
        "Uses per day, week and month",
        "A budget of discounts",
        "A budget of orders",
        "One checkout is one use, counted without a limit too",
    ),
    "redemption/times.md": (
        "Start and end",
        "Weekdays",
        "Hours of the day",
        "Windows that come again",
        "Days after publication",
        "When the clock changes",
        "A day that was skipped",
    ),
    "redemption/discounts.md": (
        "An amount off the order",
        "Never below zero",
        "An amount by the size of the order",
        "Percents, at most so much",
        "A fixed price",
        "Off each line",
        "A fixed price of each piece",
        "Off each piece",
        "Once, divided by what lines come to",
        "Once, divided by quantity",
        "At most so much off all lines",
        "For some products alone",
        "The cheapest piece for nothing",
        "So many pieces of a line, so many of all",
        "Units for nothing, of what is in the basket",
        "Units for nothing, added",
        "Free shipping",
    ),
    "redemption/rules.md": (
        "The order's amount, before and after the discount",
        "Number of items",
        "Products, SKUs and collections",
        "The cheapest and the most expensive item",
        "Metadata of order, items, customer and request",
        "Who is new",
        "Channel and key",
        "And, or, not",
        "Limits, as conditions of a rule",
        "A rule that cannot be is refused when it is written",
        "Assigned to a campaign, and taken off it",
        "Of one code of a campaign, beside the campaign's",
    ),
    "redemption/stacking.md": (
        "All of them or none",
        "An order counts once",
        "Categories, their hierarchy, and one of each",
        "Exclusive and joint categories",
        "At most so many, and none without effect",
    ),
    "redemption/customers.md": (
        "A customer, with what they did",
        "What is kept of a person, and forgotten",
        "An order without a coupon, by HTTP",
        "Orders by Kafka",
        "Who has paid before is not new",
        "An order is cancelled or refunded",
        "A list of customers",
        "A filter, judged at the decision",
        "Built-in segments: new, returning, not seen for so long",
        "What a segment brought, in reports",
    ),
    "redemption/definitions.md": (
        "A validation rule",
        "A segment",
        "Products, SKUs and collections of them",
    ),
    "redemption/rollbacks.md": (
        "All of it, once",
        "A part, and the rest",
        "Lines and quantities",
        "Several codes, one by one or together",
        "By Kafka",
        "What comes back is the campaign's policy",
    ),
    "redemption/requests.md": (
        "Validating spends nothing",
        "The same key, the same answer",
        "An order told again under its key",
        "By Kafka, and the same again by HTTP",
        "Several codes by Kafka",
        "An answer by Kafka",
        "A refusal that explains",
        "Whoever guesses is stopped",
        "The kill switch",
        "Reading back",
        "Codes as people type them",
        "Letter case",
        "From a page, as a stranger",
    ),
}
EXAMPLES = [example for page in HEADINGS for example in examples_of(page)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.page}-{e.heading}")
async def test_a_worked_example_is_what_happens(
    example: Example, other_shop: Shop, producer: AIOKafkaProducer
) -> None:
    await example_runs.run(example, other_shop, producer)


def test_every_capability_has_an_example() -> None:
    found = [(example.page, example.heading) for example in EXAMPLES]

    wanted = [(page, each) for page, all_ in HEADINGS.items() for each in all_]
    assert found == wanted


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {}),
        ({"a": True}, {"a": 1}),
        ([1], [1, 2]),
        ([1, 2], [1]),
        ([{"id": "<one>"}, {"id": "<one>"}], [{"id": "r_1"}, {"id": "r_2"}]),
    ],
)
def test_an_answer_that_is_another_is_noticed(wanted: object, found: object) -> None:
    assert difference(wanted, found, {}) is not None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1, "…"], [1, 2]),
        ({"a": "…"}, {"a": {"b": 2}}),
        ([{"id": "<one>"}, {"of": "<one>"}], [{"id": "r_1"}, {"of": "r_1"}]),
    ],
)
def test_an_answer_may_hold_more(wanted: object, found: object) -> None:
    assert difference(wanted, found, {}) is None
