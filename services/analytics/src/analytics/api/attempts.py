"""`GET /v1/reports/recent` and `/failures/attempts`: single attempts, the newest first."""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from analytics.api.answers import FORMATS, MOST_OF_A_FILE, size
from analytics.api.asked import OfAttempts
from analytics.api.dependencies import Dependencies
from analytics.api.pages import position, read
from analytics.reports.attempts import Wanted

USUAL: Final = 20

Limit = Annotated[
    int | None,
    Query(ge=1, le=MOST_OF_A_FILE, description="20 unless given, 100 at most; as CSV all."),
]
Cursor = Annotated[
    str | None, Query(max_length=200, description="`more_cursor` of the answer before.")
]
After = Annotated[
    str | None,
    Query(max_length=200, description="`newest_cursor` of an answer: only what is newer."),
]


class Attempt(BaseModel):
    """One decision. Amounts are in minor units of `currency`; of a refusal only the basket's."""

    id: str
    occurred_at: datetime
    result: Literal["SUCCESS", "FAILURE"]
    reason: str | None
    hint: str | None
    code: str
    campaign_id: str | None
    campaign_name: str | None
    partner_id: str | None
    partner_name: str | None
    channel: str | None
    category_id: str | None
    category_name: str | None
    customer_id: str | None
    segment_ids: list[str]
    order_id: str | None
    order_minor: int
    discount_minor: int
    commission_minor: int
    currency: str


class Attempts(BaseModel):
    """A page of them; `more_cursor` is null at the end."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[Attempt]
    has_more: bool
    more_cursor: str | None


class Recent(Attempts):
    """`newest_cursor` as `after` asks for what came since."""

    newest_cursor: str | None


def router(dependencies: Dependencies) -> APIRouter:
    made = APIRouter(prefix="/v1/reports", tags=["reports"])

    @made.get(
        "/failures/attempts",
        response_model=Attempts,
        responses=FORMATS,
        summary="Single refusals, the newest first",
        operation_id="failed_attempts",
    )
    async def get_failed_attempts(
        *,
        asked: OfAttempts,
        limit: Limit = None,
        cursor: Cursor = None,
    ) -> Response:
        wanted = Wanted(size(asked.form, limit, USUAL), "failed", position("cursor", cursor))
        page = await read(dependencies, asked, wanted)
        return page.told(asked.form, Attempt, Attempts)

    @made.get(
        "/recent",
        response_model=Recent,
        responses=FORMATS,
        summary="The most recent attempts, accepted and refused",
        operation_id="recent",
    )
    async def get_recent(
        *,
        asked: OfAttempts,
        result: Literal["SUCCESS", "FAILURE"] | None = None,
        limit: Limit = None,
        cursor: Cursor = None,
        after: After = None,
    ) -> Response:
        stored = {"SUCCESS": "succeeded", "FAILURE": "failed", None: None}[result]
        older, newer = position("cursor", cursor), position("after", after)
        wanted = Wanted(size(asked.form, limit, USUAL), stored, older, newer)
        page = await read(dependencies, asked, wanted)
        newest = page.newest() or after
        return page.told(asked.form, Attempt, Recent, newest_cursor=newest)

    return made
