"""Who changes something, and what it is."""

from dataclasses import dataclass
from typing import Literal

ActorDoor = Literal["key", "user", "operator", "job"]
TargetKind = Literal[
    "campaign",
    "voucher",
    "partner",
    "category",
    "segment",
    "validation_rule",
    "product",
    "sku",
    "products_collection",
    "project",
    "key",
    "user",
    "invitation",
    "share",
]

USER_ID_PREFIX = "user_"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, and by which door; `id` is a key's, a user's or one of ours."""

    id: str
    door: ActorDoor
    request_id: str | None = None
    job_id: str | None = None


def actor_of(caller_id: str, request_id: str | None = None) -> Actor:
    """Return who acts with this key, or as this user."""
    door: ActorDoor = "user" if caller_id.startswith(USER_ID_PREFIX) else "key"
    return Actor(caller_id, door, request_id)


def operator_at(request_id: str | None = None) -> Actor:
    """Return who manages this installation."""
    return Actor("operator", "operator", request_id)


@dataclass(frozen=True, slots=True)
class Target:
    """What is changed, and what it is called at that moment."""

    kind: TargetKind
    id: str
    name: str
