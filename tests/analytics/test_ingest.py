"""Stored once in effect, however often and in whatever portions it comes."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from kit.analytics_figures import Figures
from kit.analytics_samples import NOON, PROJECT, a_failure, a_record, a_success, a_visit, records

from analytics import ingest
from analytics.handlers import FACTS
from analytics.ingest import UNREADABLE_LIMIT, UnreadableLimitError, sort
from contracts import topics

TOPIC = topics.REDEMPTIONS.name
VISITS, _GUESSES, REDEMPTIONS = FACTS
RAW = "SELECT count() FROM redemption_events"
TOTALS = """
    SELECT count() AS facts, uniqExact(event_id) AS events, sum(order_minor) AS gross,
        sum(discount_minor) AS discount, sum(commission_minor) AS commission
    FROM redemption_events FINAL
"""


@pytest.mark.usefixtures("unmerged")
async def test_redelivery_with_other_boundaries_changes_no_figure(figures: Figures) -> None:
    chance = Random(7)  # noqa: S311
    log = records(
        TOPIC,
        [
            a_success(at=NOON + timedelta(days=n // 10), order_minor=chance.randrange(10_000))
            for n in range(600)
        ],
    )
    await figures.ingestion.take(REDEMPTIONS, log)
    once = await figures.lines(TOTALS)

    for _ in range(3):  # the group's offsets are reset; batches never fall the same way again
        at = 0
        while at < len(log):
            size = chance.randrange(1, 250)
            await figures.ingestion.take(REDEMPTIONS, log[at : at + size])
            at += size

    assert await figures.lines(TOTALS) == once
    assert once[0]["facts"] == 600
    assert await figures.value(RAW) > 600  # type: ignore[operator]  # or this test would prove nothing


@pytest.mark.usefixtures("unmerged")
async def test_overlapping_blocks_count_once(figures: Figures) -> None:
    log = records(TOPIC, [a_success() for _ in range(120)])
    await figures.ingestion.take(REDEMPTIONS, log[:80])
    await figures.ingestion.take(REDEMPTIONS, log[30:])

    assert await figures.value(RAW) == 170
    assert await figures.value(f"{RAW} FINAL") == 120


async def test_the_same_block_again_is_dropped_by_the_server(figures: Figures) -> None:
    log = records(TOPIC, [a_success() for _ in range(50)])
    for _ in range(3):
        await figures.ingestion.take(REDEMPTIONS, log)

    assert await figures.value(RAW) == 50


async def test_a_topic_that_was_made_anew_loses_nothing_to_the_tokens_of_the_old_one(
    figures: Figures,
) -> None:
    old = [a_record(TOPIC, a_success(), offset=n) for n in range(10)]
    await figures.ingestion.take(REDEMPTIONS, old)
    new = [a_record(TOPIC, a_success(), offset=n) for n in range(10)]
    for record in new:
        record.timestamp += 3_600_000
    await figures.ingestion.take(REDEMPTIONS, new)

    assert await figures.value(f"{RAW} FINAL") == 20


async def test_a_block_may_span_many_years(figures: Figures) -> None:
    start = datetime(2005, 1, 15, tzinfo=UTC)
    years = [a_success(at=start + timedelta(days=30 * n)) for n in range(260)]

    await figures.store(*years)

    assert await figures.value(f"{RAW} FINAL") == 260
    months = "SELECT uniqExact(toYYYYMM(occurred_at)) FROM redemption_events FINAL"
    assert await figures.value(months) > 200  # type: ignore[operator]  # the default allows 100


async def test_visits_count_once_too(figures: Figures) -> None:
    seen = records(topics.VISITS.name, [a_visit() for _ in range(30)])
    await figures.ingestion.take(VISITS, seen[:20])
    await figures.ingestion.take(VISITS, seen[10:])

    assert await figures.value("SELECT count() FROM visits FINAL") == 30


async def test_a_batch_is_one_block_whatever_partitions_it_comes_from(figures: Figures) -> None:
    mixed = records(TOPIC, [a_success() for _ in range(6)], partition=0)
    mixed += records(TOPIC, [a_success() for _ in range(4)], partition=1)
    await figures.ingestion.take(REDEMPTIONS, mixed)

    found = await figures.lines(
        "SELECT k_partition, count() AS n FROM redemption_events FINAL GROUP BY 1 ORDER BY 1"
    )
    assert found == [{"k_partition": 0, "n": 6}, {"k_partition": 1, "n": 4}]
    parts = "SELECT count() FROM system.parts WHERE table = 'redemption_events' AND rows = 10"
    database = "database = currentDatabase() AND active"
    assert await figures.value(f"{parts} AND {database}") == 1


async def test_the_same_batch_again_is_dropped_in_whatever_order_its_partitions_come(
    figures: Figures,
) -> None:
    zero = records(TOPIC, [a_success() for _ in range(6)], partition=0)
    one = records(TOPIC, [a_success() for _ in range(4)], partition=1)
    for batch in (zero + one, one + zero):
        await figures.ingestion.take(REDEMPTIONS, batch)

    assert await figures.value(RAW) == 10


async def test_a_batch_that_shares_one_partitions_range_is_another_block(figures: Figures) -> None:
    zero = records(TOPIC, [a_success() for _ in range(6)], partition=0)
    one = records(TOPIC, [a_success() for _ in range(4)], partition=1)
    await figures.ingestion.take(REDEMPTIONS, zero)
    await figures.ingestion.take(REDEMPTIONS, zero + one)  # nothing of `one` may be lost

    assert await figures.value(f"{RAW} FINAL") == 10


@pytest.mark.usefixtures("unmerged")
async def test_redelivery_over_other_partitions_changes_no_figure(figures: Figures) -> None:
    chance = Random(11)  # noqa: S311
    logs = [
        records(
            TOPIC,
            [a_success(order_minor=chance.randrange(10_000)) for _ in range(100)],
            partition=number,
        )
        for number in range(4)
    ]
    for log in logs:
        await figures.ingestion.take(REDEMPTIONS, log)
    once = await figures.lines(TOTALS)

    for _ in range(5):  # members come and go: other partitions, from other offsets on
        shares = [log[chance.randrange(100) :] for log in logs if chance.random() < 0.7]
        batch = [record for share in shares for record in share]
        await figures.ingestion.take(REDEMPTIONS, batch)

    assert await figures.lines(TOTALS) == once
    assert once[0]["facts"] == 400
    assert await figures.value(RAW) > 400  # type: ignore[operator]  # or this test would prove nothing


def test_one_bad_record_does_not_take_its_neighbours_along() -> None:
    batch = sort(REDEMPTIONS, records(TOPIC, [a_success(), b"{", None, a_failure()]), 0)

    assert [record.offset for record in batch.records] == [0, 3]
    assert len(batch.events) == 2
    assert [letter.record.offset for letter in batch.letters] == [1, 2]


def test_an_unknown_type_is_set_aside() -> None:
    event = a_success().model_copy(update={"type": "coupons.redemption.reserved.v1"})
    batch = sort(REDEMPTIONS, records(TOPIC, [event]), 0)

    assert [letter.error_class for letter in batch.letters] == ["UnknownTypeError"]


def test_nonsense_without_end_stops_the_process_and_not_the_data() -> None:
    nonsense = records(TOPIC, [b"{"] * UNREADABLE_LIMIT)

    with pytest.raises(UnreadableLimitError, match="1000 records in a row"):
        sort(REDEMPTIONS, nonsense, 0)
    with pytest.raises(UnreadableLimitError):
        sort(REDEMPTIONS, nonsense[:10], UNREADABLE_LIMIT - 5)  # over several batches
    one_good = [*nonsense[:500], a_record(TOPIC, a_success()), *nonsense[:900]]
    assert sort(REDEMPTIONS, one_good, 0).unreadable_in_a_row == 900


def test_a_token_is_that_of_the_records_and_of_nothing_else() -> None:
    log = records(TOPIC, [a_success() for _ in range(4)])

    assert ingest.token(log, 4) == ingest.token(list(log), 4)
    others = [
        log[:3],
        log[1:],
        records(TOPIC, [a_success()] * 4, partition=1),
        log + records(TOPIC, [a_success()], partition=1),
    ]
    assert all(ingest.token(other, 4) != ingest.token(log, 4) for other in others)
    assert ingest.token(log, 3) != ingest.token(log, 4)


async def test_another_project_is_another_row_even_for_the_same_words(figures: Figures) -> None:
    await figures.store(a_success(), a_success(project="proj_2"))

    found = await figures.lines(
        "SELECT project_id, count() AS n FROM redemption_events FINAL GROUP BY 1 ORDER BY 1"
    )
    assert found == [{"project_id": PROJECT, "n": 1}, {"project_id": "proj_2", "n": 1}]
