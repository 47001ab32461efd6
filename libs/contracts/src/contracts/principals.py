"""Who may do what on Kafka: a principal per service, for shops, for importers, and per vendor.

What a principal may do follows from the topics: their writer writes, their readers read and set
aside what they cannot read, and whoever reads has groups whose names begin with its own. Nobody may
anything else, except the operator, who may everything.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from contracts.topics import Topic

OPERATOR = "operator"  # may everything: creates topics, vendors, rights; reads dead letters
CAMPAIGNS, REDEMPTION, ANALYTICS = SERVICES = ("campaigns", "redemption", "analytics")
CHECKOUT = "checkout"  # a shop that may ask for every project, and see every outcome
IMPORTER = "importer"  # brings the past, at moments that it chooses itself

PRINCIPALS = (OPERATOR, *SERVICES, CHECKOUT, IMPORTER)

Operation = Literal["READ", "WRITE"]
Resource = Literal["topic", "group"]
Pattern = Literal["literal", "prefixed"]


class Right(NamedTuple):
    """One thing that a principal may do; a prefixed name stands for all that begin with it."""

    principal: str
    operation: Operation
    resource: Resource
    name: str
    pattern: Pattern = "literal"


def rights(topics: Iterable[Topic]) -> frozenset[Right]:
    """Return all that anybody may do with these topics."""
    found = set()
    for topic in topics:
        found.add(Right(topic.writer, "WRITE", "topic", topic.name))
        for reader in (*topic.readers, *topic.onlookers):
            found.add(Right(reader, "READ", "topic", topic.name))
            found.add(Right(reader, "READ", "group", reader, "prefixed"))
    return frozenset(found)
