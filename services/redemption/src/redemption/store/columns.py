"""Keys as unnest wants them."""

from collections.abc import Collection, Sequence


def columns(keys: Collection[Sequence[str]], width: int) -> list[list[str]]:
    """Turn keys into one array per column."""
    return [[key[i] for key in keys] for i in range(width)]
