"""Metadata, as Voucherify's PUT changes them."""

from collections.abc import Iterable

from campaigns.model import Metadata


def merged(
    current: Metadata, added: Metadata | None, removed: Iterable[str] | None = None
) -> Metadata:
    """Return the metadata after a change: what is not named stays."""
    gone = set(removed or ())
    return {name: value for name, value in (current | (added or {})).items() if name not in gone}
