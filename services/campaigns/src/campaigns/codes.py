"""How codes look and how many there can be. Pure: chance is an argument."""

import math
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from unicodedata import normalize

from contracts.codes import in_capitals
from contracts.text import BLANKS

ALPHANUMERIC = string.digits + string.ascii_uppercase + string.ascii_lowercase

# Unless told otherwise: guessing one of a million codes then takes 10**12 tries.
BITS = 60
LONGEST = 100

# Codes are drawn until they are new, so most draws have to be: one in ten may be taken.
ROOM = 10


VOUCHER_ID_PREFIX = "v_"
VOUCHER_ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class CodeConfig:
    """How codes look. `#` in `pattern` is a random character; a pattern replaces the length.

    Without either, a code is long enough to be hard to guess.
    """

    prefix: str = ""
    postfix: str = ""
    pattern: str | None = None
    length: int | None = None
    charset: str = ALPHANUMERIC

    @property
    def body(self) -> str:
        if self.pattern is not None:
            return self.pattern
        return "#" * (self.length or safe_length(self.charset))

    @property
    def random_places(self) -> int:
        return self.body.count("#")

    @property
    def capacity(self) -> int:
        """How many different codes there can be."""
        return int(len(self.charset) ** self.random_places)

    @property
    def characters(self) -> int:
        return len(self.prefix) + len(self.body) + len(self.postfix)


def looks_like_voucher_id(code: str) -> bool:
    """Tell whether a code could be taken for a voucher's id, by which one can act as well.

    Also where it is in capitals: it may have been typed as an id is.
    """
    return (
        code.lower().startswith(VOUCHER_ID_PREFIX)
        and len(code) == len(VOUCHER_ID_PREFIX) + VOUCHER_ID_LENGTH
    )


def config_in_capitals(config: CodeConfig) -> CodeConfig:
    """Return how codes look that tell no letter case: as many as can be told apart."""
    return replace(
        config,
        prefix=in_capitals(config.prefix),
        postfix=in_capitals(config.postfix),
        pattern=None if config.pattern is None else in_capitals(config.pattern),
        charset="".join(dict.fromkeys(in_capitals(config.charset))),
    )


def safe_length(charset: str) -> int:
    """Return how many characters of this set make `BITS` bits."""
    return math.ceil(BITS / math.log2(max(len(charset), 2)))


def check_config(config: CodeConfig) -> str | None:
    """Say why no code can look like this, or None."""
    if len(set(config.charset)) != len(config.charset):
        return "charset has a character twice"
    if len(config.charset) < 2:  # noqa: PLR2004 - one character leaves no choice
        return "charset needs two characters or more"
    if any(character in BLANKS for character in config.charset):
        return "charset has a blank, which nobody sees at the end of a code"
    if config.random_places == 0:
        return "pattern has no # for a random character"
    if config.characters > LONGEST:
        return f"codes would be longer than {LONGEST} characters"
    if looks_like_voucher_id(encode(config, 0)):
        return "codes would look like the ids of vouchers"
    return None


def check_capacity(config: CodeConfig, existing: int, wanted: int) -> str | None:
    """Say why there is no room for so many codes, or None.

    Existing codes count however they look: they might be in the way.
    """
    needed = (existing + wanted) * ROOM
    if config.capacity >= needed or (existing == 0 and wanted == 1):
        return None
    return (
        f"{config.capacity} codes are possible, {needed} are needed for {existing + wanted} codes "
        "to be hard to guess; make them longer"
    )


def generate(config: CodeConfig, below: Callable[[int], int]) -> Iterator[str]:
    """Draw codes for ever, each as likely as any; `below(n)` chooses from 0 to n - 1.

    Letters of the set may make one with what is before them: a code is written as it will be read.
    """
    while True:
        yield normalize("NFC", encode(config, below(config.capacity)))


def encode(config: CodeConfig, number: int) -> str:
    """Write a number in the characters of the set, into the random places."""
    body = list(config.body)
    base = len(config.charset)
    for place, character in enumerate(body):
        if character == "#":
            number, digit = divmod(number, base)
            body[place] = config.charset[digit]
    return config.prefix + "".join(body) + config.postfix
