"""Whether the consumers still go round: FastStream keeps a broken one, and looks alive.

It never recreates a consumer whose coordinator died, so the process would consume nothing for
ever: `/livez` says so, and whoever supervises starts another.
"""

import time

from faststream.kafka import KafkaBroker

STUCK_SECONDS = 90.0


class Watch:
    """Remembers when each topic's handler last began; a class because it remembers."""

    def __init__(self) -> None:
        self.broker: KafkaBroker | None = None  # None while Kafka has not answered yet
        self._begun: dict[str, float] = {}

    def beat(self, topic: str) -> None:
        """Note that a batch of this topic is in work; repeated while an outage lasts."""
        self._begun[topic] = time.monotonic()

    def stuck(self) -> str | None:
        """Say what is wrong, or None."""
        if self.broker is None:
            return None
        for subscriber in self.broker.subscribers:
            consumer = getattr(subscriber, "consumer", None)
            topics = getattr(subscriber, "topics", ())
            if consumer is None:
                return f"nobody reads {topics}"
            if consumer._coordinator._coordination_task.done():  # noqa: SLF001 - nothing else tells
                return f"the group coordination of {topics} has ended"
            begun = max((self._begun.get(topic, 0.0) for topic in topics), default=0.0)
            polled = consumer._subscription.fetcher_idle_time  # noqa: SLF001 - nothing else tells
            idle = min(time.monotonic() - begun, polled)
            if idle > STUCK_SECONDS:
                return f"no progress on {topics} for {idle:.0f} s"
        return None
