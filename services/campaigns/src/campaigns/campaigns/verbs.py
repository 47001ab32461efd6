"""Creates, amends and switches campaigns. The caller opened the transaction.

Snapshots embed the names of partners and categories, and what a partner's switch says. A verb that
chooses either locks the project first, so that no name changes between being read and being
written. A switch does not, so that no other change holds it up: who renames waits for the
campaign's row, and publishes it once more.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from campaigns import snapshots
from campaigns.actors import Actor
from campaigns.campaigns import choices, sizes, versions
from campaigns.campaigns import store as campaigns
from campaigns.campaigns.checks import (
    ID_LENGTH,
    ID_PREFIX,
    check_choices,
    check_name,
    check_openings,
    check_window,
)
from campaigns.campaigns.choices import CategoryChoice
from campaigns.catalogue import RuleOfCodes
from campaigns.history import verbs as history
from campaigns.model import Campaign, CampaignDefinition, CodeTemplate
from campaigns.products import store as products
from campaigns.products import targets
from campaigns.projects import store as projects
from campaigns.refusals import InvalidError, NotFoundError, in_bin
from campaigns.rules import assigning, assignments
from campaigns.rules.assignments import Home
from contracts import ids
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

ID = re.compile(rf"{ID_PREFIX}[0-9A-Za-z]{{{ID_LENGTH}}}")
PUBLISHED_AT_ONCE = 50


async def create(
    conn: Connection,
    project_id: str,
    definition: CampaignDefinition,
    *,
    partner_id: str | None,
    category: CategoryChoice,
    code_template: CodeTemplate,
    active: bool = True,
    standalone: bool = False,
    rule_ids: Sequence[str] = (),
) -> Campaign:
    """Create a campaign and publish it; a name that exists raises a unique violation.

    Nobody finds a standalone one by its name, which is that of its code.
    """
    check_window(definition.terms.validity)
    check_choices(definition.terms)
    if not standalone:
        check_name(definition.name)
    await projects.lock(conn, project_id)
    check_openings(definition.terms.validity, await projects.time_zone_of(conn, project_id))
    partner = await choices.partner_or_direct(conn, project_id, partner_id)
    category_id = await choices.category_id_of(conn, project_id, category)
    campaign_id = ids.new(ID_PREFIX, ID_LENGTH)
    await campaigns.add(
        conn,
        project_id,
        campaign_id,
        definition,
        partner_id=partner,
        category_id=category_id,
        code_template=code_template,
        active=active,
        standalone=standalone,
    )
    await assigning.put(conn, project_id, Home(campaign_id), (), rule_ids)
    [campaign] = await publish_snapshots(conn, project_id, [campaign_id])
    return campaign


async def hold(conn: Connection, project_id: str, name: str) -> Campaign:
    """Hold a campaign until commit, for a switch: nothing else is waited for."""
    current = await campaigns.lock(conn, project_id, name)
    if current is None:
        raise NotFoundError("campaign", name)
    return current


async def hold_for_amending(conn: Connection, project_id: str, name: str) -> Campaign:
    """Hold a campaign, and what its snapshot names, until commit."""
    await projects.lock(conn, project_id)
    return await hold(conn, project_id, name)


async def amend(
    conn: Connection,
    project_id: str,
    current: Campaign,
    wanted: Campaign,
    category: CategoryChoice | None = None,
    *,
    rule_ids: Sequence[str] | None = None,
) -> Campaign:
    """Change a campaign that is held for amending, as its next version.

    No choice keeps its category, and its rules. What stays as it is is no new version: nobody
    edited it.
    """
    check_not_in_bin(current)
    if wanted.definition.name != current.definition.name:
        check_name(wanted.definition.name)
    validity = wanted.definition.terms.validity
    check_window(validity)
    if validity != current.definition.terms.validity:
        # What it was may contradict itself since the project has another zone: it can be switched.
        check_openings(validity, current.time_zone)
    check_choices(wanted.definition.terms)
    await _check_kind_of_discount(conn, project_id, current, wanted)
    category_id = current_id = None if current.category is None else current.category.id
    if category is not None:
        category_id = await choices.category_id_of(conn, project_id, category)
    assigned = [each.assignment for each in current.rules]
    others_hold = rule_ids is not None and await assigning.put(
        conn, project_id, Home(current.id), assigned, rule_ids
    )
    if wanted == current and category_id == current_id and not others_hold:
        return current
    await campaigns.change(conn, project_id, wanted, category_id=category_id)
    [campaign] = await publish_snapshots(conn, project_id, [current.id])
    return campaign


async def set_active(
    conn: Connection, project_id: str, actor: Actor, current: Campaign, active: bool
) -> Campaign:
    """Switch a campaign that is held, and return it as it now is.

    A switch that stands as wished already is not a new version: asking again after a late
    confirmation waits for the version that was stored the first time. Only what another switched
    off is: his undo is not to take back what this one is told.
    """
    if active:
        check_not_in_bin(current)
    if current.active == active and (
        active or not await history.reaffirm(conn, project_id, actor, "disabled", current.target)
    ):
        return current
    await campaigns.set_active(conn, project_id, current.id, active)
    [changed] = await publish_snapshots(conn, project_id, [current.id], may_grow=False)
    return changed


async def get(conn: Connection, project_id: str, name: str) -> Campaign:
    found = await campaigns.find(conn, project_id, name)
    if found is None:
        raise NotFoundError("campaign", name)
    return found


async def publish_snapshots(
    conn: Connection, project_id: str, campaign_ids: list[str], *, may_grow: bool = True
) -> list[Campaign]:
    """Publish campaigns as this transaction leaves them: of many, some at a time.

    A snapshot is a moment's work, and others' switches wait in this process. One that is too large
    is refused, but not where it cannot have grown: no switch hangs on that.
    """
    published: list[Campaign] = []
    for begin in range(0, len(campaign_ids), PUBLISHED_AT_ONCE):
        some = campaign_ids[begin : begin + PUBLISHED_AT_ONCE]
        changed = await campaigns.get_many(conn, project_id, some)
        own = await assignments.of_codes(conn, project_id, some)
        whole = [_with_rules(campaign, own) for campaign in changed]
        told = await _with_all_products(conn, project_id, whole)
        messages = [snapshots.of_campaign(project_id, each) for each in told]
        if may_grow:
            for campaign, message in zip(told, messages, strict=True):
                sizes.check(campaign.definition.name, message.value)
        await outbox.write(conn, messages)
        published += changed
    return published


async def publish_next(conn: Connection, project_id: str, campaign_id: str) -> Campaign:
    """Publish a campaign that is held as its next version, and return it."""
    await versions.bump_one(conn, project_id, campaign_id)
    [published] = await publish_snapshots(conn, project_id, [campaign_id])
    return published


def _with_rules(campaign: Campaign, own: Iterable[RuleOfCodes]) -> Campaign:
    """Return a campaign whose terms have the rules that hold for it, and for its codes alone."""
    of_codes = [each for each in own if each.campaign_id == campaign.id]
    terms = campaign.terms_to_publish(of_codes)
    return replace(campaign, definition=replace(campaign.definition, terms=terms))


async def _with_all_products(
    conn: Connection, project_id: str, campaigns_: list[Campaign]
) -> list[Campaign]:
    """Return campaigns with all ids by which lines may name what their discounts are for."""
    names = targets.names_in(each.definition.terms for each in campaigns_)
    if not names:
        return campaigns_
    found = await products.meant_by(conn, project_id, names)
    return [
        replace(each, definition=replace(each.definition, terms=terms))
        for each in campaigns_
        for terms in [targets.resolved(each.definition.terms, *found)]
    ]


def is_id(text: str) -> bool:
    """Tell whether this may be a campaign's id; what is none need not be looked up."""
    return ID.fullmatch(text) is not None


def check_not_in_bin(campaign: Campaign) -> None:
    """Raise for what cannot be done with a campaign that was deleted."""
    if campaign.deleted_at is not None:
        raise in_bin("campaign", campaign.definition.name)


async def _check_kind_of_discount(
    conn: Connection, project_id: str, current: Campaign, wanted: Campaign
) -> None:
    before, after = current.definition.terms.discount, wanted.definition.terms.discount
    if before.type != after.type and await campaigns.uses(conn, project_id, current.id):
        raise InvalidError(
            "Property .discount.type: cannot change once a code was redeemed",
            f"it is {before.type}; its amount may change, and a copy of the campaign may differ",
            "invalid_campaign",
        )
