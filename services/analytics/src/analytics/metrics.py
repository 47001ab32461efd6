"""What an operator can see. Every name is in one of these literals: a typo does not type-check."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Counters = Literal[
    "analytics_records_total",  # by topic and outcome: stored, dead_letter
    "analytics_http_requests_total",  # by route and status
]
Gauges = Literal[
    "analytics_consumer_lag",  # by topic and partition: records that wait to be stored
    "analytics_loop_lag_seconds",  # how late the event loop is; heartbeats are as late
    "analytics_poll_age_seconds",  # since the broker last answered a fetch
]
Histograms = Literal[
    "analytics_insert_seconds",  # by table: one block, until the server has acknowledged it
    "analytics_http_seconds",  # by route
]


class Metrics:
    """One process's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.records = self._counter("analytics_records_total", "topic", "outcome")
        self.http_requests = self._counter("analytics_http_requests_total", "route", "status")
        self.consumer_lag = self._gauge("analytics_consumer_lag", "topic", "partition")
        self.loop_lag = self._gauge("analytics_loop_lag_seconds")
        self.poll_age = self._gauge("analytics_poll_age_seconds")
        self.insert_seconds = self._histogram("analytics_insert_seconds", "table")
        self.http_seconds = self._histogram("analytics_http_seconds", "route")

    def page(self) -> bytes:
        """Render them for Prometheus."""
        return generate_latest(self._registry)

    def _counter(self, name: Counters, *labels: str) -> Counter:
        return Counter(name, name, labels, registry=self._registry)

    def _gauge(self, name: Gauges, *labels: str) -> Gauge:
        return Gauge(name, name, labels, registry=self._registry)

    def _histogram(self, name: Histograms, *labels: str) -> Histogram:
        return Histogram(name, name, labels, registry=self._registry)
