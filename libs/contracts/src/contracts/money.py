"""Money: integer minor units with an ISO 4217 currency, never a float."""

from typing import Annotated

from pydantic import Field

BASIS = 10_000

# Below 2**53, so that every JSON reader keeps it exact.
LARGEST_MINOR = 9_007_199_254_740_991

Minor = Annotated[int, Field(strict=True, ge=0, le=LARGEST_MINOR)]
Count = Annotated[int, Field(strict=True, ge=0, le=LARGEST_MINOR)]  # of uses, of versions
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=BASIS)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def share(amount_minor: int, basis_points: int) -> int:
    """Return that share of a non-negative amount, rounded half up to the minor unit.

    One basis point is a hundredth of a percent: 5 % of 10.10 is `share(1010, 500) == 51`.
    """
    return (amount_minor * basis_points + BASIS // 2) // BASIS
