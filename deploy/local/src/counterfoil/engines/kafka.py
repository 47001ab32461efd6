"""Apache Kafka 4.4 in KRaft mode: one node, broker and controller in one, on the JRE of a wheel.

It is locked: principals log in by SCRAM, their credentials live in its own metadata. Those cannot
let in the one who writes the first of them, nor its own broker, who speaks to the controller before
there is any metadata: that is BROKER, by PLAIN, whose password is in the settings alone.
"""

import asyncio
import secrets
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from contracts.principals import OPERATOR
from counterfoil.engines import jars, java
from counterfoil.ports import HOST
from counterfoil.processes import Child, Program, ProgramError, run
from servicekit.kafka.connection import Kafka

BROKER = "broker"  # itself, towards itself: no principal of anybody's
READY_SECONDS = 120.0
ANSWER_SECONDS = 5.0
# How long a connection lives by the password that it came with. aiokafka cannot log in again on one
# that is open: it connects anew, a tenth of a second once per connection.
LOGGED_IN_SECONDS = 600

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENTS://{advertised}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENTS
log.dirs={data}

# Who is not known comes in nowhere, and who is may do what was granted, nothing else.
listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.controller.sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.clients.scram-sha-512.sasl.jaas.config={scram} required;
listener.name.clients.scram-sha-512.connections.max.reauth.ms={logged_in}
listener.name.clients.plain.sasl.jaas.config={plain} required {login};
listener.name.controller.plain.sasl.jaas.config={plain} required {login};
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{broker};User:{operator}
allow.everyone.if.no.acl.found=false
# Until somebody has logged in his every announcement of a request costs its size: half a megabyte
# each, unless told otherwise, and a thousand strangers' connections all memory that there is.
sasl.server.max.receive.size=16384
# And of whoever has: he needs as many connections as this goes into the memory there is (java.py).
# A batch has a megabyte, a topic four partitions. (queued.max.request.bytes bounds them all
# together, and whoever uses that up lets nobody else ask anything, for as long as he likes.)
socket.request.max.bytes=4194304

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


async def prepare(folder: Path, port: int, controller_port: int, password: str, logs: Path) -> None:
    """Write the settings, and format the storage once; the password is BROKER's."""
    settings = write_settings(folder, port, controller_port, password)
    if is_formatted(folder):
        return
    tool = ("kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted")
    told = ("-t", cluster_id(folder), "-c", str(settings))
    with java.learning(jars.KAFKA) as words:
        await run(Program("kafka-format", (*words, *tool, *told), logs / "kafka-format.log"))


def write_settings(folder: Path, port: int, controller_port: int, password: str) -> Path:
    """Write the settings anew at each start, ports may differ; the cluster's id stays."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = folder / "cluster-id"
    if not identity.exists():
        # 16 bytes in base64, as Kafka writes them; a leading dash would look like an option.
        identity.write_text("C" + secrets.token_urlsafe(16)[1:21] + "A")
    settings = folder / "server.properties"
    settings.touch(mode=0o600)
    settings.write_text(
        SETTINGS.format(
            host=HOST,
            port=port,
            controller_port=controller_port,
            advertised=f"{HOST}:{port}",
            data=folder / "data",
            scram="org.apache.kafka.common.security.scram.ScramLoginModule",
            plain="org.apache.kafka.common.security.plain.PlainLoginModule",
            login=f'username="{BROKER}" password="{password}" user_{BROKER}="{password}"',
            logged_in=LOGGED_IN_SECONDS * 1000,
            broker=BROKER,
            operator=OPERATOR,
        )
    )
    return settings


def as_broker(servers: str, password: str) -> Kafka:
    """Return the way in of the one who makes all the others."""
    return Kafka(servers, "SASL_PLAINTEXT", BROKER, password, "PLAIN")


def is_formatted(folder: Path) -> bool:
    return (folder / "data" / "meta.properties").exists()


def program(folder: Path, logs: Path) -> Program:
    """Describe the broker on a prepared folder."""
    settings = str(folder / "server.properties")
    arguments = (*java.words(jars.KAFKA), "kafka.Kafka", settings)
    return Program("kafka", arguments, logs / "kafka.log")


async def ready(child: Child, kafka: Kafka, cluster: str) -> None:
    """Wait until our own cluster answers: on an occupied port somebody else's would."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            if (code := child.exit_code) is not None:
                raise ProgramError(child.program, code)
            if await answering(kafka) == cluster:
                return
            await asyncio.sleep(0.1)


async def answering(kafka: Kafka) -> str | None:
    """Return the id of the cluster that answers at this address, or None."""
    host, _, port = kafka.servers.rpartition(":")
    try:  # first whether anybody listens: the client would try again for a while
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return None
    writer.close()

    def ask() -> str:
        admin = AdminClient(kafka.librdkafka() | {"log_level": 0})
        described = admin.describe_cluster(request_timeout=ANSWER_SECONDS).result(ANSWER_SECONDS)
        return str(described.cluster_id)

    try:
        return await asyncio.to_thread(ask)
    except (KafkaException, TimeoutError):
        return None


def cluster_id(folder: Path) -> str:
    return (folder / "cluster-id").read_text()
