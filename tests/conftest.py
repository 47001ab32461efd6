"""Backends by fixture; a test that asks for one becomes an integration test, nobody decorates.

A missing backend is a failure and not a skip. What a failed test wrote is kept, so that one can
look inside while the engines run (`pytest --pdb`), or on engines named in the environment.

The processes of `pytest -n` share one Postgres and one ClickHouse (kit/sharing.py); each has its
own Kafka.
"""

import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from hypothesis import HealthCheck, Phase, settings
from kit import engines, platforms, scheduling
from kit.databases import Databases
from kit.sharing import Run

from counterfoil.platform import Platform
from servicekit.kafka.connection import Kafka, KafkaSettings
from servicekit.kafka.distrust import distrust

# Beside busy engines nobody keeps a deadline, or draws as fast as Hypothesis finds healthy; who has
# a night may look a hundred times longer.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What lands is judged by the same examples each time; `make test-faults` looks for new ones.
settings.register_profile("tests", UNHURRIED, max_examples=50, derandomize=True, database=None)
settings.register_profile("random", UNHURRIED, max_examples=50)
settings.register_profile("thorough", UNHURRIED, max_examples=5_000)
# Whoever breaks something on purpose need not be told the shortest case in which that shows.
settings.register_profile(
    "sabotage",
    UNHURRIED,
    max_examples=50,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tests"))

distrust()  # a record that no client parses, left by one test, stops no reader of another
# Services write one line of JSON. The traceback that structlog draws unasked takes half a second.
structlog.configure(processors=[structlog.processors.JSONRenderer(default=repr)])

WHOLE = {"system", "faults"}
BACKENDS = {"postgres_url", "kafka_servers", "clickhouse_url", "platform", "platform_folder"}

Engine = Callable[[], AbstractContextManager[str]]
MakeTopic = Callable[..., Awaitable[str]]
FAILED = pytest.StashKey[bool]()
RUN = pytest.StashKey[Run]()
PLATFORM = pytest.StashKey[platforms.Shared]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        asked = getattr(item, "fixturenames", ())
        whole_platform = WHOLE & set(item.path.parts)  # some start it as a user does, by command
        if whole_platform or BACKENDS & set(asked):
            item.add_marker(pytest.mark.integration)
    items.sort(key=scheduling.turn)
    if hasattr(config, "workerinput"):
        scheduling.write_down(config.workerinput["testrunuid"], items)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    # What is imported and collected lives as long as the run; nobody need ever look through it.
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    if config.getvalue("dist") != "loadgroup":
        return None
    return scheduling.GroupsAndFiles(config, log)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[PLATFORM] = platforms.Shared()


@pytest.hookimpl(trylast=True)  # what the test has made there comes first
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    # Tests that ask for it follow each other; idle, it would take a quarter of a core.
    if "platform" not in getattr(nextitem, "fixturenames", ()):
        item.config.stash[PLATFORM].end()


@pytest.hookimpl(trylast=True)  # what an interrupted test has left comes first
def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[PLATFORM].end()
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
def kafka_servers() -> Iterator[Kafka]:
    """A locked Kafka cluster, as its operator: `engines.acting_as` makes another of it.

    Of this process alone: services know their topics and groups by name.
    """
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        given = KafkaSettings().kafka
        engines.locked(given)
        yield given
    else:
        with own("kafka", engines.own_kafka)() as servers:
            yield replace(engines.NO_KAFKA, servers=servers)


@pytest.fixture(scope="session")
def clickhouse_url(run: Run) -> str:
    """An administrator's address of a ClickHouse server, database `default`."""
    return address(run, "clickhouse", "CLICKHOUSE_URL", engines.own_clickhouse)


def address(run: Run, engine: str, variable: str, start: Engine) -> str:
    if given := os.environ.get(variable):
        return given
    return run.shared(engine, own(engine, start))


def own(engine: str, start: Engine) -> Engine:
    """Return how an engine of our own is started: here, or in a container."""
    if engines.wanted_containers():
        from kit import containers  # noqa: PLC0415  # asks for Docker as soon as it is imported

        start = getattr(containers, engine)
    return start


@pytest.fixture
def platform(pytestconfig: pytest.Config) -> Platform:
    """A whole platform, shared by the tests of a run: each makes a project of its own."""
    return pytestconfig.stash[PLATFORM].use()


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


@pytest.fixture(scope="session")
def campaigns_databases(postgres_url: str, campaigns_template: str) -> Iterator[Databases]:
    databases = Databases(postgres_url, "campaigns", campaigns_template)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def redemption_databases(postgres_url: str, redemption_template: str) -> Iterator[Databases]:
    databases = Databases(postgres_url, "redemption", redemption_template)
    yield databases
    databases.close()


@pytest.fixture
async def campaigns_db(
    campaigns_databases: Databases, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """A migrated database that this test finds empty, as the service's own role."""
    async with campaigns_databases.one(lambda: request.node.stash.get(FAILED, False)) as dsn:
        yield dsn


@pytest.fixture
async def redemption_db(
    redemption_databases: Databases, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """A migrated database that this test finds empty, as the service's own role."""
    async with redemption_databases.one(lambda: request.node.stash.get(FAILED, False)) as dsn:
        yield dsn


@pytest.fixture
async def kafka_topic(kafka_servers: Kafka) -> AsyncIterator[MakeTopic]:
    """Create a topic that only this test knows: `await kafka_topic("requests", partitions=2)`.

    The name given is the start of the topic's; further keywords are topic settings with
    underscores for dots (`message_timestamp_type="LogAppendTime"`).
    """
    admin = AIOKafkaAdminClient(**kafka_servers.options())
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


@pytest.fixture
def interrupts() -> Iterator[list[int]]:
    """Catch the signals with which a bug ends the process."""
    seen: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(n, lambda number, _frame: seen.append(number)) for n in numbers]
    yield seen
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)
