"""How redemption reaches its Postgres, in every role that decides or applies."""

from typing import Final

import asyncpg

from redemption.settings import SERVICE
from servicekit.postgres.pool import pool

CONNECTIONS: Final = 8
SESSION: Final = {
    "statement_timeout": "10s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "15s",
    # A plan from when a table was empty would scan it for ever: rows are found by their index.
    "enable_seqscan": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # to start a worker takes longer than any statement
    "plan_cache_mode": "force_generic_plan",  # or a lone request is planned anew each time
}


def store_pool(dsn: str, role: str, size: int = CONNECTIONS) -> asyncpg.Pool:
    return pool(dsn, f"{SERVICE} {role}", size, SESSION)
