"""How campaigns reaches its Postgres, in every role."""

import asyncpg

from campaigns.settings import ApiSettings, StreamSettings
from servicekit.postgres.pool import pool

# A plan made while a table was empty would scan it, and asyncpg keeps plans as long as
# connections: so each statement is planned for the tables as they are.
# None runs long enough to be worth compiling first.
SESSION = {"plan_cache_mode": "force_custom_plan", "jit": "off"}


def store_pool(settings: ApiSettings | StreamSettings, size: int) -> asyncpg.Pool:
    return pool(settings.postgres_dsn.get_secret_value(), "campaigns", size, SESSION)
