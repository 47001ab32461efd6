"""Async actions: how far a bulk issue got."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from campaigns.api.access import By, Given
from campaigns.api.fields import Segment
from campaigns.definitions import Job, JobStatus
from campaigns.refusals import NotFoundError
from campaigns.store import jobs
from campaigns.store.connecting import transaction
from contracts.instants import Instant

router = APIRouter(prefix="/v1/async-actions", tags=["async actions"])

OUTCOMES: dict[JobStatus, Literal["SUCCESS", "FAILED", "UNKNOWN"]] = {
    "ENQUEUED": "UNKNOWN",
    "IN_PROGRESS": "UNKNOWN",
    "DONE": "SUCCESS",
    "FAILED": "FAILED",
}


class Result(BaseModel):
    message: str
    done_count: int
    failed_count: int


class AsyncActionObject(BaseModel):
    id: str
    type: Literal["CAMPAIGN.VOUCHERS_GENERATE"] = "CAMPAIGN.VOUCHERS_GENERATE"
    status: JobStatus
    operation_status: Literal["SUCCESS", "FAILED", "UNKNOWN"]
    created_at: Instant
    updated_at: Instant
    request_id: str
    processing_time: int
    progress: int
    result: Result
    object: Literal["async_action"] = "async_action"


@router.get("/{action}")
async def get_async_action(action: Segment, by: By, tools: Given) -> AsyncActionObject:
    async with transaction(tools.pool) as conn:
        job = await jobs.find(conn, by.project_id, action)
    if job is None:
        raise NotFoundError("async_action", action)
    return _shown(job)


def _shown(job: Job) -> AsyncActionObject:
    return AsyncActionObject(
        id=job.id,
        status=job.status,
        operation_status=OUTCOMES[job.status],
        created_at=job.created_at,
        updated_at=job.updated_at,
        request_id=job.request_id,
        processing_time=round((job.updated_at - job.created_at).total_seconds() * 1000),
        progress=job.done * 100 // job.wanted,
        result=Result(
            message=job.failure or f"{job.done} of {job.wanted} codes issued",
            done_count=job.done,
            failed_count=job.wanted - job.done if job.status == "FAILED" else 0,
        ),
    )
