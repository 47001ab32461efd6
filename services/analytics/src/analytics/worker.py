"""Keeps the consumers connected: starts them when Kafka is there, ends them in bounded time."""

import asyncio
import signal
from dataclasses import dataclass

import structlog
from aiokafka.errors import KafkaError
from faststream import ContextRepo
from faststream.kafka import KafkaBroker

from analytics import handlers
from analytics.consuming import LONGEST_PAUSE_SECONDS
from analytics.ingest import Ingestion
from analytics.settings import Worker
from analytics.watch import Watch

log = structlog.get_logger()

GRACE_SECONDS = 4  # for the batch at hand
STOP_SECONDS = 7  # for everything


@dataclass(slots=True)
class Fate:
    """How the process ends: orderly, or because of a bug that a supervisor must hear of."""

    failed: bool = False

    def give_up(self) -> None:
        """End the process in an orderly way, and remember that it was not asked for."""
        self.failed = True
        signal.raise_signal(signal.SIGTERM)


async def consume(settings: Worker, ingestion: Ingestion, watch: Watch, fate: Fate) -> None:
    """Consume until cancelled. A broker that is away at the start is asked again and again."""
    while True:
        broker = a_broker(settings, ingestion)
        handlers.subscribe(broker, settings.kafka_group, fate.give_up)
        try:
            await broker.start()
            watch.follow(broker)
            log.info("consuming", group=settings.kafka_group)
            await asyncio.Event().wait()
        except (KafkaError, OSError) as error:
            log.warning("waiting for Kafka", error=repr(error))
        finally:
            await stop(broker)
        await asyncio.sleep(LONGEST_PAUSE_SECONDS)


def a_broker(settings: Worker, ingestion: Ingestion) -> KafkaBroker:
    """Describe the connection; it only reads: dead letters have a producer of their own."""
    return KafkaBroker(
        settings.kafka_bootstrap_servers,
        client_id="analytics",
        consumer_only=True,
        allow_auto_create_topics=False,
        metadata_max_age_ms=30_000,
        graceful_timeout=GRACE_SECONDS,
        context=ContextRepo({"ingestion": ingestion}),
        logger=None,
    )


async def stop(broker: KafkaBroker) -> None:
    """Finish the batch at hand and leave the group; a broker that is away does not hold us up."""
    try:
        await asyncio.wait_for(broker.stop(), STOP_SECONDS)
    except (KafkaError, OSError, TimeoutError, ExceptionGroup) as error:
        log.warning("stopped without saying goodbye", error=repr(error))
