"""The data set is read once for all tests of the demo: it takes a second."""

from collections.abc import Sequence

import pytest
from kit.engines import NO_KAFKA

from counterfoil.demo import baskets
from counterfoil.demo.dataset import Dataset, load
from counterfoil.demo.target import Target


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load()


@pytest.fixture(scope="session")
def uses(dataset: Dataset) -> Sequence[baskets.Use]:
    return baskets.uses(dataset)


@pytest.fixture
def target() -> Target:
    return Target(
        gateway="http://127.0.0.1:1",
        kafka=NO_KAFKA,
        importer=NO_KAFKA,
        redemption_dsn="postgresql://",
        clickhouse_url="http://127.0.0.1:3",
        project_id="proj_a",
        app_id="id",
        app_token="token",
        customer_key=b"key",
    )
