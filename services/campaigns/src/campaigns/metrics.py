"""What campaigns counts, beside what every service counts."""

from functools import cached_property
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from servicekit import metrics

# A switch is to be enforced within a quarter of a second, and gives up after five.
SECONDS: Final = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics(metrics.Metrics):
    """The metrics of one process of campaigns."""

    def __init__(self, role: str) -> None:
        super().__init__("campaigns", role)

    @cached_property
    def codes_issued(self) -> Counter:
        return Counter("codes_issued", "Codes that bulk issues stored", registry=self.registry)

    @cached_property
    def uses_followed(self) -> Counter:
        return Counter(
            "uses_followed",
            "Vouchers whose redemption count a batch of outcomes moved",
            registry=self.registry,
        )

    @cached_property
    def snapshots_applied(self) -> Counter:
        return Counter(
            "snapshots_applied",
            "Versions that redemption reported as applied",
            registry=self.registry,
        )

    @cached_property
    def switch_seconds(self) -> Histogram:
        return Histogram(
            "switch_enforced_seconds",
            "From a switch's commit to redemption's word that it is enforced, by what it is of",
            ["kind"],
            buckets=SECONDS,
            registry=self.registry,
        )

    @cached_property
    def switches_late(self) -> Counter:
        return Counter(
            "switches_not_enforced_in_time",
            "Switches that were answered 503 not_enforced_yet, by what they are of",
            ["kind"],
            registry=self.registry,
        )

    @cached_property
    def probe_seconds(self) -> Histogram:
        return Histogram(
            "switch_probe_seconds",
            "From the probe's wish to switch off to the answer that it is, through the gateway",
            buckets=SECONDS,
            registry=self.registry,
        )

    @cached_property
    def probe_failures(self) -> Counter:
        return Counter(
            "switch_probe_failures",
            "Rounds of the probe that went wrong, by how",
            ["failure"],
            registry=self.registry,
        )

    @cached_property
    def probe_succeeded(self) -> Gauge:
        return Gauge(
            "switch_probe_last_success_timestamp_seconds",
            "When a round of the probe last went well",
            registry=self.registry,
        )
