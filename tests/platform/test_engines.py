import asyncio

import asyncpg
import clickhouse_connect
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from conftest import MakeTopic

from counterfoil.platform import Platform
from servicekit.kafka.connection import Kafka


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_what_postgres_acknowledges_is_on_the_disk(platform: Platform, setting: str) -> None:
    connection = await asyncpg.connect(platform.postgres["redemption"])
    try:
        assert await connection.fetchval(f"SHOW {setting}") == "on"
    finally:
        await connection.close()


async def test_the_log_of_postgres_tells_of_errors_and_of_nobodys_data(platform: Platform) -> None:
    twice = "INSERT INTO customer_profiles (project_id, customer_id) VALUES ('p', $1), ('p', $1)"
    connection = await asyncpg.connect(platform.postgres["redemption"])
    try:
        with pytest.raises(asyncpg.UniqueViolationError, match="qzwhowaszq"):
            await connection.execute(twice, "qzwhowaszq")
    finally:
        await connection.close()

    logged = (platform.folder.logs / "postgres.log").read_text()
    assert "customer_profiles_pkey" in logged
    assert "qzwhowaszq" not in logged


async def test_a_service_may_not_change_tables(redemption_db: str) -> None:
    connection = await asyncpg.connect(redemption_db)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE x ()")
    finally:
        await connection.close()


async def test_kafka_keeps_what_was_acknowledged(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    topic = await kafka_topic("kept")
    async with AIOKafkaProducer(**kafka_servers.options(), acks="all") as producer:
        await producer.send_and_wait(topic, b"a record")

    async with AIOKafkaConsumer(
        topic, **kafka_servers.options(), auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()

    assert record.value == b"a record"


async def test_a_stranger_takes_none_of_the_brokers_memory(kafka_servers: Kafka) -> None:
    host, _, port = kafka_servers.servers.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write((20_000).to_bytes(4, "big"))  # so much is to come, and waits for room
        async with asyncio.timeout(60):
            assert await reader.read() == b""
    finally:
        writer.close()


async def test_both_clients_read_what_the_other_wrote(clickhouse_url: str) -> None:
    with clickhouse_connect.get_client(dsn=clickhouse_url) as client:
        client.command("CREATE TABLE kept (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
        client.insert("kept", [[1, "x"]], column_names=["a", "b"])
        async with await clickhouse_connect.get_async_client(dsn=clickhouse_url) as other:
            await other.insert("kept", [[2, "y"]], column_names=["a", "b"])
            rows = await other.query("SELECT a, b FROM kept ORDER BY a")
        client.command("DROP TABLE kept")

    assert rows.result_rows == [(1, "x"), (2, "y")]
