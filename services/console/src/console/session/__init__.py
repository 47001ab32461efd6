"""Who a browser belongs to: the secret in its cookie, and what the API says of it."""
