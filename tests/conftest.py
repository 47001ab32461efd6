"""Backends by fixture; a test that asks for one becomes an integration test, nobody decorates.

A missing backend is a failure and not a skip. What a failed test wrote is kept, so that one can
look inside while the engines run (`pytest --pdb`), or on engines named in the environment.

The processes of `pytest -n` share one engine of each kind (kit/sharing.py).
"""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import clickhouse_connect
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kit import engines, platforms
from kit.scheduling import GroupsAndFiles
from kit.sharing import Run

from counterfoil.platform import Platform

WHOLE = {"system", "faults"}
BACKENDS = {"postgres_url", "kafka_servers", "clickhouse_url", "platform", "platform_folder"}
# Who asks for the first of these shares it with one process alone: there is one platform, and on
# Kafka the topics and groups have the services' own names. The longest come first, or one process
# would end with them while the other has nothing to do.
GROUPS = {"platform": "platform", "kafka_servers": "kafka"}

Engine = Callable[[], AbstractContextManager[str]]
MakeTopic = Callable[..., Awaitable[str]]
FAILED = pytest.StashKey[bool]()
RUN = pytest.StashKey[Run]()


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asked = getattr(item, "fixturenames", ())
        whole_platform = WHOLE & set(item.path.parts)  # some start it as a user does, by command
        if whole_platform or BACKENDS & set(asked):
            item.add_marker(pytest.mark.integration)
        for backend, group in GROUPS.items():
            if backend in asked:
                item.add_marker(pytest.mark.xdist_group(group))
                break
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Put the groups first, then what takes long, then the rest as it was collected."""
    if group := item.get_closest_marker("xdist_group"):
        return list(GROUPS.values()).index(group.args[0])
    return len(GROUPS) + (item.get_closest_marker("integration") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give a process whole groups, and whole files of what belongs to none."""
    return GroupsAndFiles(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(trylast=True)  # what an interrupted test has left comes first
def pytest_sessionfinish(session: pytest.Session) -> None:
    if run := session.config.stash.get(RUN, None):
        run.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """What the processes of this run share; what it has made ends with the session."""
    run = Run(os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())))
    pytestconfig.stash[RUN] = run
    return run


@pytest.fixture(scope="session")
def postgres_url(run: Run) -> str:
    """A superuser's address of a PostgreSQL server."""
    return address(run, "postgres", "POSTGRES_URL", engines.own_postgres)


@pytest.fixture(scope="session")
def kafka_servers(run: Run) -> str:
    """The bootstrap servers of a Kafka cluster."""
    return address(run, "kafka", "KAFKA_BOOTSTRAP_SERVERS", engines.own_kafka)


@pytest.fixture(scope="session")
def clickhouse_url(run: Run) -> str:
    """An administrator's address of a ClickHouse server, database `default`."""
    return address(run, "clickhouse", "CLICKHOUSE_URL", engines.own_clickhouse)


def address(run: Run, engine: str, variable: str, own: Engine) -> str:
    if given := os.environ.get(variable):
        return given
    if engines.wanted_containers():
        from kit import containers  # noqa: PLC0415  # asks for Docker as soon as it is imported

        own = getattr(containers, engine)
    return run.shared(engine, own)


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """A whole platform, shared by the tests of a run: each makes a project of its own."""
    with engines.temporary_folder("platform") as folder, platforms.running(folder) as running:
        yield running


@pytest.fixture
def platform_folder() -> Iterator[Path]:
    """A data folder for a platform that a test starts, and breaks, by itself."""
    with engines.temporary_folder("platform") as folder:
        yield folder


@pytest.fixture(scope="session")
def campaigns_template(run: Run, postgres_url: str) -> str:
    return template(run, postgres_url, "campaigns")


@pytest.fixture(scope="session")
def redemption_template(run: Run, postgres_url: str) -> str:
    return template(run, postgres_url, "redemption")


def template(run: Run, postgres_url: str, service: str) -> str:
    """Name a migrated database to clone; there is one per run."""
    return run.once(f"{service}-template", lambda: engines.migrated_template(postgres_url, service))


@pytest.fixture
async def campaigns_db(
    postgres_url: str, campaigns_template: str, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """A migrated database of this test alone, as the service's own role."""
    dsn = await engines.clone(postgres_url, "campaigns", campaigns_template)
    yield dsn
    if not request.node.stash.get(FAILED, False):
        await engines.drop(postgres_url, dsn)


@pytest.fixture
async def redemption_db(
    postgres_url: str, redemption_template: str, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """A migrated database of this test alone, as the service's own role."""
    dsn = await engines.clone(postgres_url, "redemption", redemption_template)
    yield dsn
    if not request.node.stash.get(FAILED, False):
        await engines.drop(postgres_url, dsn)


@pytest.fixture
def clickhouse_db(clickhouse_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of this test alone, named in the address's path."""
    database = f"coupons_{uuid4().hex[:12]}"
    url = f"{clickhouse_url.rpartition('/')[0]}/{database}"
    done = subprocess.run(
        [sys.executable, "-m", "analytics", "migrate"],
        env=os.environ | {"CLICKHOUSE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"migrating analytics failed:\n{done.stdout}{done.stderr}"
    yield url
    if not request.node.stash.get(FAILED, False):
        with clickhouse_connect.get_client(dsn=clickhouse_url) as client:
            client.command(f"DROP DATABASE IF EXISTS {database}")


@pytest.fixture
async def kafka_topic(kafka_servers: str) -> AsyncIterator[MakeTopic]:
    """Create a topic that only this test knows: `await kafka_topic("requests", partitions=2)`.

    The name given is the start of the topic's; further keywords are topic settings with
    underscores for dots (`message_timestamp_type="LogAppendTime"`).
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_servers)
    await admin.start()
    made: list[str] = []

    async def make(name: str = "topic", *, partitions: int = 1, **settings: object) -> str:
        topic = f"{name}-{uuid4().hex[:12]}"
        configs: Mapping[str, str] = {k.replace("_", "."): str(v) for k, v in settings.items()}
        answer = await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])
        assert all(code == 0 for _, code, *_ in answer.topic_errors), answer
        made.append(topic)
        return topic

    yield make
    if made:
        await admin.delete_topics(made)
    await admin.close()
