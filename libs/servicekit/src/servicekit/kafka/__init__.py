"""Kafka: at-least-once reading, dead letters, lag, and the page that describes it."""
