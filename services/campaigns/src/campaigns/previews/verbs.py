"""Compares a draft with what there is. Reads only; the caller's connection."""

from collections.abc import Sequence

from campaigns import codes
from campaigns.campaigns import store as campaigns
from campaigns.campaigns.checks import check_choices, check_name, check_openings, check_window
from campaigns.campaigns.choices import CategoryChoice, category_id_of
from campaigns.model import CampaignDefinition, CodeTemplate
from campaigns.partners import store as partners
from campaigns.refusals import InvalidError, NotFoundError, RefusedError
from campaigns.rules import store as rules
from contracts.terms import Terms
from servicekit.postgres.pool import Connection

Found = list[tuple[str, str]]  # fields, and what is wrong with each


async def compare(
    conn: Connection,
    project_id: str,
    *,
    name: str | None,
    partner_id: str | None,
    category: CategoryChoice,
    rule_ids: Sequence[str] = (),
) -> Found:
    """Return what of these the project has already, or has not."""
    found: Found = []
    if name is not None:
        try:
            check_name(name)
        except InvalidError as refusal:
            found.append(("name", _said(refusal)))
        taken = await campaigns.find(conn, project_id, name)
        if taken is not None and taken.definition.name == name:
            found.append(("name", "is the name of a campaign already"))
    if partner_id is not None and await partners.find(conn, project_id, partner_id) is None:
        found.append(("partner_id", "is no partner's"))
    try:
        await category_id_of(conn, project_id, category)
    except (NotFoundError, InvalidError) as refusal:
        found.append(("category_id" if category.id else "category", _said(refusal)))
    found += [
        ("validation_rules", str(NotFoundError("validation_rules", rule_id)))
        for rule_id in sorted(await rules.unknown(conn, project_id, rule_ids))
    ]
    return found


def check_terms(terms: Terms, time_zone: str) -> Found:
    """Return what of the terms does not go together."""
    found: Found = []
    try:
        check_window(terms.validity)
    except InvalidError as refusal:
        # Without a start it is windows that recur, and need one.
        field = "validity_timeframe" if terms.validity.starts_at is None else "expiration_date"
        found.append((field, _said(refusal)))
    else:
        found += _never_open(terms, time_zone)
    try:
        check_choices(terms)
    except InvalidError as refusal:
        found.append(("applicable_to", _said(refusal)))
    return found


def _never_open(terms: Terms, time_zone: str) -> Found:
    try:
        check_openings(terms.validity, time_zone)
    except InvalidError as refusal:
        field, _, _ = str(refusal).removeprefix("Property .").partition(":")
        return [(field, _said(refusal))]
    return []


def check_codes(definition: CampaignDefinition, template: CodeTemplate, wanted: int) -> Found:
    """Return why no code can look like this, or not so many."""
    found: Found = []
    config = template.config
    objection = codes.check_config(config) or codes.check_capacity(config, 0, max(wanted, 1))
    if objection is not None:
        found.append(("voucher.code_config", objection))
    if definition.details.type == "STANDALONE" and wanted > 1:
        found.append(("vouchers_count", "a campaign of type STANDALONE has one code"))
    return found


def _said(refusal: RefusedError) -> str:
    # Property .name: may not … -> may not …: the field stands beside it.
    _, named, reason = str(refusal).partition(": ")
    return reason if named else str(refusal)
