"""Publications: a code becomes a customer's own, once."""
