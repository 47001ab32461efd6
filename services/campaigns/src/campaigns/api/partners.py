"""Partners: who brings shoppers, and what was agreed with them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from campaigns import define
from campaigns.api.access import By, Given
from campaigns.api.fields import Body, Metadata, Name, Segment, Text, Url
from campaigns.api.paging import Paging
from campaigns.api.waiting import hope_for_campaigns
from campaigns.definitions import Partner
from campaigns.refusals import NotFoundError
from campaigns.store import partners
from campaigns.store.connecting import Connection, transaction
from contracts import ids
from contracts.instants import Instant

router = APIRouter(prefix="/v1/partners", tags=["partners"])


class NewPartner(Body):
    name: Name
    contract_notes: Text | None = None
    deal_url: Url | None = None
    landing_url: Url | None = None
    contact: Text | None = None
    metadata: Metadata | None = None


class PartnerChanges(Body):
    """What is absent stays; null empties; metadata are merged."""

    name: Name | None = None
    contract_notes: Text | None = None
    deal_url: Url | None = None
    landing_url: Url | None = None
    contact: Text | None = None
    metadata: Metadata | None = None
    unset_metadata_fields: list[str] | None = None


class PartnerObject(BaseModel):
    id: str
    name: str
    contract_notes: str | None
    deal_url: str | None
    landing_url: str | None
    contact: str | None
    metadata: dict[str, Any]
    created_at: Instant
    updated_at: Instant | None
    object: Literal["partner"] = "partner"


class Partners(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["partners"] = "partners"
    partners: list[PartnerObject]
    total: int


@router.post("")
async def create_partner(new: NewPartner, by: By, tools: Given) -> PartnerObject:
    async with transaction(tools.pool) as conn:
        partner_id = await partners.add(
            conn,
            by.project_id,
            ids.new("part_"),
            new.name,
            contract_notes=new.contract_notes,
            deal_url=new.deal_url,
            landing_url=new.landing_url,
            contact=new.contact,
            metadata=new.metadata,
        )
        return _shown(await _found(conn, by.project_id, partner_id))


@router.get("")
async def list_partners(by: By, tools: Given, page: Paging) -> Partners:
    async with transaction(tools.pool) as conn:
        found, total = await partners.page(conn, by.project_id, page.limit, page.offset)
    return Partners(partners=[_shown(partner) for partner in found], total=total)


@router.get("/{partner}")
async def get_partner(partner: Segment, by: By, tools: Given) -> PartnerObject:
    async with transaction(tools.pool) as conn:
        return _shown(await _found(conn, by.project_id, partner))


@router.put("/{partner}")
async def update_partner(
    partner: Segment, changes: PartnerChanges, by: By, tools: Given
) -> PartnerObject:
    def amend(current: Partner) -> Partner:
        given = changes.model_dump(exclude_unset=True, exclude={"unset_metadata_fields"})
        given["name"] = changes.name or current.name
        given["metadata"] = merged(
            current.metadata, changes.metadata, changes.unset_metadata_fields
        )
        return replace(current, **given)

    async with transaction(tools.pool) as conn:
        changed, campaigns = await define.amend_partner(conn, by.project_id, partner, amend)
    await hope_for_campaigns(tools.enforcement, by.project_id, campaigns)
    return _shown(changed)


def merged(
    current: dict[str, Any], added: dict[str, Any] | None, removed: Iterable[str] | None
) -> dict[str, Any]:
    """Change metadata as Voucherify's PUT does: what is not named stays."""
    gone = set(removed or ())
    return {name: value for name, value in (current | (added or {})).items() if name not in gone}


async def _found(conn: Connection, project_id: str, partner_id: str) -> Partner:
    found = await partners.find(conn, project_id, partner_id)
    if found is None:
        raise NotFoundError("partner", partner_id)
    return found


def _shown(partner: Partner) -> PartnerObject:
    return PartnerObject.model_validate(partner, from_attributes=True)
