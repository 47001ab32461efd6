"""What the console hands to browsers and must find unchanged when it comes back."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

DIGEST_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Seals:
    """Seals texts, each for one purpose: what was sealed for one opens as no other."""

    secret: bytes = field(repr=False)

    def digest(self, purpose: str, text: str) -> str:
        """Return what nobody without the secret can make of a text."""
        made = hmac.digest(self.secret, f"{purpose}\0{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(made[:DIGEST_BYTES]).decode()

    def is_digest(self, purpose: str, text: str, given: str) -> bool:
        return hmac.compare_digest(self.digest(purpose, text).encode(), given.encode())

    def seal(self, purpose: str, text: str) -> str:
        """Write a text so that it may stand in a cookie, with its seal."""
        packed = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return f"{packed}.{self.digest(purpose, packed)}"

    def open(self, purpose: str, sealed: str) -> str | None:
        """Return the text, or None where anybody has changed it."""
        packed, _, seal = sealed.partition(".")
        if not self.is_digest(purpose, packed, seal):
            return None
        return base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
