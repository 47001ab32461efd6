"""Who acted, as the API shows it: the id that is kept, and its kind."""

from typing import Literal

from pydantic import BaseModel

from campaigns.actors import USER_ID_PREFIX

ActorKind = Literal["key", "user", "operator", "system"]


class ActorObject(BaseModel):
    """`name` is null where it is not known any more, or never was."""

    id: str
    kind: ActorKind
    name: str | None = None


def actor_response(actor: str, name: str | None = None) -> ActorObject:
    return ActorObject(id=actor, kind=_kind(actor), name=name)


def _kind(actor: str) -> ActorKind:
    match actor:
        case "operator":
            return "operator"
        case "system":
            return "system"
        case _ if actor.startswith(USER_ID_PREFIX):
            return "user"
        case _:
            return "key"
