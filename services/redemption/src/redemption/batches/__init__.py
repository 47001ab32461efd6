"""Decides what waits, a batch in a transaction: the only way in, by HTTP and by Kafka."""
