"""What Postgres' errors mean to who decides: try again, give up, or whose trouble it is."""

from typing import Final

import asyncpg


class NeedsLocksError(Exception):
    """What was decided can be written behind the locks alone: nothing was sent, decide it there."""


# A rival's answer to the same key, or a rival for a campaign, a customer or an order: the next
# attempt sees the outcome.
COLLISIONS: Final = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)

# asyncpg calls it an internal error when a statement meets a connection that is just being cut.
FAILURES: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

# What Postgres cannot hold or cannot write in time, or a campaign that somebody keeps locked: not
# the neighbours' trouble.
OWN_TROUBLE: Final = (asyncpg.DataError, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)
