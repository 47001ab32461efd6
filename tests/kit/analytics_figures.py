"""A database of analytics, and the questions that tests ask of it."""

from uuid import uuid4

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.handlers import DEFINITIONS, FACTS
from analytics.ingest import Ingestion
from analytics.migrate import migrate
from analytics.store import connect, database_of
from contracts.event import Event
from kit.analytics_samples import records


class Figures:
    """Stores events as the worker would, and asks."""

    def __init__(self, client: AsyncClient, ingestion: Ingestion) -> None:
        self.client = client
        self.ingestion = ingestion

    async def store(self, *events: Event, partition: int = 0, first: int = 0) -> None:
        """Take events as one batch, each from the topic of its kind."""
        for source in (*DEFINITIONS, *FACTS):
            own = [e for e in events if type(e).__name__ in KINDS[source.topic]]
            await self.ingestion.take(
                source, records(source.topic, own, partition=partition, first=first)
            )

    async def value(self, sql: str) -> object:
        return (await self.client.query(sql)).result_rows[0][0]

    async def lines(self, sql: str) -> list[dict[str, object]]:
        return list((await self.client.query(sql)).named_results())


KINDS = {
    "coupons.projects.v1": {"ProjectChanged"},
    "coupons.campaigns.v1": {"CampaignChanged"},
    "coupons.segments.v1": {"SegmentChanged"},
    "coupons.visits.v1": {"Visited"},
    "coupons.guesses.v1": {"GuessesRefused"},
    "coupons.redemptions.v1": {"RedemptionSucceeded", "RedemptionFailed", "RedemptionRolledBack"},
}


async def create_database(clickhouse_url: str) -> str:
    """Make a migrated database; return its address."""
    url = f"{clickhouse_url.rpartition('/')[0]}/coupons_{uuid4().hex[:12]}"
    await migrate(url)
    return url


async def empty_tables(url: str) -> None:
    """Forget every row, and with the rows the tokens of their blocks."""
    client = await connect(url)
    for source in (*DEFINITIONS, *FACTS):
        await client.command(f"TRUNCATE TABLE {source.table.name}")
    await client.close()


async def drop_database(url: str) -> None:
    client = await connect(url)
    await client.command("DROP DATABASE {name:Identifier}", parameters={"name": database_of(url)})
    await client.close()
