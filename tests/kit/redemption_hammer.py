"""A process that redeems one code as fast as it can, and says what it was told.

`python -m kit.redemption_hammer DSN NAME CLIENTS BATCH BATCHES` (0 batches: until killed). Prints a
line per answer: request id, status, digest of the body. A request follows from its id, so anybody
can repeat it.
"""

import asyncio
import contextlib
import hashlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from kit.redemption_deciders import deciding
from kit.redemption_samples import a_request
from redemption.batches import decider as deciding_module
from redemption.batches.decider import Decider
from redemption.model import Request
from redemption.outcomes import Response


class Crowd(NamedTuple):
    """How many ask at once, and for how much: a lone one is decided without a lock."""

    clients: int
    batch: int


MANY = Crowd(clients=8, batch=10)
LONE = Crowd(clients=1, batch=1)


@contextlib.asynccontextmanager
async def running(
    dsn: str, name: str, batches: int = 0, stdout: int = PIPE, crowd: Crowd = MANY
) -> AsyncIterator[Process]:
    """Run such a process; it does not survive the block. Read its pipe, or it stops to redeem."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", f"kit.{Path(__file__).stem}", dsn, name, *map(str, [*crowd, batches])),
        cwd=Path(__file__).parents[1],
        stdout=stdout,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def request(request_id: str) -> Request:
    name, *_, customer = request_id.split("-")
    return a_request("HOT", request_id=request_id, customer=customer, caller=name)


def digest(answer: Response) -> str:
    return hashlib.sha256(answer.body).hexdigest()


async def client(decider: Decider, name: str, size: int, batches: int) -> None:
    for batch in range(batches) if batches else count():
        ids = [f"{name}-{batch}-{number}" for number in range(size)]
        answers = await decider.decide([request(id_) for id_ in ids])
        for id_, answer in zip(ids, answers, strict=True):
            sys.stdout.write(f"{id_} {answer.status} {digest(answer)}\n")
        sys.stdout.flush()


async def main(dsn: str, name: str, crowd: Crowd, batches: int) -> None:
    if crowd == LONE:
        deciding_module.BATCHES_OF_RIVALS = 1  # or all but the first would lock before they look
    async with deciding(dsn, name) as decider:
        names = [f"{name}-{number}" for number in range(crowd.clients)]
        await asyncio.gather(*(client(decider, each, crowd.batch, batches) for each in names))


if __name__ == "__main__":
    _clients, _batch, _batches = map(int, sys.argv[3:])
    asyncio.run(main(sys.argv[1], sys.argv[2], Crowd(_clients, _batch), _batches))
