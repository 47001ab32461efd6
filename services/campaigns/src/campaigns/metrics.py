"""What campaigns counts, for Prometheus. Each name says what it means once, here."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "campaigns_http_request_seconds",
            "Time to answer",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.codes_issued = Counter(
            "campaigns_codes_issued", "Codes that bulk issues stored", registry=self.registry
        )
        self.published = Counter(
            "campaigns_published", "Outbox rows acknowledged by Kafka", registry=self.registry
        )
        self.outbox_age_seconds = Gauge(
            "campaigns_outbox_age_seconds",
            "Age of the oldest outbox row; grows while Kafka is away",
            registry=self.registry,
        )
        self.uses_followed = Counter(
            "campaigns_uses_followed",
            "Vouchers whose redemption count an outcome moved",
            registry=self.registry,
        )
        self.applied = Counter(
            "campaigns_applied", "Reports of enforced versions", registry=self.registry
        )
        self.dead_letters = Counter(
            "campaigns_dead_letters", "Records set aside", ["topic"], registry=self.registry
        )
