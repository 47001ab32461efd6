"""Has aiokafka let an idle broker rest, without a record coming later for it.

What it asks of all partitions may wait long at the broker: any record ends the wait. What it asks
of some, while records of others are still to be handed out, may not: those others' next records are
asked for only when it has ended. aiokafka has one number for both, and a short one had each idle
subscription ask fifty times a second: a tenth of a core of the broker.
"""

from typing import Any, Final

from aiokafka.consumer import consumer, fetcher

IDLE_MS: Final = 250


class Fetcher(fetcher.Fetcher):  # type: ignore[misc]  # aiokafka is not typed here
    """aiokafka's, which looks at this number anew for each request that it makes."""

    _records: dict[Any, Any]  # by partition: what was fetched and not handed out yet
    _subscriptions: Any
    _busy_ms: int

    @property
    def _fetch_max_wait_ms(self) -> int:
        leaves_some_out = self._records or self._subscriptions.paused_partitions()
        return self._busy_ms if leaves_some_out else max(self._busy_ms, IDLE_MS)

    @_fetch_max_wait_ms.setter
    def _fetch_max_wait_ms(self, given: int) -> None:
        self._busy_ms = given


def let_rest() -> None:
    """Have all consumers of this process ask this way: aiokafka has no seam of its own for it."""
    consumer.Fetcher = Fetcher
