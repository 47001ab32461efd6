"""Tokens as campaigns makes them, signed by a key that tests have."""

import time
from collections.abc import Collection
from typing import Any

from servicekit.http import tokens
from servicekit.http.tokens import Claims

# Made up once, and the same in every process of a test.
PRIVATE_KEY = "2kq1mZ0dWQ9y5oXo5vEw7hQb3m0w6V3yJ1kqv4rQx1A"
PUBLIC_KEY = tokens.public_half(PRIVATE_KEY)


def environment() -> dict[str, str]:
    """Return what an api is told, to know tokens by."""
    return {"TOKEN_PUBLIC_KEYS": PUBLIC_KEY}


def claims(project_id: str = "proj_a", *scopes: str, **overrides: Any) -> Claims:
    said: dict[str, Any] = {
        "user_id": "user_a",
        "session_id": "sess_a",
        "grant_id": "grant_a",
        "project_id": project_id,
        "scopes": frozenset(scopes),
        "partner_id": None,
        "expires_at": int(time.time()) + tokens.LIFETIME_SECONDS,
    }
    return Claims(**said | overrides)


def bearer(project_id: str, scopes: Collection[str], **overrides: Any) -> dict[str, str]:
    """Return the header of a person with these scopes."""
    token = tokens.sign(claims(project_id, *scopes, **overrides), tokens.private_key(PRIVATE_KEY))
    return {"Authorization": f"Bearer {token}"}
