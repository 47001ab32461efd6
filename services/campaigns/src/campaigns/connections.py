"""How campaigns reaches its Postgres, in every role."""

import asyncpg

from campaigns.settings import ApiSettings, StreamSettings
from servicekit.postgres.pool import pool

# A plan made while a table was empty would scan it, and asyncpg keeps plans as long as
# connections: so each statement is planned for the tables as they are.
# None runs long enough to be worth compiling first.
# What is read is in memory, and one of two cores reads it: to hop within an index costs little, and
# to start helpers much.
SESSION = {
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
}


def store_pool(settings: ApiSettings | StreamSettings, size: int) -> asyncpg.Pool:
    return pool(settings.postgres_dsn.get_secret_value(), "campaigns", size, SESSION)
