"""Makes, amends, assigns and removes validation rules. The caller opened the transaction.

A campaign is published with the rules that hold for it and its codes: whatever changes one of them
gives the campaign its next version. Each verb holds the project first, as all do that such a
snapshot is made of.
"""

from collections.abc import Mapping
from typing import Final

from campaigns.actors import Actor
from campaigns.campaigns import versions
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.catalogue import ValidationRule
from campaigns.history import verbs as history
from campaigns.history.differences import Fields
from campaigns.limiting import WrittenExpression
from campaigns.product_collections import store as collections
from campaigns.projects import store as projects
from campaigns.referrers import store as referrers
from campaigns.refusals import InvalidError, NotFoundError, check_unused
from campaigns.rules import assigning, assignments, spelling
from campaigns.rules import store as rules
from contracts import ids
from contracts.rules import segment_ids
from servicekit.postgres.pool import Connection

MOST_RULES: Final = 1_000


async def create(
    conn: Connection,
    project_id: str,
    actor: Actor,
    name: str,
    expression: WrittenExpression,
    *,
    message: str | None,
    context_type: str,
) -> ValidationRule:
    await projects.lock(conn, project_id)
    if await rules.count(conn, project_id) >= MOST_RULES:
        raise InvalidError(
            f"A project has {MOST_RULES:,} validation rules at most", "remove some of them"
        )
    await _check_named(conn, project_id, expression)
    rule_id = ids.new("val_", 12)
    await rules.add(
        conn, project_id, rule_id, name, expression, message=message, context_type=context_type
    )
    made = await get(conn, project_id, rule_id)
    await _record(conn, project_id, actor, "created", before=None, after=made)
    return made


async def hold(conn: Connection, project_id: str, rule_id: str) -> ValidationRule:
    """Hold a rule, and what campaigns' snapshots are made of, until commit."""
    await projects.lock(conn, project_id)
    return await get(conn, project_id, rule_id)


async def amend(
    conn: Connection, project_id: str, actor: Actor, current: ValidationRule, wanted: ValidationRule
) -> tuple[ValidationRule, Mapping[str, int]]:
    """Change a rule that is held; return it, and the version by which each campaign has it so."""
    if wanted == current:
        return current, await versions.of_rule(conn, project_id, current.id)
    if wanted.expression != current.expression:
        await _check_named(conn, project_id, wanted.expression)
        if wanted.expression.limits and await assignments.are_of_codes(
            conn, project_id, current.id
        ):
            raise assigning.limits_of_codes(current.id)
    await rules.change(conn, project_id, wanted)
    changed = await get(conn, project_id, current.id)
    await _record(conn, project_id, actor, "updated", before=current, after=changed)
    if (wanted.name, wanted.expression, wanted.message) == (
        current.name,
        current.expression,
        current.message,
    ):
        return changed, await versions.of_rule(conn, project_id, current.id)
    concerned = await versions.bump(conn, project_id, rule_id=current.id)
    published = await publish_snapshots(conn, project_id, concerned)
    return changed, {each.id: each.version for each in published}


async def remove(conn: Connection, project_id: str, actor: Actor, current: ValidationRule) -> None:
    """Remove a rule that is held, and assigned to nothing."""
    check_unused(await referrers.of_rule(conn, project_id, current.id))
    await rules.remove(conn, project_id, current.id)
    await _record(conn, project_id, actor, "deleted", before=current, after=None)


async def get(conn: Connection, project_id: str, rule_id: str) -> ValidationRule:
    found = await rules.find(conn, project_id, rule_id)
    if found is None:
        raise NotFoundError("validation_rules", rule_id)
    return found


async def _check_named(conn: Connection, project_id: str, expression: WrittenExpression) -> None:
    """Raise for a segment or a collection that is not there: nobody could meet such a rule."""
    named = segment_ids([expression])
    known = await rules.keep_segments(conn, project_id, named) if named else set()
    for segment_id in sorted(named - known):
        raise NotFoundError("segment", segment_id)
    lines = [node.lines for node in expression.nodes if node.lines is not None]
    meant = {id_ for each in lines for id_ in each.collections}
    there = await collections.known(conn, project_id, meant) if meant else set()
    for collection_id in sorted(meant - there):
        raise NotFoundError("products_collection", collection_id)


async def _record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: ValidationRule | None,
    after: ValidationRule | None,
) -> None:
    [known, *_] = [each for each in (after, before) if each is not None]
    await history.record(
        conn, project_id, actor, verb, known.target, before=_fields(before), after=_fields(after)
    )


def _fields(rule: ValidationRule | None) -> Fields | None:
    if rule is None:
        return None
    return {
        "name": rule.name,
        "rules": spelling.spelled(rule.expression),
        "error": rule.message,
        "context_type": rule.context_type,
    }
