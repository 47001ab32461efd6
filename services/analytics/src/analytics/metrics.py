"""What analytics counts beside what every service does."""

from functools import cached_property

from prometheus_client import Counter, Histogram

from servicekit.metrics import Metrics as ServiceMetrics


class Metrics(ServiceMetrics):
    """The metrics of one process that stores."""

    @cached_property
    def records_stored(self) -> Counter:
        return Counter(
            "records_stored", "Records that became rows", ["topic"], registry=self.registry
        )

    @cached_property
    def insert_seconds(self) -> Histogram:
        return Histogram(
            "insert_seconds",
            "Time until ClickHouse has acknowledged a block",
            ["table"],
            registry=self.registry,
        )
