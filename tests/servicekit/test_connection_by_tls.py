"""A broker beyond this machine, as clients reach it: by TLS, by name, and by its certificate."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.connection import Kafka

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
async def by_tls(kafka_servers: Kafka) -> AsyncIterator[Kafka]:
    """The way into Kafka through a door that speaks TLS; its certificate is for `localhost`."""
    host, _, port = kafka_servers.servers.rpartition(":")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside_reader, inside_writer = await asyncio.open_connection(host, int(port))
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(copy(reader, inside_writer), copy(inside_reader, writer))

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while some := await source.read(65_536):
            target.write(some)
        target.close()

    async with await asyncio.start_server(passed_on, "127.0.0.1", 0, ssl=context) as server:
        outside = server.sockets[0].getsockname()[1]
        yield replace(
            kafka_servers,
            servers=f"localhost:{outside}",
            protocol="SASL_SSL",
            ca_file=str(CERTIFICATE),
        )


async def test_a_broker_with_the_right_certificate_is_reached(by_tls: Kafka) -> None:
    assert await kafka_answers(by_tls)() is None


@pytest.mark.parametrize(
    "trusting",
    [
        pytest.param({"ca_file": None}, id="nobody-vouches-for-it"),
        pytest.param({"servers": "127.0.0.1"}, id="it-is-for-another-name"),
        pytest.param({"password": "guessed"}, id="wrong-password"),
    ],
)
async def test_and_with_a_wrong_one_it_is_not(by_tls: Kafka, trusting: dict[str, Any]) -> None:
    if "servers" in trusting:
        trusting = {"servers": by_tls.servers.replace("localhost", trusting["servers"])}

    with pytest.raises(KafkaConnectionError):
        await kafka_answers(replace(by_tls, **trusting))()
