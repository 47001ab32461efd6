"""Whatever stands on a topic: it has its effect or is set aside as it came, and every reader lives.

Not among the tests of every run: `make test-faults`, or THOROUGH=1 with it for a night.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple
from uuid import uuid4

import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from kit.effects import origin, taken
from kit.mutations import FRESH, Mutated, golden_of, mutations
from kit.patience import until
from kit.records import Ends, ends, everything_since
from kit.shops import Shop
from kit.watching import restarts

from contracts import topics
from contracts.topics import Topic
from counterfoil.bench.odd_batches import PACKED, a_batch, a_record, append
from counterfoil.platform import Platform

pytestmark = [pytest.mark.fault, pytest.mark.long, pytest.mark.timeout(0)]

TYPES: dict[Topic, tuple[str, ...]] = {
    topics.PROJECTS: ("coupons.project.changed.v1",),
    topics.CAMPAIGNS: ("coupons.campaign.changed.v1",),
    topics.VOUCHERS: ("coupons.voucher.changed.v1", "coupons.vouchers.issued.v1"),
    topics.SEGMENTS: ("coupons.segment.changed.v1",),
    topics.APPLIED: ("coupons.snapshot.applied.v1",),
    topics.REDEMPTION_REQUESTS: (
        "coupons.redemption.requested.v1",
        "coupons.redemption.rollback_requested.v1",
    ),
    topics.REDEMPTION_REQUESTS_HISTORY: (
        "coupons.redemption.requested.v1",
        "coupons.redemption.rollback_requested.v1",
    ),
    topics.REDEMPTIONS: (
        "coupons.redemption.succeeded.v1",
        "coupons.redemption.failed.v1",
        "coupons.redemption.rolled_back.v1",
    ),
    topics.ORDERS: ("coupons.order.changed.v1",),
    topics.VISITS: ("coupons.visit.recorded.v1",),
    topics.GUESSES: ("coupons.guesses.refused.v1",),
}
PROJECT_IN_GOLDEN, CODE_IN_GOLDEN = "proj_9yX2", "SUMMER-7F3K"
SECONDS = 120.0
# A good record every so many: a reader of definitions stops at a hundred bad ones in a row, because
# our own writers are not that wrong.
IN_A_BATCH = 5

# What stands on a topic stays there: a smaller case would prove nothing.
as_they_come = settings(
    max_examples=max(settings().max_examples // 5, 1),
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Sent(NamedTuple):
    """A record where it stands now."""

    topic: Topic
    place: tuple[str, int, int]
    record: Mutated


@pytest.fixture(scope="module")
def appended() -> Iterator[Counter[str]]:
    """Count what the broker took of what is broken: had it refused all, nothing would be shown."""
    by_topic: Counter[str] = Counter()
    yield by_topic
    assert by_topic.total()


def test_every_topic_is_mutated() -> None:
    assert set(TYPES) == {topic for topic in topics.TOPICS if topic.readers}


@pytest.mark.parametrize("topic", TYPES, ids=lambda topic: topic.name)
@as_they_come
@given(data=st.data())
async def test_whatever_stands_on_a_topic_is_taken_or_set_aside(
    topic: Topic, platform: Platform, shop: Shop, data: st.DataObject
) -> None:
    alive, golden = restarts(platform), await goldens(topic, shop)
    packed = data.draw(st.sampled_from(sorted(PACKED)))
    drawn = data.draw(st.lists(mutations(golden), min_size=20, max_size=40))
    before = await ends(platform.kafka, told_on(topic))

    sent = await send(platform, topic, with_good_ones(drawn, golden[0].encode()), packed)

    for reader in topic.readers:
        await until_none_is_lost(partial(unaccounted, platform, reader, sent, before))
    assert restarts(platform) == alive


@pytest.mark.parametrize("topic", TYPES, ids=lambda topic: topic.name)
@as_they_come
@given(data=st.data())
async def test_a_batch_that_is_broken_inside_holds_nobody_up(
    topic: Topic, platform: Platform, shop: Shop, appended: Counter[str], data: st.DataObject
) -> None:
    alive, golden = restarts(platform), await goldens(topic, shop)
    before = await ends(platform.kafka, told_on(topic))
    whole = a_record(0, golden[0].encode())
    at, cut = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 3))
    # Of another length the broker mostly refuses it by itself: so every other one keeps its own.
    inserted = data.draw(st.binary(min_size=cut, max_size=cut) | st.binary(max_size=6))
    broken = whole[:at] + inserted + whole[at + cut :]
    packed = data.draw(st.sampled_from(sorted(PACKED)))

    try:
        await append(platform.kafka, topic.name, a_batch(broken, packed=packed))
    except KafkaError:
        return  # the broker sees it, too
    appended[topic.name] += 1
    behind = await send(platform, topic, [[Mutated(golden[0].encode()).named(str(uuid4()))]])

    for reader in topic.readers:
        await until_none_is_lost(partial(unaccounted, platform, reader, behind, before))
    assert restarts(platform) == alive


async def goldens(topic: Topic, shop: Shop) -> tuple[str, ...]:
    """Return the topic's golden records as if they were this shop's."""
    code = await shop.code(await shop.campaign())
    voucher = (await shop.call("GET", f"/v1/vouchers/{code}")).json()["id"]
    return tuple(
        each.replace(PROJECT_IN_GOLDEN, shop.project_id)
        .replace(CODE_IN_GOLDEN, code)
        .replace(f'"voucher_id": "{FRESH}"', f'"voucher_id": "{voucher}"')
        for each in golden_of(*TYPES[topic])
    )


def with_good_ones(drawn: Sequence[Mutated], good: bytes) -> list[list[Mutated]]:
    """Divide into Kafka's batches; each begins with a record in which nothing is wrong."""
    size = IN_A_BATCH - 1
    return [
        [each.named(str(uuid4())) for each in (Mutated(good), *drawn[at : at + size])]
        for at in range(0, len(drawn), size)
    ]


async def send(
    platform: Platform, topic: Topic, batches: Sequence[Sequence[Mutated]], packed: str = "plain"
) -> list[Sent]:
    """Append these batches, one partition after the other."""
    sent = []
    for number in range(topic.partitions):
        share = batches[number :: topic.partitions]
        own = [[keyed(topic, each) for each in batch] for batch in share]
        raw = [a_batch(*as_records(batch), packed=packed) for batch in own]
        first = await append(platform.kafka, topic.name, *raw, partition=number)
        sent += [
            Sent(topic, (topic.name, number, offset + n), record)
            for offset, batch in zip(first, own, strict=True)
            for n, record in enumerate(batch)
        ]
    return sent


def as_records(batch: Sequence[Mutated]) -> Iterator[bytes]:
    for number, each in enumerate(batch):
        yield a_record(number, each.value, each.headers, each.key)


def keyed(topic: Topic, record: Mutated) -> Mutated:
    """Give it a key where the broker keeps the newest of each, and takes none without."""
    needs_one = record.key is None and topic.cleanup_policy == "compact"
    return record._replace(key=b"") if needs_one else record


def told_on(topic: Topic) -> list[str]:
    """Name the topics on which is told what became of a record."""
    aside = [topics.dead_letters(topic.name, reader) for reader in topic.readers]
    return [topics.REDEMPTIONS.name, *aside]


async def unaccounted(
    platform: Platform, reader: str, sent: Sequence[Sent], before: Ends
) -> list[Sent]:
    """Return the records that a reader has neither taken nor set aside."""
    topic = sent[0].topic
    own = topics.dead_letters(topic.name, reader)
    letters = {part: offset for part, offset in before.items() if part.topic == own}
    outcomes = {part: at for part, at in before.items() if part.topic == topics.REDEMPTIONS.name}
    aside = {
        place: letter
        for letter in await everything_since(platform.kafka, letters)
        for place in origin(letter)
    }
    for each in sent:
        if (letter := aside.get(each.place)) is not None:
            assert_as_it_came(letter, each.record)
    is_taken = await taken(platform, topic, reader, outcomes)
    return [each for each in sent if each.place not in aside and not is_taken(each.record.value)]


def assert_as_it_came(letter: ConsumerRecord, record: Mutated) -> None:
    assert letter.value == record.value
    assert letter.key == (record.key or b"" if record.value is None else record.key)
    try:
        headers = [(name.decode(), value) for name, value in record.headers]
    except UnicodeDecodeError:
        return  # how such a name is written has a test of its own
    assert list(letter.headers[: len(headers)]) == headers


async def until_none_is_lost(ask: Callable[[], Awaitable[list[Sent]]]) -> None:
    lost: list[Sent] = []

    async def all_found() -> bool:
        lost[:] = await ask()
        return not lost

    try:
        await until(all_found, SECONDS, every=0.3)
    except AssertionError:
        assert lost == [], "neither an effect nor a dead letter"
        raise
