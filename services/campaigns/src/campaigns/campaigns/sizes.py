"""How large a campaign may be where it is published. Pure."""

from typing import Final

from campaigns.refusals import InvalidError

MOST_BYTES: Final = 700_000  # of a snapshot; Kafka takes a record of 1 MiB


def check(name: str, snapshot: bytes) -> None:
    """Raise for a campaign whose snapshot would stand in the way of all that follows it."""
    if len(snapshot) > MOST_BYTES:
        raise InvalidError(
            f"The campaign {name} would be too large to be published",
            f"with all ids of its products it comes to {len(snapshot):,} bytes, of which"
            f" {MOST_BYTES:,} are allowed: name fewer products and SKUs in its .applicable_to, its"
            " validation rules and the collections that these name, or give fewer rules to single"
            " codes",
        )
