"""Proves that ledger, Kafka and ClickHouse tell the same story, and names every difference."""
