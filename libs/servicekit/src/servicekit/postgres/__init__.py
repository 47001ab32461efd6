"""PostgreSQL: pools, migrations, the outbox and its relay. The only part that knows asyncpg."""
