"""The command line: roles as processes, what they need, how they end."""

import asyncio
import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from kit import engines
from kit.patience import until
from kit.redemption_books import audit
from kit.redemption_http import a_body, proof, two_projects
from kit.redemption_processes import Outside, running
from kit.redemption_samples import a_request, campaign_changed, voucher_changed
from kit.service_process import ServiceProcess, free_port
from schemathesis import Case, GenerationMode, openapi
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from contracts import topics
from counterfoil import plain_http, processes
from counterfoil.engines import jars
from counterfoil.engines import kafka as kafka_engine
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from servicekit.kafka.connection import Kafka
from servicekit.kafka.topics import ensure

pytestmark = pytest.mark.process


async def run(*arguments: str, **environment: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "redemption",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        | environment,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest.mark.parametrize("arguments", [(), ("serve",), ("api", "worker")])
async def test_who_asks_for_no_role_is_told_which_there_are(arguments: tuple[str, ...]) -> None:
    status, said = await run(*arguments)

    assert status == 2
    assert said == "usage: python -m redemption api|worker|definitions|relay|migrate\n"


async def test_a_missing_setting_is_named_and_no_secret_is() -> None:
    status, said = await run(
        "worker", REDEMPTION_POSTGRES_DSN="postgresql://u:hunter2@h/d", REDEMPTION_PORT="many"
    )

    assert status == 2
    assert len(said.splitlines()) == 1
    assert all(name in said for name in ("port", "CUSTOMER_ID_KEY", "KAFKA_BOOTSTRAP_SERVERS"))
    assert "hunter2" not in said


async def test_migrating_again_is_harmless(postgres_url: str, redemption_db: str) -> None:
    database = urlsplit(redemption_db).path.removeprefix("/")
    owner = engines.as_role(postgres_url, "redemption_owner", database)

    status, said = await run("migrate", REDEMPTION_MIGRATIONS_DSN=owner)

    assert (status, "rror" in said) == (0, False), said


@pytest.mark.fault
async def test_a_stop_under_load_fails_no_request_that_was_taken(
    tmp_path: Path, redemption_db: str, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [*two_projects(), campaign_changed(), voucher_changed()])
    answered: list[int] = []

    async def client(url: str) -> None:
        async with plain_http.client(base_url=url, headers=proof("key_a")) as http:
            while True:
                try:
                    answer = await http.post("/v1/redemptions", json=a_body())
                except httpx.TransportError:
                    return  # it listens no more, or closed an idle connection under our hands
                answered.append(answer.status_code)

    async def loaded() -> bool:
        return len(answered) > 100

    async with running("api", tmp_path, redemption_db) as api:
        await api.ready()
        clients = asyncio.gather(*(client(api.url) for _ in range(20)))
        await until(loaded)
        status, seconds = await api.stop()
        await clients

    assert (status, seconds < 20) == (0, True)
    assert set(answered) == {200}
    assert await audit(pool) == len(answered)


@pytest.mark.fault
async def test_roles_start_without_kafka_and_go_on_by_themselves_once_it_is_there(
    tmp_path: Path, redemption_db: str, pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [*two_projects(), campaign_changed(), voucher_changed()])
    port, controller = free_port(), free_port()
    kafka = replace(engines.NO_KAFKA, servers=f"127.0.0.1:{port}")
    itself = kafka_engine.as_broker(kafka.servers, engines.SECRET)
    folder = tmp_path / "kafka"
    await jars.fetch_missing(jars.KAFKA, tmp_path)
    await kafka_engine.prepare(folder, port, controller, engines.SECRET, tmp_path)

    async with (
        running("api", tmp_path, redemption_db) as api,
        running("worker", tmp_path, redemption_db, kafka) as worker,
        running("definitions", tmp_path, redemption_db, kafka) as definitions,
        running("relay", tmp_path, redemption_db, kafka) as relay,
    ):
        await api.ready()
        for role in (worker, definitions, relay):
            await until(partial(misses_kafka, role))
        [response] = await decider.decide([a_request()])  # what HTTP does; the outbox grows
        assert response.status == 200

        broker = processes.start(kafka_engine.program(folder, tmp_path))
        try:
            await kafka_engine.ready(broker, itself, kafka_engine.cluster_id(folder))
            await asyncio.to_thread(engines.locked, itself)
            await ensure(kafka, topics.with_dead_letters())
            for role in (worker, definitions, relay):
                await role.ready()
            await Outside(kafka).send(topics.REDEMPTION_REQUESTS.name, b"not json")
            letters = topics.dead_letters(topics.REDEMPTION_REQUESTS.name, "redemption")
            await until(lambda: holds(kafka, letters))
            await until(lambda: holds(kafka, topics.REDEMPTIONS.name))
        finally:
            broker.kill()

        # And while it is away again, nobody waits for it in order to stop.
        for role in (api, worker, definitions, relay):
            status, seconds = await role.stop()
            assert (status, seconds < 20) == (0, True), role.log[-2000:]


async def misses_kafka(role: ServiceProcess) -> bool:
    said = await role.readyz()
    missing = said.get("dependencies", {})
    return said.get("ready") is False and missing["postgres"] == "ok" != missing["kafka"]


async def holds(kafka: Kafka, topic: str) -> bool:
    return sum((await Outside(kafka).ends([topic])).values()) > 0


async def test_the_openapi_page_is_kept_to_the_letter(
    tmp_path: Path, redemption_db: str, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [*two_projects(), campaign_changed(), voucher_changed()])
    async with running("api", tmp_path, redemption_db) as api:
        await api.ready()
        await asyncio.to_thread(keeps_its_page, api.url)


def keeps_its_page(url: str) -> None:
    page = openapi.from_url(f"{url}/openapi/redemption.json")
    operations = [r.ok() for r in page.get_all_operations() if isinstance(r, Ok)]

    for operation in operations:

        @given(case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE))
        @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
        def check(case: Case[Any]) -> None:
            # A code that is not there is refused although the page has nothing against it.
            case.call_and_validate(
                headers=proof("key_a"), excluded_checks=[positive_data_acceptance]
            )

        check()

    assert len(operations) == sum(map(len, page.raw_schema["paths"].values()))
