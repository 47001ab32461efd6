"""The same engines from testcontainers, where Docker answers: `make test ENGINES=containers`."""

from collections.abc import Iterator
from contextlib import contextmanager

from testcontainers.clickhouse import ClickHouseContainer
from testcontainers.kafka import KafkaContainer
from testcontainers.postgres import PostgresContainer

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "confluentinc/cp-kafka:8.1.0"
CLICKHOUSE_IMAGE = "clickhouse/clickhouse-server:25.8"


@contextmanager
def postgres() -> Iterator[str]:
    with PostgresContainer(POSTGRES_IMAGE, username="postgres", driver=None) as container:
        yield container.get_connection_url()


@contextmanager
def kafka() -> Iterator[str]:
    container = KafkaContainer(KAFKA_IMAGE).with_kraft()
    with container.with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false"):
        yield container.get_bootstrap_server()


@contextmanager
def clickhouse() -> Iterator[str]:
    with ClickHouseContainer(
        CLICKHOUSE_IMAGE, username="counterfoil", password="tests"
    ) as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(8123)
        yield f"http://counterfoil:tests@{host}:{port}/default"
