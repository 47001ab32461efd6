"""Partners as clients write and read them."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from campaigns.api.body import Body, example
from campaigns.api.fields import Metadata, Name, Text, Url
from campaigns.api.metadata import MetadataChanges
from campaigns.api.versions import Enforced, Undo, UndoBody, Versioned
from campaigns.api.voucherify import ReadBack
from campaigns.model import Partner, PartnerStatus
from campaigns.refusals import InvalidError
from contracts.instants import Instant


class NewPartner(Body):
    """Who hands codes out, and what was agreed; its campaigns lead to its `landing_url`."""

    model_config = example(name="Deal site", landing_url="https://deals.example/autumn")

    name: Name
    contract_notes: Text | None = None
    deal_url: Url | None = None
    landing_url: Url | None = None
    contact: Text | None = None
    metadata: Metadata | None = None


class PartnerChanges(MetadataChanges, ReadBack, Versioned):
    """What is absent stays; null empties; metadata are merged."""

    model_config = example(contact="ann@deals.example", metadata={"tier": "gold"})

    name: Name | None = None
    contract_notes: Text | None = None
    deal_url: Url | None = None
    landing_url: Url | None = None
    contact: Text | None = None

    active: Any = Field(default=None, exclude=True, description="As it is: it has its own paths.")
    status: Any = Field(default=None, exclude=True, description="Ignored: an answer's own")

    def merged_with(self, current: Partner) -> Partner:
        if self.active is not None and self.active != current.active:
            raise InvalidError(
                "Property .active: cannot be changed here",
                "POST …/disable is the kill switch of all its campaigns, POST …/enable ends it",
            )
        sent = self.model_dump(exclude_unset=True, exclude={"unset_metadata_fields", "version"})
        sent["name"] = self.name or current.name
        sent["metadata"] = self.merged_metadata(current.metadata)
        return replace(current, **sent)


class PartnerObject(BaseModel):
    id: str
    name: str
    active: bool
    status: PartnerStatus
    contract_notes: str | None
    deal_url: str | None
    landing_url: str | None
    contact: str | None
    metadata: dict[str, Any]
    created_at: Instant
    updated_at: Instant | None
    version: int
    object: Literal["partner"] = "partner"


class SwitchedPartner(PartnerObject, Enforced):
    """A partner, how many campaigns it has, and since when all of them obey."""

    campaigns: int


class Partners(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["partners"] = "partners"
    partners: list[PartnerObject]
    total: int


def switched_response(
    before: Partner, after: Partner, campaigns: int, since: datetime | None
) -> SwitchedPartner:
    """Say since when all its campaigns obey, and how it is undone."""
    undo = None
    if before.active != after.active:
        path = f"/v1/partners/{after.id}/{'enable' if before.active else 'disable'}"
        undo = Undo(path=path, body=UndoBody(version=after.version))
    shown = partner_response(after).model_dump(exclude={"object"})
    return SwitchedPartner(**shown, campaigns=campaigns, enforced_at=since, undo=undo)


def partner_response(partner: Partner) -> PartnerObject:
    return PartnerObject.model_validate(partner, from_attributes=True)
