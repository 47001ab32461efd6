"""Secrets: what the caller keeps, and the digest that we keep instead."""

import hashlib
import secrets
import zlib
from dataclasses import dataclass

from contracts import ids

KEY_PREFIX = "cpn_live_"
KEY_LENGTH = 16
SECRET_BYTES = 32
SECRET_LENGTH = 43  # 62**43 > 256**32
CHECKSUM_LENGTH = 6  # 62**6 > 2**32


@dataclass(frozen=True, slots=True)
class Credentials:
    """A fresh key. `secret` is shown to its owner once and stored nowhere."""

    key_id: str
    secret: str


def make() -> Credentials:
    """Draw a key."""
    return Credentials(ids.new(KEY_PREFIX, KEY_LENGTH), draw())


def draw(prefix: str = "") -> str:
    """Draw a secret: 256 bits, and a checksum by which leak scanners know a real one."""
    number = int.from_bytes(secrets.token_bytes(SECRET_BYTES), "big")
    body = _base62(number, SECRET_LENGTH)
    return prefix + body + _base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def digest(secret: str) -> str:
    """Return what is stored and published in place of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _base62(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, digit = divmod(number, len(ids.ALPHANUMERIC))
        characters.append(ids.ALPHANUMERIC[digit])
    return "".join(reversed(characters))
