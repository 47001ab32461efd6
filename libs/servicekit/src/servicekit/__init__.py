"""What every process needs and no coupon: start and end, logs, health, metrics, Kafka, HTTP.

Only `servicekit.postgres` knows asyncpg, so that a service without Postgres installs none.
"""
