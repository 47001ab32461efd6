"""Wrong codes: counted, bounded, and told of as counts per minute."""
