"""Every topic: its key, who writes it, who reads it, how long it is kept.

`counterfoil topics` creates them from here; no subscriber ever does. Writers and readers are
Kafka's principals, whose rights follow from here (principals.py). Partition counts are those of
one machine; a cluster may have more, except where the comment says why it must be one.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

Timestamps = Literal["CreateTime", "LogAppendTime"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it must exist. `kept` (retention) is None for a compacted topic.

    Each reader is a service, and sets aside what it cannot read; `onlookers` read too, and do not.
    """

    name: str
    key: str
    writer: str
    readers: tuple[str, ...]
    kept: timedelta | None
    partitions: int = 4
    timestamps: Timestamps = "CreateTime"
    onlookers: tuple[str, ...] = ()

    @property
    def cleanup_policy(self) -> str:
        return "compact" if self.kept is None else "delete"


MONTH = timedelta(days=30)
WEEK = timedelta(days=7)
FOREVER = timedelta(milliseconds=-1)  # Kafka's own spelling of "no limit"

PROJECTS = Topic(
    "coupons.projects.v1", "project id", "campaigns", ("redemption", "analytics"), None, 1
)
CAMPAIGNS = Topic(
    "coupons.campaigns.v1", "campaign id", "campaigns", ("redemption", "analytics"), None
)
VOUCHERS = Topic(
    "coupons.vouchers.v1",
    "voucher id, or campaign id and chunk number",
    "campaigns",
    ("redemption",),
    None,
)
SEGMENTS = Topic(
    "coupons.segments.v1", "segment id", "campaigns", ("redemption", "analytics"), None, 1
)
APPLIED = Topic(
    "coupons.applied.v1",
    "campaign, voucher or segment id",
    "redemption",
    ("campaigns",),
    timedelta(days=1),
)
# Judged by the broker's append time, which no sender can forge and no lag of ours can push.
REDEMPTION_REQUESTS = Topic(
    "coupons.redemption-requests.v1",
    "code",
    "checkout",
    ("redemption",),
    WEEK,
    timestamps="LogAppendTime",
)
# Judged by its creator's timestamp. One partition: the past is decided in the order in which it is
# written, so that caps and "first redemption" fall to the same shopper in every replay. Kept
# without limit: Kafka would measure a week by those timestamps and delete the past unread.
REDEMPTION_REQUESTS_HISTORY = Topic(
    "coupons.redemption-requests.history.v1",
    "code",
    "importer",
    ("redemption",),
    FOREVER,
    1,
)
# Told by shops, also of the past: kept from the moment when it was told.
ORDERS = Topic(
    "coupons.orders.v1", "order id", "checkout", ("redemption",), MONTH, timestamps="LogAppendTime"
)
REDEMPTIONS = Topic(
    "coupons.redemptions.v1",
    "redemption id",
    "redemption",
    ("analytics", "campaigns"),
    MONTH,
    onlookers=("checkout",),
)
# One for each project that has asked for it, and none for all: who reads answers sees its own.
REDEMPTION_ANSWERS = Topic(
    "coupons.redemption-answers.v1",
    "request id",
    "redemption",
    (),
    timedelta(days=1),
    onlookers=("checkout",),
)
VISITS = Topic("coupons.visits.v1", "campaign id", "campaigns", ("analytics",), MONTH)
GUESSES = Topic("coupons.guesses.v1", "project id", "redemption", ("analytics",), MONTH, 1)

TOPICS = (
    PROJECTS,
    CAMPAIGNS,
    VOUCHERS,
    SEGMENTS,
    APPLIED,
    REDEMPTION_REQUESTS,
    REDEMPTION_REQUESTS_HISTORY,
    ORDERS,
    REDEMPTIONS,
    VISITS,
    GUESSES,
)

# What redemption subscribes to: the shared topics, and one per vendor's Kafka principal.
# Dead letters start with the same words, hence the prefix of a project's id.
REQUEST_TOPICS_PATTERN = r"^coupons\.redemption-requests\.(history\.v1|v1(\.proj_[0-9A-Za-z]+)?)$"


def for_project(project_id: str) -> str:
    """Name the live request topic that belongs to one project alone."""
    return f"{REDEMPTION_REQUESTS.name}.{project_id}"


def answers_for(project_id: str) -> str:
    """Name the topic of the answers to one project's requests."""
    return f"{REDEMPTION_ANSWERS.name}.{project_id}"


def project_of(topic: str) -> str | None:
    """Return the project that a request topic belongs to, or None where it is shared."""
    prefix = REDEMPTION_REQUESTS.name + "."
    return topic.removeprefix(prefix) if topic.startswith(prefix) else None


def dead_letters(topic: str, group: str) -> str:
    """Name the topic where a group sets aside what it can never read."""
    return f"{topic}.dlq.{group}"


def with_dead_letters(topics: tuple[Topic, ...] = TOPICS) -> tuple[Topic, ...]:
    """Return these topics, and a dead-letter topic for each of their readers."""
    aside = tuple(
        Topic(dead_letters(t.name, reader), "as it came", reader, (), MONTH, t.partitions)
        for t in topics
        for reader in t.readers
    )
    return topics + aside


def of_project(project_id: str) -> tuple[Topic, ...]:
    """Return the topics of one project alone: live requests and their dead letters, and answers.

    Its vendor, the principal that bears the project's id, writes the one and reads the other.
    """
    own = replace(REDEMPTION_REQUESTS, name=for_project(project_id), writer=project_id)
    answers = replace(
        REDEMPTION_ANSWERS, name=answers_for(project_id), onlookers=("checkout", project_id)
    )
    return (*with_dead_letters((own,)), answers)
