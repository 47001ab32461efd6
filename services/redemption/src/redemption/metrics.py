"""What redemption counts beside what every service does."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from prometheus_client import Counter, Histogram

from redemption.outcomes import Response
from redemption.returns import Asked, Rollback
from servicekit.metrics import Metrics as ServiceMetrics

OK = 200
OUTCOMES: Final = ("accepted", "rolled_back", "refused", "replayed", "key_reused")


class Metrics(ServiceMetrics):
    """The metrics of one process that decides."""

    @cached_property
    def decisions(self) -> Mapping[str, Counter]:
        counter = Counter(
            "decisions", "Requests answered, by outcome", ["outcome"], registry=self.registry
        )
        return {outcome: counter.labels(outcome) for outcome in OUTCOMES}

    @cached_property
    def batch_size(self) -> Histogram:
        return Histogram(
            "decision_batch_size",
            "Requests decided in one transaction",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
            registry=self.registry,
        )

    @cached_property
    def batch_seconds(self) -> Histogram:
        return Histogram(
            "decision_batch_seconds", "Time of one transaction", registry=self.registry
        )

    @cached_property
    def guesses_refused(self) -> Counter:
        return Counter(
            "guesses_refused",
            "Requests refused unread, because so many codes before were wrong, by whose limit",
            ["limit"],
            registry=self.registry,
        )

    @cached_property
    def answers(self) -> Counter:
        return Counter(
            "answers_published", "Answers to requests by Kafka that asked", registry=self.registry
        )

    def decided(
        self, requests: Sequence[Asked], responses: Sequence[Response], seconds: float
    ) -> None:
        """Count a batch that is committed."""
        replayed = sum(response.replayed for response in responses)
        passed = sum(not r.replayed and r.status == OK for r in responses)
        rolled_back = sum(
            isinstance(asked, Rollback) and not r.replayed and r.status == OK
            for asked, r in zip(requests, responses, strict=True)
        )
        reused = sum(response.key_reused for response in responses)
        refused = len(responses) - passed - replayed - reused
        counted = (passed - rolled_back, rolled_back, refused, replayed, reused)
        for outcome, count in zip(OUTCOMES, counted, strict=True):
            if count:
                self.decisions[outcome].inc(count)
        self.batch_size.observe(len(responses))
        self.batch_seconds.observe(seconds)
