"""Vendors with a way of their own into Kafka: each has a project, and its principal bears its id.

A vendor writes the request topic of its project, and can neither read nor write anything else.
"""

import secrets

from contracts.principals import rights
from contracts.topics import for_project, of_project
from counterfoil.access import granting
from counterfoil.errors import PlatformError
from servicekit.kafka import topics
from servicekit.kafka.connection import Kafka

PASSWORD_BYTES = 24


async def admit(operator: Kafka, project_id: str) -> Kafka:
    """Make a vendor's principal and topics, and return its way in; again gives another password.

    The old password opens no new connection from then on.
    """
    password = secrets.token_hex(PASSWORD_BYTES)
    own = of_project(project_id)
    # Rights first: redemption must not see a topic that it may not read yet.
    await granting.ensure(operator, {project_id: password}, rights(own), only=())
    await topics.ensure(operator, own)
    return operator.acting_as(project_id, password)


async def listed(operator: Kafka) -> list[str]:
    """Return the projects whose vendors may log in."""
    return sorted(user for user in await granting.users(operator) if user.startswith("proj_"))


async def dismiss(operator: Kafka, project_id: str) -> None:
    """End what a vendor may do, at once, also on its open connections.

    Its topics stay: what it had asked for is still decided.
    """
    if project_id not in await listed(operator):
        raise PlatformError(
            f"{project_id} is no vendor of this Kafka: `counterfoil vendors list` names them"
        )
    await granting.shut_out(operator, project_id)


def topic_of(project_id: str) -> str:
    """Name the topic that a vendor writes its requests to."""
    return for_project(project_id)
