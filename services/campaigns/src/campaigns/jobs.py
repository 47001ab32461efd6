"""How jobs are done: steps, a transaction each, for ever and beside no one else.

A job's row is held for the length of a step, so that no rival does the same, and a kill at any
moment leaves whole steps. An outage repeats a step. What nobody expected would do so again and
again: it ends that job, with a sentence for people and the trace in the log, and no other. Where it
is no job's (claiming one, sweeping the bin), it is logged and tried again after a while: it must
not end the process, whose switches work.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import asyncpg
import structlog

from servicekit.health import Heartbeat
from servicekit.postgres.pool import OUTAGES, Connection, is_outage, transaction

IDLE_SECONDS = 1.0
OUTAGE_SECONDS = 1.0
FAULT_SECONDS = 5.0
UNEXPECTED = "a fault of ours ended it: the operator finds it in the log, by the id of the job"

log = structlog.get_logger()


class Claimed(Protocol):
    """A job that is held."""

    @property
    def project_id(self) -> str: ...

    @property
    def id(self) -> str: ...


Job = TypeVar("Job", bound=Claimed)


async def do_step(
    pool: asyncpg.Pool,
    lock_next: Callable[[Connection], Awaitable[Job | None]],
    step: Callable[[Connection, Job], Awaitable[int]],
    fail: Callable[[Connection, Job, str], Awaitable[None]],
    *,
    repeated: tuple[type[Exception], ...] = (),
) -> int | None:
    """Do the next step of some open job; return how much it did, None without a job.

    `repeated` are what may come of a step that is to be tried again. `fail` leaves a job alone that
    got further meanwhile: somebody else did the step.
    """
    job = None
    try:
        async with transaction(pool) as conn:
            job = await lock_next(conn)
            return None if job is None else await step(conn, job)
    except Exception as error:
        if job is None or isinstance(error, repeated) or _goes_by(error):
            raise
        log.exception("job_failed", project_id=job.project_id, job_id=job.id)
        async with transaction(pool) as conn:
            await fail(conn, job, UNEXPECTED)
        return 0


async def work(heartbeat: Heartbeat, turn: Callable[[], Awaitable[None]]) -> None:
    """Do turn after turn, for ever; while the store is away, or after a fault, wait."""
    while True:
        heartbeat.beat()
        try:
            await turn()
        except OUTAGES as outage:
            log.warning("waiting_for_outage", error=repr(outage))
            await asyncio.sleep(OUTAGE_SECONDS)
        except Exception:  # a fault of ours in one turn: others' jobs and switches go on
            log.exception("job_turn_failed")
            await asyncio.sleep(FAULT_SECONDS)


async def rest(started: asyncio.Event) -> None:
    """Wait a while, or until a job was started in this process."""
    try:
        # Not `wait_for`: before Python 3.12 it may swallow the cancellation that ends the worker.
        async with asyncio.timeout(IDLE_SECONDS):
            await started.wait()
    except TimeoutError:
        return
    started.clear()


def _goes_by(error: Exception) -> bool:
    # An argument that no statement takes is to asyncpg an InterfaceError as well.
    return is_outage(error) and not isinstance(error, ValueError)
