"""Who made something, with what a key or a person is called now."""

from collections.abc import Sequence

from campaigns.history.actors import ActorObject, actor_response
from campaigns.keys import store as keys
from campaigns.people import store as people
from servicekit.postgres.pool import Connection


async def makers(conn: Connection, project_id: str, actor_ids: Sequence[str]) -> list[ActorObject]:
    """Name each; somebody who has left the project is still called what he is called."""
    named = set(actor_ids)
    names = await keys.names(conn, project_id, named) | await people.names(conn, named)
    return [actor_response(actor, names.get(actor)) for actor in actor_ids]
