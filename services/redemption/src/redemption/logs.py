"""Logs: JSON lines on stdout, ours and the libraries' alike."""

import logging
import sys
import time

import structlog

QUIET_SECONDS = 5.0


def write_json_lines(role: str) -> None:
    """Set logging up for the whole process, once, at its start."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without local variables: some hold secrets.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.addFilter(Calm())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("uvicorn.access", "aiokafka.conn", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service="redemption", role=role)


class Calm(logging.Filter):
    """Lets a library repeat itself every few seconds only; a class because logging asks for one.

    While Kafka is away aiokafka writes fifty lines a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass our own lines, and a library's when it has not said so lately."""
        if not isinstance(record.msg, str):
            return True
        said, now = (record.name, record.msg), time.monotonic()
        if now - self._said.get(said, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        self._said[said] = now
        return True
