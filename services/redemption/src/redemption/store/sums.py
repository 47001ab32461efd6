"""Sums of money as they are kept: in 64 bits, which 1,025 of the largest amounts do not fit.

Such a sum is beyond every limit and stays at the largest; the view that recounts says the same. Who
sends amounts like that would otherwise end the process that adds them up, and so everybody's.
"""

from typing import Final

LARGEST: Final = 2**63 - 1


def kept(sum_minor: int) -> int:
    """Return a sum, or a change of one, as it is kept."""
    return max(-LARGEST, min(sum_minor, LARGEST))
