"""How a role ends, as its supervisor hears it."""

import asyncio
import os
import sys

import pytest
from kit.campaigns_samples import environment

pytestmark = pytest.mark.process

# The role as it is, with a broken part that a role runs beside its requests.
BROKEN = """
import sys
from campaigns import __main__, outbox

async def run(self):
    raise KeyError("a bug")

outbox.Relay.run = run
sys.exit(__main__.main(["relay"]))
"""


@pytest.mark.fault
async def test_a_task_that_dies_of_a_bug_ends_the_process_as_a_failure() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BROKEN),
        env={**os.environ, **environment("postgresql://nobody@127.0.0.1:1/nothing")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)

    assert process.returncode == 1, said.decode()
    assert "a task died" in said.decode()
