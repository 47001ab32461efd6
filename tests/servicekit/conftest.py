import signal
from collections.abc import Iterator

import pytest


@pytest.fixture
def interrupts() -> Iterator[list[int]]:
    """Catch the signals with which a bug ends the process."""
    seen: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(n, lambda number, _frame: seen.append(number)) for n in numbers]
    yield seen
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)
