"""What is sent along to the provider, and comes back: nothing of it is stored.

The state that travels is random, says until when it holds, and is signed; the nonce and the
verifier of PKCE follow from it by a key of ours. So nobody fills a table by beginning to sign in,
and any process finishes what another has begun. Pure.
"""

import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Final, NamedTuple

LIFETIME_SECONDS: Final = 600
LONGEST_STATE: Final = 200


class Attempt(NamedTuple):
    """One try to sign in."""

    state: str
    nonce: str
    verifier: str


def begin(key: bytes) -> Attempt:
    """Begin a try, which may be finished for ten minutes."""
    body = f"{int(time.time()) + LIFETIME_SECONDS}.{secrets.token_urlsafe(24)}"
    return _attempt(key, f"{body}.{_derived(key, 'state', body)}")


def resume(key: bytes, state: str) -> Attempt | None:
    """Return the try that a state belongs to; none where it is not ours, or too late."""
    body, _, signature = state.rpartition(".")
    expires, _, _ = body.partition(".")
    right = hmac.compare_digest(_derived(key, "state", body).encode(), signature.encode())
    if not right or len(state) > LONGEST_STATE or time.time() > int(expires):
        return None
    return _attempt(key, state)


def _attempt(key: bytes, state: str) -> Attempt:
    return Attempt(state, _derived(key, "nonce", state), _derived(key, "verifier", state))


def _derived(key: bytes, purpose: str, text: str) -> str:
    digest = hmac.digest(key, f"{purpose}\0{text}".encode(errors="replace"), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
