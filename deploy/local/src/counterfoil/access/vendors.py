"""Vendors with a way of their own into Kafka: each has a project, and its principal bears its id.

A vendor writes the request topic of its project, and can neither read nor write anything else.
"""

import secrets
from dataclasses import replace

from contracts.principals import rights
from contracts.topics import of_project
from counterfoil.access import granting, projects
from counterfoil.errors import PlatformError
from counterfoil.hints import typed
from servicekit.kafka import topics
from servicekit.kafka.connection import Kafka

PASSWORD_BYTES = 24
PREFIX = "proj_"  # no other principal's name begins so


async def prepare(operator: Kafka, project_id: str) -> None:
    """Grant what may be done with a project's topics, before there are any.

    Or redemption would notice a topic that it may not read yet.
    """
    await projects.require(operator, project_id)
    if operator.is_locked:
        await granting.ensure(operator, {}, rights(of_project(project_id)), only=())


async def add(operator: Kafka, project_id: str) -> Kafka:
    """Make a vendor's topics and principal; return its way in."""
    if project_id in await listed(operator):
        raise PlatformError(
            f"{project_id} has a vendor: `{typed('vendors rotate')}` gives it another password"
        )
    await prepare(operator, project_id)
    await topics.ensure(operator, of_project(project_id))
    return await _let_in(operator, project_id)


async def rotate(operator: Kafka, project_id: str) -> Kafka:
    """Give a vendor another password; the old one opens no new connection any more."""
    await _require(operator, project_id)
    return await _let_in(operator, project_id)


async def remove(operator: Kafka, project_id: str) -> None:
    """End what a vendor may do, at once, also on its open connections.

    Its topics stay: what it had asked for is still decided.
    """
    await _require(operator, project_id)
    await granting.shut_out(operator, project_id)


async def listed(operator: Kafka) -> list[str]:
    """Return the projects whose vendors may log in."""
    return sorted(user for user in await granting.users(operator) if user.startswith(PREFIX))


async def _let_in(operator: Kafka, project_id: str) -> Kafka:
    password = secrets.token_hex(PASSWORD_BYTES)
    await granting.ensure(operator, {project_id: password}, rights(of_project(project_id)), only=())
    way = operator.acting_as(project_id, password)
    return replace(way, mechanism=granting.mechanism(operator))


async def _require(operator: Kafka, project_id: str) -> None:
    if project_id not in await listed(operator):
        raise PlatformError(
            f"{project_id} has no vendor on this Kafka: `{typed('vendors list')}` names them"
        )
