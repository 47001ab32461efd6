"""What the services say to each other: topics, events, money, ids."""
