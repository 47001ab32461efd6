"""Logs: JSON lines on stdout, ours and the libraries' alike.

Every line has `service`, `role`, `level`, `timestamp` and `event`; lines about a request have
`request_id` and `route`, never the path: paths hold codes.
"""

import logging
import sys
import time

import structlog

QUIET_SECONDS = 5.0
MOST_REMEMBERED = 1000
CHATTY = ("uvicorn.access", "aiokafka.conn", "httpx")


def write_json_lines(service: str, role: str) -> None:
    """Set logging up for the whole process, once, at its start."""

    def add_origin(
        _logger: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {"service": service, "role": role, **event}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        add_origin,
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
    handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class RepeatFilter(logging.Filter):
    """Lets a library repeat itself every few seconds only; a class because logging asks for one.

    While Kafka is away aiokafka writes fifty lines a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass our own lines, and a library's when it has not written the same lately."""
        if not isinstance(record.msg, str):
            return True
        line, now = (record.name, record.msg), time.monotonic()
        if now - self._written.get(line, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        if len(self._written) >= MOST_REMEMBERED:  # a library that formats its lines itself
            self._written.clear()
        self._written[line] = now
        return True
