"""The worker on real engines: crashes, outages, poison. No figure changes, nothing is lost."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kit import engines
from kit.analytics_figures import Figures, create_database, drop_database
from kit.analytics_samples import a_campaign, a_failure, a_project, a_success, a_visit
from kit.analytics_worker import (
    DIES_BEFORE_COMMIT,
    TOPIC,
    Workers,
    create_topics,
    ends,
    group_at_the_end,
    lag,
    produce,
    since,
)
from kit.groups import bury
from kit.patience import until
from kit.records import produce_unparsable
from kit.service_process import free_port

from analytics.ingest import UNREADABLE_LIMIT
from analytics.migrate import migrate
from analytics.store import connect
from contracts import topics
from counterfoil import processes
from counterfoil.engines import clickhouse
from servicekit.kafka.connection import Kafka

RAW = "SELECT count() FROM redemption_events"
FACTS = f"{RAW} FINAL"
DEAD_LETTERS = topics.dead_letters(TOPIC, "analytics")

READ_FAULTS = {"ValidationError", "NoValueError", "NewerMajorError", "UnknownTypeError"}

pytestmark = pytest.mark.fault


@pytest.fixture
async def clickhouse_db(clickhouse_url: str) -> AsyncIterator[str]:
    """A database of this test alone: a killed worker's last insert may arrive after the test."""
    url = await create_database(clickhouse_url)
    yield url
    await drop_database(url)


@pytest.fixture
async def group(kafka_servers: Kafka) -> str:
    await create_topics(kafka_servers)
    return await group_at_the_end(kafka_servers)


@pytest.fixture
async def workers(
    tmp_path: Path, clickhouse_db: str, kafka_servers: Kafka, group: str
) -> AsyncIterator[Workers]:
    workers = Workers(
        tmp_path,
        {
            "CLICKHOUSE_URL": clickhouse_db,
            **engines.acting_as(kafka_servers, "analytics").environment(),
            "ANALYTICS_KAFKA_GROUP": group,
        },
    )
    yield workers
    await workers.stop()


async def stored(figures: Figures, number: int, seconds: float = 30) -> None:
    async def all_there() -> bool:
        return await figures.value(FACTS) == number

    await until(all_there, seconds)


async def caught_up(kafka: Kafka, group: str) -> None:
    async def nothing_waits() -> bool:
        return await lag(kafka, group) == 0

    await until(nothing_waits)


async def test_events_become_figures(
    workers: Workers, figures: Figures, kafka_servers: Kafka, group: str
) -> None:
    worker = await workers.start()
    await worker.ready()
    await produce(kafka_servers, [a_project()], topics.PROJECTS.name)
    await produce(kafka_servers, [a_campaign()], topics.CAMPAIGNS.name)
    await produce(kafka_servers, [a_visit() for _ in range(7)], topics.VISITS.name)
    await produce(kafka_servers, [a_success() for _ in range(40)] + [a_failure()])

    await stored(figures, 41)
    await caught_up(kafka_servers, group)
    (line,) = await figures.lines("SELECT * FROM partner_performance")
    assert (line["partner_name"], line["redemptions"], line["visits"]) == ("Dealhunt", 40, 7)

    assert (await worker.get("/livez")).json() == {"alive": True, "why": None}
    figures_page = (await worker.get("/metrics")).text
    labels = f'role="worker",service="analytics",topic="{TOPIC}"'
    assert f"records_stored_total{{{labels}}} 41.0" in figures_page


async def test_poison_is_set_aside_untouched_and_its_neighbours_are_stored(
    workers: Workers, figures: Figures, kafka_servers: Kafka, group: str
) -> None:
    before = await ends(kafka_servers, DEAD_LETTERS)
    future = json.loads(a_success().encode()) | {"type": "coupons.redemption.succeeded.v2"}
    unknown = json.loads(a_success().encode()) | {"type": "coupons.redemption.rolled_back.v1"}
    poison: list[tuple[bytes | None, bytes | None]] = [
        (b"u", json.dumps(unknown).encode()),
        (b"a", b"{"),
        (b"b", None),
        (b"c", json.dumps(future).encode()),
        (b"", b"\xff\xfe\x00"),
        (b"d", os.urandom(900_000)),
        (None, b'{"id": 1}'),
    ]
    good = [a_success() for _ in range(20)]
    producer = AIOKafkaProducer(**kafka_servers.options())
    await producer.start()
    sent = []
    for number, event in enumerate(good):
        headers = [("bytes", b"\xff"), ("none", None)] if number % 2 else []
        sent.append(await producer.send(TOPIC, event.encode(), partition=0, headers=headers))
        if number < len(poison):
            key, value = poison[number]
            sent.append(
                await producer.send(TOPIC, value, key=key, partition=0, headers=[("h", b"\xff")])
            )
    await producer.flush()
    places = {(await s).offset for s in sent}
    await producer.stop()

    await workers.start()

    await stored(figures, len(good))
    letters = await since(kafka_servers, before, len(poison))
    await caught_up(kafka_servers, group)
    assert {(letter.key, letter.value) for letter in letters} == set(poison)
    for letter in letters:
        assert letter.headers[0] == ("h", b"\xff")
        told = {name: value.decode() for name, value in letter.headers[1:]}
        assert told["original-topic"] == TOPIC
        assert told["original-partition"] == "0"
        assert int(told["original-offset"]) in places
        assert int(told["original-timestamp"]) > 0
        assert told["group"] == "analytics"
        assert told["error-class"] in READ_FAULTS
        assert told["error-text"]
        assert told["failed-at"].endswith("Z")
    assert len(letters) == len(poison)


@pytest.mark.usefixtures("unmerged")
async def test_kill_9_between_insert_and_commit_counts_nothing_twice(
    workers: Workers, figures: Figures, kafka_servers: Kafka, group: str
) -> None:
    await produce(kafka_servers, [a_success() for _ in range(300)])

    doomed = await workers.start(DIES_BEFORE_COMMIT)
    assert await doomed.ended() == 137
    written = await figures.value(RAW)
    assert written  # it died after an insert, or this test would prove nothing
    assert await lag(kafka_servers, group) == 300
    await bury(kafka_servers, [group])

    await produce(kafka_servers, [a_success() for _ in range(200)])  # so the next blocks differ
    await workers.start()
    await stored(figures, 500)
    await caught_up(kafka_servers, group)
    assert await figures.value(RAW) > 500  # type: ignore[operator]  # repeats came, and collapsed


async def a_load(kafka: Kafka, batches: int) -> None:
    for _ in range(batches):
        await produce(kafka, [a_success() for _ in range(100)])
        await asyncio.sleep(0.1)


async def test_sigterm_under_load_ends_in_time_and_loses_nothing(
    workers: Workers, figures: Figures, kafka_servers: Kafka, group: str
) -> None:
    load = asyncio.create_task(a_load(kafka_servers, batches=20))
    first = await workers.start()
    await first.ready()
    code, seconds = await first.stop()
    assert (code, seconds < 20) == (0, True), first.log
    await load
    await workers.start()

    await stored(figures, 20 * 100)
    assert await figures.value(RAW) == 20 * 100  # an orderly stop repeats nothing
    await caught_up(kafka_servers, group)


async def test_clickhouse_stops_under_load_and_comes_back(
    tmp_path: Path, workers: Workers, kafka_servers: Kafka, group: str
) -> None:
    account = clickhouse.Account(name=clickhouse.SUPERUSER, password="tests", project_id=None)
    clickhouse.prepare(tmp_path, [account])
    port = free_port()
    url = clickhouse.url(port, clickhouse.SUPERUSER, "tests", "coupons")
    program = clickhouse.program(tmp_path, port, tmp_path)
    engine = processes.start(program)
    try:
        await clickhouse.ready(engine, url)
        await migrate(url)
        worker = await workers.start(CLICKHOUSE_URL=url)
        await worker.ready()
        load = asyncio.create_task(a_load(kafka_servers, batches=25))
        await asyncio.sleep(1.5)

        engine.kill()
        await engine.wait()

        async def misses_it() -> bool:
            return await worker.missing() == {"clickhouse"}

        await until(misses_it)
        assert (await worker.get("/livez")).status_code == 200  # a restart would not help
        await load
        engine = processes.start(program)
        await clickhouse.ready(engine, url)
        await worker.ready()
        await caught_up(kafka_servers, group)

        client = await connect(url)
        assert (await client.query(FACTS)).result_rows == [(2500,)]
        await client.close()
        await worker.stop()
    finally:
        await engine.stop()


async def test_a_worker_waits_for_kafka_and_says_so(workers: Workers) -> None:
    worker = await workers.start(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")

    async def misses_it() -> bool:
        return await worker.missing() == {"kafka"}

    await until(misses_it)
    assert (await worker.get("/livez")).status_code == 200
    code, seconds = await worker.stop()
    assert (code, seconds < 20) == (0, True)


async def test_a_worker_waits_for_clickhouse_and_stops_when_told(
    workers: Workers, kafka_servers: Kafka, group: str
) -> None:
    worker = await workers.start(CLICKHOUSE_URL="http://x:y@127.0.0.1:1/coupons")
    await produce(kafka_servers, [a_success()])

    async def misses_it() -> bool:
        return await worker.missing() == {"clickhouse"}

    await until(misses_it)
    await asyncio.sleep(1)
    code, seconds = await worker.stop()
    assert (code, seconds < 20) == (0, True)
    assert await lag(kafka_servers, group) == 1


async def test_nonsense_without_end_ends_the_process_and_moves_no_offset(
    workers: Workers, kafka_servers: Kafka, group: str
) -> None:
    nonsense: list[bytes | None] = [b"{"] * (UNREADABLE_LIMIT * 5)
    await produce(kafka_servers, nonsense)

    worker = await workers.start()

    assert await worker.ended() == 1
    assert "records in a row" in worker.log
    assert await lag(kafka_servers, group) > UNREADABLE_LIMIT


async def test_a_record_that_does_not_parse_takes_no_other_along(
    workers: Workers, figures: Figures, kafka_servers: Kafka, group: str
) -> None:
    await produce(kafka_servers, [a_success() for _ in range(40)])
    letters = topics.dead_letters(topics.VISITS.name, "analytics")
    aside = await ends(kafka_servers, letters)
    await produce_unparsable(kafka_servers, topics.VISITS.name)
    worker = await workers.start()

    await stored(figures, 40)
    await caught_up(kafka_servers, group)
    [letter] = await since(kafka_servers, aside, 1)
    assert (letter.value, dict(letter.headers)["error-class"]) == (b"{}", b"HeaderNameError")
    assert (await worker.stop())[0] == 0


async def test_a_worker_without_its_environment_says_what_is_missing(workers: Workers) -> None:
    worker = await workers.start(KAFKA_BOOTSTRAP_SERVERS="")

    assert await worker.ended() == 2
    assert "KAFKA_BOOTSTRAP_SERVERS" in worker.log
