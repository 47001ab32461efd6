"""Whether the consumers still go round: FastStream keeps a broken one, and looks alive.

It never recreates a consumer whose coordinator died, so the process would consume nothing for
ever: `/livez` says so, and whoever supervises starts another.
"""

from faststream.kafka import KafkaBroker


class Watch:
    """Knows the broker once it has been started; a class because that comes late."""

    def __init__(self) -> None:
        self.broker: KafkaBroker | None = None  # None while Kafka has not answered yet

    def stuck(self) -> str | None:
        """Say what is wrong, or None."""
        for subscriber in self.broker.subscribers if self.broker else ():
            consumer = getattr(subscriber, "consumer", None)
            if consumer is None or not subscriber.running:
                return "a subscription has ended"
            if consumer._coordinator._coordination_task.done():  # noqa: SLF001 - nothing else tells
                return "the coordination of a group has ended"
        return None
