"""Where the platform is that the demo plays on, and as which project it plays."""

from dataclasses import dataclass

from servicekit.kafka.connection import Kafka


@dataclass(frozen=True, slots=True)
class Target:
    """Addresses and keys. `customer_key` derives customers' pseudonyms, as the services do.

    `kafka` is the operator's way in, `importer` that of whoever brings the past.
    """

    gateway: str
    kafka: Kafka
    importer: Kafka
    redemption_dsn: str
    clickhouse_url: str
    project_id: str
    app_id: str
    app_token: str
    customer_key: bytes | None = None


class StuckError(Exception):
    """Nothing moves any more; `parts` are the processes whose logs are worth a look."""

    def __init__(self, stage: str, detail: str, parts: tuple[str, ...]) -> None:
        self.parts = parts
        super().__init__(f"{stage}: {detail}; look at {' and '.join(parts)}")
