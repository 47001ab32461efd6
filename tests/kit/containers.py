"""The same engines from testcontainers, where Docker answers: `make test ENGINES=containers`."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

from testcontainers.clickhouse import ClickHouseContainer
from testcontainers.core.container import DockerContainer
from testcontainers.postgres import PostgresContainer

from counterfoil import ports
from counterfoil.engines import kafka as engine
from kit import engines
from kit.patience import until

READY_SECONDS = 60.0
POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka:4.1.0"
CLICKHOUSE_IMAGE = "clickhouse/clickhouse-server:25.8"


@contextmanager
def postgres() -> Iterator[str]:
    with PostgresContainer(POSTGRES_IMAGE, username="postgres", driver=None) as container:
        yield container.get_connection_url()


@contextmanager
def kafka() -> Iterator[str]:
    """Kafka with the settings of `counterfoil up`, on this host's network: locked as there."""
    with engines.temporary_folder("kafka") as folder, ports.Ports() as reserved:
        port, controller = reserved.choose(), reserved.choose()
        settings = engine.write_settings(folder, port, controller, engines.SECRET)
        formatting = f"kafka-storage.sh format --standalone -t {engine.cluster_id(folder)}"
        starting = f"{formatting} -c {settings} && exec kafka-server-start.sh {settings}"
        container = (
            DockerContainer(KAFKA_IMAGE, network_mode="host", user=str(os.getuid()))
            .with_volume_mapping(str(folder), str(folder), "rw")
            .with_env("PATH", "/opt/kafka/bin:/opt/java/openjdk/bin:/usr/bin:/bin")
            .with_command(["bash", "-c", starting])
        )
        broker = engine.as_broker(f"{ports.HOST}:{port}", engines.SECRET)
        with container:
            asyncio.run(until(lambda: engine.answering(broker), READY_SECONDS))
            yield engines.locked(broker)


@contextmanager
def clickhouse() -> Iterator[str]:
    with ClickHouseContainer(
        CLICKHOUSE_IMAGE, username="counterfoil", password="tests"
    ) as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(8123)
        yield f"http://counterfoil:tests@{host}:{port}/default"
