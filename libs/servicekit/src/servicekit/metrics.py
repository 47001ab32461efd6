"""One dialect of metrics for all services: names without a service, `service` and `role` as labels.

A metric exists in the processes that use it: each is made when it is first asked for. Services add
their own in a subclass, in the same registry.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, service: str, role: str) -> None:
        self.registry = CollectorRegistry()
        self._labelled = _Labelled(self.registry, {"service": service, "role": role})

    def page(self) -> bytes:
        """Render them for Prometheus."""
        return generate_latest(self._labelled)

    @cached_property
    def http_request_seconds(self) -> Histogram:
        return Histogram(
            "http_request_seconds",
            "Time to answer a request, by the route's template",
            ["method", "route", "status"],
            registry=self.registry,
        )

    @cached_property
    def event_loop_lag_seconds(self) -> Gauge:
        return Gauge(
            "event_loop_lag_seconds",
            "How late the event loop is; heartbeats are as late",
            registry=self.registry,
        )

    @cached_property
    def consumer_lag(self) -> Gauge:
        return Gauge(
            "consumer_lag",
            "Records that wait to be read, of the partitions that this process has",
            ["topic", "partition"],
            registry=self.registry,
        )

    @cached_property
    def fetch_age_seconds(self) -> Gauge:
        return Gauge(
            "fetch_age_seconds",
            "Time since Kafka last answered a fetch of this group",
            ["group"],
            registry=self.registry,
        )

    @cached_property
    def dead_letters(self) -> Counter:
        return Counter(
            "dead_letters", "Records that nobody can read", ["topic"], registry=self.registry
        )

    @cached_property
    def published(self) -> Counter:
        return Counter(
            "published", "Messages of ours that Kafka has acknowledged", registry=self.registry
        )

    @cached_property
    def outbox_age_seconds(self) -> Gauge:
        return Gauge(
            "outbox_age_seconds",
            "Age of a lane's oldest outbox row at the last look; grows while Kafka is away",
            ["lane"],
            registry=self.registry,
        )


class _Labelled(Collector):
    """Adds the same labels to every sample: when the page is rendered, not when it is counted."""

    def __init__(self, registry: CollectorRegistry, labels: Mapping[str, str]) -> None:
        self._registry = registry
        self._labels = dict(labels)

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [
                sample._replace(labels=self._labels | sample.labels)
                for sample in metric.samples
                if not sample.name.endswith("_created")  # as many again, and nobody asks for them
            ]
            yield metric
