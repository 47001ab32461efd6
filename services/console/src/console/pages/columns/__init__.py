"""The columns that a person's lists have wherever that person signs in."""
