"""What redemption counts, for Prometheus. Each name says what it means once, here."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from redemption.decisions import Answer

OK = 200


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.decisions = Counter(
            "redemption_decisions", "Answers given", ["outcome"], registry=self.registry
        )
        self._accepted = self.decisions.labels("accepted")
        self._refused = self.decisions.labels("refused")
        self._replayed = self.decisions.labels("replayed")
        self.batch_size = Histogram(
            "redemption_batch_size",
            "Requests decided in one transaction",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "redemption_batch_seconds", "Time of one transaction", registry=self.registry
        )
        self.dead_letters = Counter(
            "redemption_dead_letters", "Records set aside", ["topic"], registry=self.registry
        )
        self.published = Counter(
            "redemption_published", "Outbox rows acknowledged by Kafka", registry=self.registry
        )
        self.outbox_age_seconds = Gauge(
            "redemption_outbox_age_seconds",
            "Age of the oldest outbox row; grows while Kafka is away",
            registry=self.registry,
        )

    def decided(self, answer: Answer) -> None:
        """Count one answer by its outcome."""
        if answer.replayed:
            self._replayed.inc()
        elif answer.status == OK:
            self._accepted.inc()
        else:
            self._refused.inc()
