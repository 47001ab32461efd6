"""What campaigns counts, beside what every service counts."""

from functools import cached_property

from prometheus_client import Counter

from servicekit import metrics


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
