"""Who may log in to Kafka, and what each may do there: principals, rights, vendors."""
