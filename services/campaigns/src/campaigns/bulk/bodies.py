"""Jobs of all kinds, as clients start and read them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, Field

from campaigns.api.body import Body, example
from campaigns.api.cursors import cursor_of
from campaigns.api.fields import Metadata
from campaigns.api.paths import Sought
from campaigns.api.versions import Undo
from campaigns.bulk.acts import Action
from campaigns.bulk.items import NotDone
from campaigns.bulk.store import BulkJob
from campaigns.history.actors import ActorObject
from campaigns.issuing.bodies import AsyncActionObject, async_action_response
from campaigns.model import Job, JobStatus
from campaigns.refusals import InvalidError
from contracts.instants import Instant

MOST_NAMED = 1000  # in one body; more are named by a filter

# Voucherify's clients know these alone.
TYPES: dict[tuple[str, str], str] = {
    ("voucher", "metadata"): "VOUCHERS.METADATA_UPDATE",
    ("campaign", "delete"): "CAMPAIGN.VOUCHERS_DELETE",
    ("campaign", "purge"): "CAMPAIGN.VOUCHERS_DELETE",
}
OTHERWISE = {"voucher": "VOUCHERS.BULK_UPDATE", "campaign": "CAMPAIGN.VOUCHERS_UPDATE"}


class NewBulkJob(Body):
    """What is to be done, and to which: what is named, or all that a list's filter finds."""

    model_config = example(action="disable", ids=["AUTUMN10", "AUTUMN20"])

    action: Literal["enable", "disable", "delete", "restore", "metadata"]
    ids: list[Sought] | None = Field(default=None, max_length=MOST_NAMED)
    filter: str | None = Field(
        default=None,
        max_length=10_000,
        description="The query string of the list, as in its URL: all that it finds.",
    )
    metadata: Metadata | None = None
    unset_metadata_fields: list[str] | None = None
    expected_count: Annotated[int, Field(strict=True, ge=0)] | None = None

    def filter_items(self) -> list[tuple[str, str]] | None:
        """Return what the list's query string asks for; None where things are named."""
        if self.filter is not None and self.ids is not None:
            raise InvalidError("Properties .ids and .filter are both given", "send one of the two")
        if self.filter is None:
            return None
        return parse_qsl(self.filter.removeprefix("?"), keep_blank_values=True)

    def changes(self) -> dict[str, Any]:
        """Return what is laid over the metadata of each, where they are what changes."""
        sent = {"metadata": self.metadata, "unset": self.unset_metadata_fields}
        named = {name: value for name, value in sent.items() if value}
        if named and self.action != "metadata":
            raise InvalidError("Property .metadata: is for the action metadata", "leave it out")
        if self.action == "metadata" and not named:
            raise InvalidError(
                "Property .metadata: is needed", "or .unset_metadata_fields: what is to change?"
            )
        return named


class BulkJobId(BaseModel):
    async_action_id: str
    count: int


class JobObject(AsyncActionObject):
    """A job and how far it got; `enforced_at` says since when redemption acts by all of it.

    `campaign_id`: of which campaign it issues codes.
    """

    type: str  # type: ignore[assignment]  # one of Voucherify's
    kind: Literal["campaign", "voucher"]
    action: Action | Literal["issue"]
    wanted_count: int
    done_count: int
    skipped_count: int
    failed_count: int
    enforced_at: Instant | None
    stopped: bool
    actor: ActorObject
    undo: Undo | None
    undo_until: Instant | None
    undo_of: str | None
    campaign_id: str | None = None


class Jobs(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["async_actions"] = "async_actions"
    async_actions: list[JobObject]
    has_more: bool
    more_cursor: str | None


class NotDoneObject(BaseModel):
    number: int
    id: str
    name: str | None
    outcome: str
    reason: str | None
    message: str | None
    object: Literal["not_done"] = "not_done"


class NotDoneList(BaseModel):
    """What was skipped and what failed, in the order of the job."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[NotDoneObject]
    has_more: bool
    more_cursor: str | None


def job_response(job: BulkJob, actor: ActorObject) -> JobObject:
    seen = job.done + job.skipped + job.failed
    status: JobStatus = job.status
    until = job.undo_until if _can_be_undone(job) else None
    why = job.failure or ("stopped" if job.stopped else None)
    said = f"{job.done} done, {job.skipped} skipped, {job.failed} failed of {job.wanted}"
    return JobObject(
        **_base(
            job_id=job.id,
            status=status,
            created_at=job.created_at,
            updated_at=job.updated_at,
            request_id=job.request_id,
            progress=job.enforced * 100 // job.wanted if status != "DONE" else 100,
            message=said if why is None else f"{why}: {said}",
            done=job.done,
            failed=job.failed,
        ),
        type=TYPES.get((job.kind, job.action), OTHERWISE[job.kind]),
        kind=job.kind,
        action=job.action,
        wanted_count=job.wanted,
        done_count=job.done,
        skipped_count=job.skipped,
        failed_count=job.failed,
        enforced_at=job.enforced_at if job.enforced == seen and job.ended_at else None,
        stopped=job.stopped,
        actor=actor,
        undo=None if until is None else Undo(path=f"/v1/async-actions/{job.id}/undo"),
        undo_until=until,
        undo_of=job.undo_of,
    )


def issue_response(job: Job, actor: ActorObject) -> JobObject:
    """Show a bulk issue as what it has in common with other jobs."""
    shown = async_action_response(job)
    return JobObject(
        **dict(shown),
        kind="voucher",
        action="issue",
        wanted_count=job.wanted,
        done_count=job.done,
        skipped_count=0,
        failed_count=shown.result.failed_count,
        enforced_at=job.updated_at if job.status == "DONE" else None,
        stopped=False,
        actor=actor,
        undo=None,
        undo_until=None,
        undo_of=None,
        campaign_id=job.campaign_id,
    )


def jobs_response(found: list[JobObject], limit: int) -> Jobs:
    """Show a page of jobs, of which more were read than are shown."""
    shown, more = found[:limit], len(found) > limit
    cursor = cursor_of(shown[-1].created_at, shown[-1].id) if more else None
    return Jobs(async_actions=shown, has_more=more, more_cursor=cursor)


def not_done_response(found: list[NotDone], limit: int) -> NotDoneList:
    shown = found[:limit]
    more = len(found) > limit
    return NotDoneList(
        data=[
            NotDoneObject(
                number=each.number,
                id=each.target,
                name=each.name,
                outcome=each.outcome,
                reason=each.reason,
                message=each.message,
            )
            for each in shown
        ],
        has_more=more,
        more_cursor=str(shown[-1].number) if more else None,
    )


def _can_be_undone(job: BulkJob) -> bool:
    if job.action == "purge" or job.undone or job.done == 0 or job.undo_until is None:
        return False
    return datetime.now(UTC) < job.undo_until


def _base(
    *,
    job_id: str,
    status: JobStatus,
    created_at: datetime,
    updated_at: datetime,
    request_id: str,
    progress: int,
    message: str,
    done: int,
    failed: int,
) -> dict[str, Any]:
    operation = {"DONE": "SUCCESS", "FAILED": "FAILED"}.get(status, "UNKNOWN")
    return {
        "id": job_id,
        "status": status,
        "operation_status": operation,
        "created_at": created_at,
        "updated_at": updated_at,
        "request_id": request_id,
        "processing_time": round((updated_at - created_at).total_seconds() * 1000),
        "progress": progress,
        "result": {"message": message, "done_count": done, "failed_count": failed},
    }
