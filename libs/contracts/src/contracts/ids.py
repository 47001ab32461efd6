"""Identities: time-ordered for facts, random for things, derived for customers."""

import hmac
import random
import secrets
import string
import time
from uuid import UUID, SafeUUID

ALPHANUMERIC = string.ascii_letters + string.digits

# Of 256 bytes four stand for each character, and eight for none: no character is likelier.
_CHARACTERS = (ALPHANUMERIC * 5)[:256].encode()
_SURPLUS = bytes(range(4 * len(ALPHANUMERIC), 256))

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def uuid7() -> UUID:
    """Make a UUID whose order is that of its millisecond (RFC 9562, version 7).

    Its other 74 bits make it unique and not secret: knowing an id opens nothing.
    """
    milliseconds = time.time_ns() // 1_000_000
    chance = random.getrandbits(74)  # seeded by the system, anew in every process
    high = chance >> 62  # 12 bits
    low = chance & 0x3FFF_FFFF_FFFF_FFFF  # 62 bits
    return _uuid(milliseconds << 80 | _VERSION_7 | high << 64 | _VARIANT | low)


def _uuid(value: int) -> UUID:
    """Make a UUID past the constructor's checks, as the standard library does from 3.14 on."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", value)  # immutable to everybody else
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def new(prefix: str, length: int = 24) -> str:
    """Make the id of a thing: `new("camp_")` is `camp_` and 24 random letters and digits."""
    drawn = b""
    while len(drawn) < length:  # mostly once: of 32 bytes one stands for none
        drawn += secrets.token_bytes(2 * length).translate(_CHARACTERS, _SURPLUS)
    return prefix + drawn[:length].decode()


def customer(key: bytes, project_id: str, source_id: str) -> str:
    """Derive a customer's id from the shop's own: the same everywhere, and no way back.

    The pseudonym is HMAC-SHA256 under the installation's key, 96 bits of it, separate per project.
    """
    message = f"{project_id}\0{source_id}".encode()
    return "cust_" + hmac.digest(key, message, "sha256").hex()[:24]
