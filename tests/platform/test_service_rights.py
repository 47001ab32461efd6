"""What analytics' own roles may do at our ClickHouse: what they need, and nothing else."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from kit import engines
from kit.analytics_figures import Figures
from kit.analytics_samples import NOON, PROJECT, a_failure, a_success, a_visit
from kit.engines import NO_KAFKA
from kit.plain_http import PLAIN

from analytics.ingest import Ingestion
from analytics.metrics import Metrics
from analytics.migrate import migrate
from analytics.periods import Period
from analytics.query import Page, ReportQuery, SortBy
from analytics.reports import attempts, earnings
from analytics.reports.attempts import Wanted
from analytics.settings import GROUP
from analytics.store import ClickHouse
from counterfoil.clickhouse.inspection import DATABASE
from counterfoil.engines import clickhouse
from servicekit.kafka.dead_letters import DeadLetters


@dataclass(frozen=True)
class Server:
    """A server with the tables of analytics, by who asks it."""

    owner: str
    api: str
    worker: str


@pytest.fixture(scope="module")
def server(clickhouse_url: str) -> Iterator[Server]:
    del clickhouse_url  # marks these tests as what they are
    accounts = [
        clickhouse.Account(name="owner", password="x", project_id=None),
        *(
            clickhouse.Account(name=name, password="x", project_id=None, rights=rights)
            for name, rights in clickhouse.SERVICES.items()
        ),
    ]
    with engines.clickhouse_for(*accounts) as address:
        owner, api, worker = (address(account["name"], DATABASE) for account in accounts)
        asyncio.run(migrate(owner))
        yield Server(owner, api, worker)


def refused(url: str, statement: str, **parameters: str) -> bool:
    answer = httpx.post(
        httpx.URL(url).copy_with(path="/"),
        params={"database": DATABASE, **parameters},
        content=statement,
        **PLAIN,
    )
    return not answer.is_success and ("READONLY" in answer.text or "ACCESS_DENIED" in answer.text)


async def test_the_worker_stores_and_the_api_reports(server: Server) -> None:
    metrics = Metrics("analytics", "tests")
    async with aclosing(ClickHouse(server.worker)) as store:
        assert await store.probe() is None
        ingestion = Ingestion(store, DeadLetters(NO_KAFKA, GROUP, metrics), metrics)
        figures = Figures(await store.client(), ingestion)
        await figures.store(a_success(), a_failure(), a_visit())

    day = timedelta(days=1)
    query = ReportQuery(PROJECT, Period(NOON - day, NOON + day))
    async with aclosing(ClickHouse(server.api)) as store:
        assert await store.probe() is None
        client = await store.client()
        page = Page(SortBy("profit_minor", descending=True), limit=10)
        assert (await earnings.PARTNERS.fetch(client, query, page))[1] > 0
        assert len(await attempts.fetch(client, query, Wanted(limit=10), "EUR")) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE redemption_events",
        "TRUNCATE TABLE redemption_events",
        "ALTER TABLE redemption_events DELETE WHERE 1",
        "DELETE FROM redemption_events WHERE 1",
        "OPTIMIZE TABLE redemption_events FINAL",
        "CREATE TABLE mine (a Int8) ENGINE = Memory",
        "CREATE TEMPORARY TABLE mine (a Int8)",
        "DROP DATABASE coupons",
        "RENAME TABLE redemption_events TO others",
        "SYSTEM STOP MERGES",
        "KILL QUERY WHERE 1",
        "INSERT INTO schema_migrations (version) SELECT 'x'",
        "INSERT INTO FUNCTION file('x', 'CSV', 'a Int8') SELECT 1",
        "INSERT INTO FUNCTION file('x', 'CSV', 'a Int8') FORMAT CSV\n1\n",
        "INSERT INTO TABLE FUNCTION file('x', 'CSV', 'a Int8') FORMAT CSV\n1\n",
        "INSERT INTO system.numbers FORMAT CSV\n1\n",
        "SELECT 1 INTO OUTFILE '/tmp/taken'",
        "SELECT file('/etc/hostname')",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT 1 SETTINGS readonly = 0",
        "SET readonly = 0",
    ],
)
def test_neither_changes_deletes_or_reaches_beyond_the_database(
    server: Server, statement: str
) -> None:
    for url in (server.api, server.worker):
        assert refused(url, statement)
        assert refused(url, statement, readonly="0")


def test_the_api_stores_nothing_and_the_worker_in_its_database_alone(server: Server) -> None:
    insert = 'INSERT INTO schema_migrations FORMAT JSONEachRow\n{"version": "a test"}'

    assert refused(server.api, insert)
    assert refused(server.worker, insert, database="default")
    assert not refused(server.worker, insert)
