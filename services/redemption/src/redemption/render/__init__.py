"""Decisions as others read them: Voucherify's clients, and everybody on Kafka. Pure."""
