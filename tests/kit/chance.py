"""What chance and the clock write into an answer, taken out of it.

Any short word stands in a random id now and then, and any short number in an instant. Who looks
for one that must not be told looks at what is left.
"""

import re

# An id or a key with its prefix, a UUID, an instant, a digest or a token.
CHANCE = re.compile(
    r"""
      \b(?:[a-z]{1,8}_){1,2}(?=[a-z]*[0-9A-Z])[0-9A-Za-z]{12,}
    | \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b
    | \b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)
    | (?<![\w-])(?=[\w-]*\d)[\w-]{32,}
    """,
    re.VERBOSE,
)


def without_chance(text: str) -> str:
    """Return what is the same in every run that does the same."""
    return CHANCE.sub("…", text)
