"""A producer for those who seldom have something to send: what they send may be sent again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from servicekit.lifecycle import stop_within

ACKNOWLEDGED_WITHIN_SECONDS: Final = 30  # an idempotent producer would wait for ever
STOPPED_WITHIN_SECONDS: Final = 3


class Producing:
    """Connects when there is something to send, and anew after a failure.

    A class because it keeps the connection.
    """

    def __init__(self, make: Callable[[], AIOKafkaProducer]) -> None:
        self._make = make
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[AIOKafkaProducer]:
        """Lend it for a block that waits for acknowledgements, but not for ever.

        After an outage it is let go of: nothing of that attempt may linger when it is repeated.
        """
        try:
            async with asyncio.timeout(ACKNOWLEDGED_WITHIN_SECONDS):
                yield await self._connected()
        except (KafkaError, OSError, TimeoutError):
            await self.stop()
            raise

    async def stop(self) -> None:
        """Let go of the broker, in bounded time."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop_within(producer.stop(), STOPPED_WITHIN_SECONDS)

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                producer = self._make()
                try:
                    await producer.start()
                except BaseException:
                    await stop_within(producer.stop(), STOPPED_WITHIN_SECONDS)
                    raise
                self._producer = producer
            return self._producer
