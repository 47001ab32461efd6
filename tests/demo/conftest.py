"""The data set is read once for all tests of the demo: it takes a second."""

from collections.abc import Sequence

import pytest

from counterfoil.demo import baskets
from counterfoil.demo.dataset import Dataset, load


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load()


@pytest.fixture(scope="session")
def uses(dataset: Dataset) -> Sequence[baskets.Use]:
    return baskets.uses(dataset)
