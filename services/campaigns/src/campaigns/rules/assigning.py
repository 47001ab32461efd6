"""Lets rules hold for a campaign that is held, or no longer. The caller opened the transaction."""

from collections.abc import Sequence
from typing import Final

from campaigns.catalogue import AssignedRule
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.rules import store as rules
from contracts import ids
from servicekit.postgres.pool import Connection

MOST_OF_A_CAMPAIGN: Final = 10


def new_id() -> str:
    return ids.new("asgm_", 16)


async def put(
    conn: Connection,
    project_id: str,
    campaign_id: str,
    current: Sequence[AssignedRule],
    wanted: Sequence[str],
) -> bool:
    """Let these rules hold and no others; tell whether that changed anything."""
    wanted = list(dict.fromkeys(wanted))
    check_number(len(wanted))
    for rule_id in sorted(await rules.unknown(conn, project_id, wanted)):
        raise NotFoundError("validation_rules", rule_id)
    gone = [each.assignment.id for each in current if each.rule.id not in wanted]
    known = {each.rule.id for each in current}
    come = [rule_id for rule_id in wanted if rule_id not in known]
    if gone:
        await rules.unassign(conn, project_id, gone)
    for rule_id in come:
        await rules.assign(conn, project_id, new_id(), rule_id=rule_id, campaign_id=campaign_id)
    return bool(gone or come)


def check_number(of_rules: int) -> None:
    """Raise where more rules would hold for a campaign than may."""
    if of_rules > MOST_OF_A_CAMPAIGN:
        raise InvalidError(
            f"A campaign has {MOST_OF_A_CAMPAIGN} validation rules at most",
            "one rule may have many conditions",
        )
