"""Lets rules hold for a campaign or a code that is held, or no longer; within a transaction."""

from collections.abc import Collection, Sequence
from typing import Final

from campaigns.catalogue import Assignment
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.rules import assignments
from campaigns.rules import store as rules
from campaigns.rules.assignments import Home
from contracts import ids
from servicekit.postgres.pool import Connection

MOST: Final = 10  # of a campaign, and of a code beside its campaign's
# With all of them a snapshot stays far below what Kafka takes.
MOST_CODES: Final = 1_000
MOST_RULES_OF_CODES: Final = 100


async def put(
    conn: Connection,
    project_id: str,
    home: Home,
    current: Sequence[Assignment],
    wanted: Sequence[str],
) -> bool:
    """Let these rules hold and no others; tell whether that changed anything."""
    wanted = list(dict.fromkeys(wanted))
    _check_number(home, len(wanted))
    for rule_id in sorted(await rules.unknown(conn, project_id, wanted)):
        raise NotFoundError("validation_rules", rule_id)
    gone = [each.id for each in current if each.rule_id not in wanted]
    known = {each.rule_id for each in current}
    come = [rule_id for rule_id in wanted if rule_id not in known]
    if gone:
        await assignments.unassign(conn, project_id, gone)
    await _assign(conn, project_id, home, come)
    return bool(gone or come)


async def add(conn: Connection, project_id: str, home: Home, rule_id: str, *, beside: int) -> str:
    """Let a rule hold beside so many; return the assignment's id."""
    _check_number(home, beside + 1)
    [assignment_id] = await _assign(conn, project_id, home, [rule_id])
    return assignment_id


async def _assign(
    conn: Connection, project_id: str, home: Home, rule_ids: Collection[str]
) -> list[str]:
    made = [ids.new("asgm_", 16) for _ in rule_ids]
    for assignment_id, rule_id in zip(made, rule_ids, strict=True):
        await assignments.assign(conn, project_id, assignment_id, rule_id=rule_id, home=home)
    if made and home.voucher_id is not None:
        for rule_id in await assignments.that_limit(conn, project_id, rule_ids):
            raise limits_of_codes(rule_id)
        _check_all(await assignments.own_rules(conn, project_id, home.campaign_id))
    return made


def limits_of_codes(rule_id: str) -> InvalidError:
    """Say that a rule's limits are those of a whole campaign."""
    return InvalidError(
        f"The validation rule {rule_id} says how often: for a single code that is not enforced",
        "assign it to the campaign, or limit the code by its .redemption.quantity",
    )


def _check_number(home: Home, of_rules: int) -> None:
    if of_rules > MOST:
        who = "A campaign has" if home.voucher_id is None else "A code has of its own"
        raise InvalidError(
            f"{who} {MOST} validation rules at most", "one rule may have many conditions"
        )


def _check_all(own: assignments.OwnRules) -> None:
    """Raise where single codes of a campaign would have too many rules, all together."""
    if own.codes > MOST_CODES:
        raise InvalidError(
            f"{MOST_CODES:,} codes of a campaign have validation rules of their own at most",
            "make a campaign for such codes, and assign the rule to it",
        )
    if own.rules > MOST_RULES_OF_CODES:
        raise InvalidError(
            f"Single codes of a campaign have {MOST_RULES_OF_CODES} different validation rules"
            " at most",
            "give several codes the same rule, or make another campaign",
        )
