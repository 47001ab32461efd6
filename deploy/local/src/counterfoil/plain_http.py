"""A client for our own parts, which speak plain HTTP to each other."""

import ssl
from typing import Any

import httpx


def client(**options: Any) -> httpx.AsyncClient:
    """Make one that knows no certificates: to load them costs 20 ms of a core, for every client."""
    nothing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(trust_env=False, verify=nothing, **options)
