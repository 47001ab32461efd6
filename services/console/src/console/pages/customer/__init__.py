"""One customer: what is known of them, and how it is forgotten."""
