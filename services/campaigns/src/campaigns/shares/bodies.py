"""Shares as clients write and read them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AfterValidator, BaseModel, Field

from campaigns.api.body import Body, example
from campaigns.api.fields import Code, Name
from campaigns.refusals import InvalidError
from campaigns.shares import positions
from campaigns.shares.counting import Counts
from campaigns.shares.given import SharedCode
from campaigns.shares.positions import Position
from campaigns.shares.store import Kind, Share, State
from contracts.instants import Instant
from servicekit.http.csv_lines import Block
from servicekit.http.errors import invalid_query

COLUMNS = ("code", "state", "active", "quantity", "redeemed_quantity")

MOST_CODES = 1000  # that one call names
MOST_ALLOTTED = 100_000  # by one call: a second or two

Codes = Annotated[
    list[Code],
    Field(min_length=1, max_length=MOST_CODES),
    AfterValidator(lambda codes: list(dict.fromkeys(codes))),
]


def _after(cursor: Annotated[str | None, Query(max_length=500)] = None) -> Position | None:
    try:
        return None if cursor is None else positions.read(cursor)
    except ValueError as error:
        raise invalid_query(f"cursor {error}", f"Query parameter cursor: {error}") from error


After = Annotated[Position | None, Depends(_after)]


class NewShareOfCampaign(Body):
    """All codes of the campaign, some named ones, or the next so many unique ones."""

    model_config = example(kind="allotment", quantity=5000, name="December mailing")

    kind: Kind
    codes: Codes | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=MOST_ALLOTTED)] | None = None
    name: Name | None = None

    def check(self) -> None:
        """Raise for what does not belong to this kind, and for what it lacks."""
        wanted = {"campaign": set(), "codes": {"codes"}, "allotment": {"quantity"}}[self.kind]
        for name in ("codes", "quantity"):
            given = getattr(self, name) is not None
            if given and name not in wanted:
                raise InvalidError(
                    f"Property .{name}: does not belong to a share of kind {self.kind}",
                    "leave it out, or choose another kind",
                )
            if name in wanted and not given:
                raise InvalidError(
                    f"Property .{name}: is needed for a share of kind {self.kind}", "send it"
                )


class NewShare(NewShareOfCampaign):
    """As below a campaign; which one is said here, unless its codes do."""

    model_config = example(kind="campaign", campaign_id="camp_0123456789abcdefghijklmn")

    campaign_id: Name | None = None

    def check(self) -> None:
        super().check()
        if (self.campaign_id is None) != (self.kind == "codes"):
            raise InvalidError(
                f"Property .campaign_id: is {'not ' if self.kind == 'codes' else ''}for this kind",
                "codes say themselves whose they are; all other kinds name their campaign",
            )


class Extent(Body):
    """Of what something is to be said: of one share, of all of a campaign, or of single codes."""

    model_config = example(codes=["AUTUMN-7F3K"])

    share_id: Name | None = None
    campaign_id: Name | None = None
    codes: Codes | None = None

    def check(self) -> None:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise InvalidError(
                "One of .share_id, .campaign_id and .codes is needed", "send exactly one of them"
            )


class ShareObject(BaseModel):
    """A share; `codes_count` is null where it is of all codes."""

    id: str
    kind: Kind
    state: State
    partner_id: str
    partner: str
    campaign_id: str
    campaign: str
    name: str | None
    codes_count: int | None
    shared_by: str
    created_at: Instant
    changed_at: Instant | None
    object: Literal["share"] = "share"


class CountsObject(BaseModel):
    """Of its codes: `usable` are in force, active and have uses left, whatever its deal's dates."""

    codes: int
    held_back: int
    withdrawn: int
    redeemed: int
    usable: int


class ShareDetail(ShareObject):
    counts: CountsObject


class CampaignCountsObject(BaseModel):
    """Of a campaign's codes: `given` by name or allotment, `unshared` an allotment may take."""

    codes: int
    given: int
    unshared: int
    whole_campaign: State | None
    object: Literal["share_counts"] = "share_counts"


class SharedCodeObject(BaseModel):
    code: str
    state: State
    active: bool
    quantity: int | None
    redeemed_quantity: int
    object: Literal["shared_code"] = "shared_code"


class SharedCodes(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["codes"] = "codes"
    codes: list[SharedCodeObject]
    has_more: bool
    more_cursor: str | None


class Shares(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["shares"] = "shares"
    shares: list[ShareObject]
    total: int


class ShareChange(BaseModel):
    """What came of it: how many shares, or codes, this was news of."""

    state: State
    shares: int
    codes: int
    object: Literal["share_change"] = "share_change"


def share_response(share: Share) -> ShareObject:
    return ShareObject.model_validate(share, from_attributes=True)


def detail_response(share: Share, counts: Counts) -> ShareDetail:
    shown = share_response(share).model_dump(exclude={"object"})
    return ShareDetail(**shown, counts=CountsObject(**asdict(counts)))


def codes_response(codes: Sequence[SharedCode], limit: int) -> SharedCodes:
    """Show so many of these, which are one more where the list goes on."""
    page = codes[:limit]
    has_more = len(codes) > limit
    return SharedCodes(
        codes=[SharedCodeObject.model_validate(each, from_attributes=True) for each in page],
        has_more=has_more,
        more_cursor=positions.cursor(page[-1].position) if has_more else None,
    )


def code_rows(codes: Sequence[SharedCode]) -> Block:
    """Return a row for each code, as wide as `COLUMNS`."""
    return [
        [each.code, each.state, str(each.active).lower(), each.quantity, each.redeemed_quantity]
        for each in codes
    ]
