"""The roles as real processes, and Kafka as their world sees it."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.admin import DescribeGroupsRequest_v0
from aiokafka.protocol.api import Request
from aiokafka.protocol.group import LeaveGroupRequest
from redemption_books import until

from counterfoil import processes

GROUPS = ("redemption", "redemption-snapshots")


class Role:
    """One role of redemption, running."""

    def __init__(self, child: processes.Child, url: str) -> None:
        self.child = child
        self.url = url

    async def ready(self) -> None:
        """Wait until nothing is missing. Raises when it ends instead, with its last words."""

        async def answers() -> bool:
            if (code := self.child.exit_code) is not None:
                raise processes.ProgramError(self.child.program, code)
            return (await self.readyz()).get("ready") is True

        await until(answers, seconds=60)

    async def readyz(self) -> dict[str, Any]:
        """Return what it says about its dependencies; nothing while it does not listen."""
        async with httpx.AsyncClient() as http:
            try:
                body: dict[str, Any] = (await http.get(f"{self.url}/readyz")).json()
            except httpx.TransportError:
                return {}
            return body

    async def stop(self) -> tuple[int, float]:
        """Stop it as a supervisor does; return its exit status and how long it took."""
        began = time.monotonic()
        status = await self.child.stop(grace=20)
        return status, time.monotonic() - began

    def kill(self) -> None:
        self.child.kill()

    @property
    def log(self) -> str:
        return self.child.program.log.read_text()


@contextlib.asynccontextmanager
async def running(name: str, folder: Path, dsn: str, kafka: str = "") -> AsyncIterator[Role]:
    """Run a role; it may not be ready yet."""
    port = free_port()
    program = processes.Program(
        name=f"redemption {name}",
        arguments=(sys.executable, "-m", "redemption", name),
        log=folder / f"{name}-{uuid4().hex[:6]}.log",
        environment={
            "REDEMPTION_POSTGRES_DSN": dsn,
            "REDEMPTION_PORT": str(port),
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "CUSTOMER_ID_KEY": "the key of this installation",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # the code that the tests import
        },
    )
    role = Role(processes.start(program), f"http://127.0.0.1:{port}")
    try:
        yield role
    finally:
        role.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class DescribeGroup(Request[DescribeGroupsRequest_v0]):  # type: ignore[misc]
    """Ask for a group's members in the one version that aiokafka reads correctly."""

    API_KEY = DescribeGroupsRequest_v0.API_KEY

    def __init__(self, group: str) -> None:
        self._group = group

    def build(
        self, request_struct_class: type[DescribeGroupsRequest_v0]
    ) -> DescribeGroupsRequest_v0:
        return request_struct_class([self._group])


class Kafka:
    """What checkouts send and readers find."""

    def __init__(self, servers: str) -> None:
        self.servers = servers

    async def send(self, topic: str, *values: bytes | None, key: bytes | None = b"key") -> None:
        async with self.producing() as producer:
            for value in values:
                await producer.send(topic, value, key=key)

    @contextlib.asynccontextmanager
    async def producing(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(bootstrap_servers=self.servers, max_request_size=4_000_000)
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def ends(self, topics: Iterable[str]) -> dict[TopicPartition, int]:
        """Return where each partition ends now: a bookmark to read on from."""
        async with self._consumer() as consumer:
            return await self._ends(consumer, topics)

    async def since(self, bookmark: dict[TopicPartition, int]) -> list[ConsumerRecord]:
        """Return the records that were written after a bookmark, per partition in order."""
        async with self._consumer() as consumer:
            ends = await self._ends(consumer, {partition.topic for partition in bookmark})
            consumer.assign(list(bookmark))
            found: list[ConsumerRecord] = []
            for partition, start in bookmark.items():
                consumer.seek(partition, start)
            positions = bookmark
            while any(position < ends[p] for p, position in positions.items()):
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    found += batch
                positions = {p: await consumer.position(p) for p in bookmark}
            return found

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        async with self._admin() as admin:
            offsets = await admin.list_consumer_group_offsets(group)
        return {partition: meta.offset for partition, meta in offsets.items()}

    async def caught_up(self, group: str, topics: Sequence[str]) -> bool:
        """Tell whether a group has committed everything that these topics hold."""
        ends, committed = await self.ends(topics), await self.committed(group)
        return all(committed.get(p, 0) >= end for p, end in ends.items())

    async def rewind(self, group: str, bookmark: dict[TopicPartition, int]) -> None:
        """Make a group without members read on from a bookmark."""
        async with self._consumer(group) as consumer:
            consumer.assign(list(bookmark))
            await consumer.commit(bookmark)

    async def members(self) -> list[tuple[str, str]]:
        """Return (group, member) of every worker that the broker believes in."""
        return [(group, member) for group, member, _ in await self._members()]

    async def bury(self) -> None:
        """Tell the broker that killed workers are gone; it would wait out their sessions."""
        async with self._admin() as admin:
            for group, member, node in await self._members():
                await admin._send_request(LeaveGroupRequest(group, member), node)

    async def _members(self) -> list[tuple[str, str, int]]:
        found = []
        async with self._admin() as admin:
            for group in GROUPS:
                try:
                    node = await admin.find_coordinator(group)
                except GroupCoordinatorNotAvailableError:
                    continue  # a broker that never had a group
                answer = await admin._send_request(DescribeGroup(group), node)
                [(*_, members)] = answer.groups
                found += [(group, member_id, node) for member_id, *_ in members]
        return found

    @contextlib.asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    @contextlib.asynccontextmanager
    async def _consumer(self, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers, group_id=group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def _ends(
        self, consumer: AIOKafkaConsumer, topics: Iterable[str]
    ) -> dict[TopicPartition, int]:
        cluster = await consumer._client.fetch_all_metadata()
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in cluster.partitions_for_topic(topic) or ()
        ]
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        return ends
