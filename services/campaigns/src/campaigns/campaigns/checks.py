"""What of a campaign does not go together, whoever writes it. Pure."""

from typing import Final

from campaigns.refusals import InvalidError
from contracts.terms import Terms
from contracts.validity import Validity

ID_PREFIX: Final = "camp_"
ID_LENGTH: Final = 24


def check_name(name: str) -> None:
    # One can act by name as well, and never hit another campaign by it.
    if name.startswith(ID_PREFIX) and len(name) == len(ID_PREFIX) + ID_LENGTH:
        raise InvalidError("Property .name: may not look like the id of a campaign", name)


def check_window(validity: Validity) -> None:
    starts_at, ends_at = validity.starts_at, validity.ends_at
    if validity.recurrence is not None and starts_at is None:
        raise InvalidError(
            "Property .validity_timeframe: needs a .start_date",
            "its first window begins there: send one, or leave the timeframe out",
        )
    if starts_at is None or ends_at is None or starts_at < ends_at:
        return
    raise InvalidError(
        "Property .expiration_date should be after .start_date",
        f"expiration_date {ends_at.isoformat()} is not after start_date",
    )


def check_choices(terms: Terms) -> None:
    """Raise where nothing goes by which pieces are meant."""
    if terms.applicable_to.choices and terms.discount.type == "UNIT":
        raise InvalidError(
            "Property .applicable_to: says which pieces, and free units name their own",
            "leave effect and the limits of quantity out, or take a discount of another type",
        )
