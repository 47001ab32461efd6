"""What keeps jobs going: nothing that is no job's own may end the process, whose switches work."""

import asyncio

import pytest

from campaigns import jobs
from servicekit.health import Heartbeat


async def test_a_fault_outside_of_any_job_is_told_and_the_next_turn_comes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(jobs, "FAULT_SECONDS", 0.0)
    turns: list[str] = []

    async def turn() -> None:
        turns.append("begun")
        if len(turns) == 1:
            raise LookupError("a row that nobody can read")
        raise asyncio.CancelledError  # told to stop

    with pytest.raises(asyncio.CancelledError):
        await jobs.work(Heartbeat("jobs"), turn)

    assert len(turns) == 2
    assert "job_turn_failed" in capsys.readouterr().out
