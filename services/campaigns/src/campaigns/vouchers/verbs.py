"""Finds, amends and switches codes. The caller opened the transaction.

A switch takes the code's row alone. Who changes a standalone code's terms, or the rules that any
code has, takes the project, its campaign and then the code, as whoever issues codes does.
"""

from collections.abc import Sequence
from dataclasses import replace

from campaigns import snapshots
from campaigns.actors import Actor
from campaigns.campaigns import store as campaigns
from campaigns.campaigns import verbs as campaign_verbs
from campaigns.campaigns.choices import CategoryChoice
from campaigns.history import verbs as history
from campaigns.model import Campaign, Voucher
from campaigns.refusals import NotFoundError, in_bin
from campaigns.rules import assigning
from campaigns.rules.assignments import Home
from campaigns.vouchers import store as vouchers
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection


async def hold(conn: Connection, project_id: str, name: str) -> Voucher:
    """Hold a code, named by itself or its id, until commit."""
    current = await vouchers.lock(conn, project_id, name)
    if current is None:
        raise NotFoundError("voucher", name)
    return current


async def hold_for_amending(
    conn: Connection, project_id: str, name: str, *, rules_too: bool = False
) -> tuple[Voucher, Campaign]:
    """Hold a code until commit; of a standalone one also the campaign that is its own.

    `rules_too`: so is any code's campaign, which is published with the rules of its codes.
    """
    found = await get(conn, project_id, name)
    campaign = await campaign_of(conn, project_id, found)
    if campaign.standalone or rules_too:
        campaign = await campaign_verbs.hold_for_amending(conn, project_id, campaign.id)
    return await hold(conn, project_id, found.id), campaign


async def amend(
    conn: Connection,
    project_id: str,
    current: Voucher,
    wanted: Voucher,
    *,
    published: Campaign | None,
) -> Voucher:
    """Change a code that is held, as its next version; what stays as it is is none.

    With its terms or rules, which are told with its campaign, it has another version as well:
    `published` is that campaign, where they were changed. Switched on together with them, or later,
    it is not active before they hold.
    """
    check_not_in_bin(current)
    if wanted == current and published is None:
        return current
    if published is not None and not current.active:
        wanted = replace(wanted, active_from_version=published.version)
    changed = await vouchers.change(conn, project_id, wanted)
    await outbox.write(conn, [snapshots.of_voucher(project_id, changed)])
    return changed


async def amend_terms(
    conn: Connection,
    project_id: str,
    current: Campaign,
    wanted: Campaign,
    category: CategoryChoice | None,
    *,
    rule_ids: Sequence[str] | None,
) -> Campaign:
    """Change a standalone code's terms and rules, where anything of them changes."""
    same_rules = rule_ids is None or set(rule_ids) == {each.rule.id for each in current.rules}
    if wanted == current and category is None and same_rules:
        return current
    return await campaign_verbs.amend(
        conn, project_id, current, wanted, category, rule_ids=rule_ids
    )


async def amend_rules(
    conn: Connection,
    project_id: str,
    current: Voucher,
    campaign: Campaign,
    rule_ids: Sequence[str] | None,
) -> Campaign:
    """Let a campaign's code have these rules of its own; both are held. None: as they are."""
    if rule_ids is None or set(rule_ids) == {each.rule_id for each in current.rules}:
        return campaign
    check_not_in_bin(current)
    campaign_verbs.check_not_in_bin(campaign)
    home = Home(campaign.id, current.id)
    await assigning.put(conn, project_id, home, current.rules, rule_ids)
    return await campaign_verbs.publish_next(conn, project_id, campaign.id)


async def set_active(
    conn: Connection, project_id: str, actor: Actor, current: Voucher, active: bool
) -> Voucher:
    """Switch a code that is held, and return it as it now is.

    A switch that stands as wished already is a new version where another threw it, as with
    campaigns.
    """
    if active:
        check_not_in_bin(current)
    if current.active == active and (
        active or not await history.reaffirm(conn, project_id, actor, "disabled", current.target)
    ):
        return current
    changed = await vouchers.set_active(conn, project_id, current.id, active)
    await outbox.write(conn, [snapshots.of_voucher(project_id, changed)])
    return changed


def check_not_in_bin(voucher: Voucher) -> None:
    """Raise for what cannot be done with a code that was deleted."""
    if voucher.deleted_at is not None:
        raise in_bin("voucher", voucher.code)


async def get(conn: Connection, project_id: str, name: str) -> Voucher:
    found = await vouchers.find(conn, project_id, name)
    if found is None:
        raise NotFoundError("voucher", name)
    return found


async def campaign_of(conn: Connection, project_id: str, voucher: Voucher) -> Campaign:
    found = await campaigns.get_many(conn, project_id, [voucher.campaign_id])
    if not found:  # purged since, and its codes with it
        raise NotFoundError("voucher", voucher.code)
    return found[0]


async def is_enforced(conn: Connection, project_id: str, voucher: Voucher) -> bool:
    """Tell whether redemption has confirmed how a code is now."""
    return (await vouchers.enforced(conn, project_id, [voucher.id])).get(voucher.id, False)
