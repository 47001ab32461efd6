"""What of a campaign does not go together, whoever writes it. Pure."""

from typing import Final
from zoneinfo import ZoneInfo

from campaigns.campaigns import openings, words
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


def check_openings(validity: Validity, time_zone: str) -> None:
    """Raise where it can be seen that no moment lies in all the windows; dates are in order."""
    named = " and ".join(
        name
        for name, sent in [
            (".validity_day_of_week", validity.weekdays),
            (".validity_hours", validity.hours),
        ]
        if sent
    )
    if not named:
        return
    again, ranges = validity.recurrence, openings.open_ranges(validity)
    said = f"no moment is in all of it: {words.windows(validity, time_zone)}"
    if not ranges:
        raise InvalidError(
            "Property .validity_hours: none of them is on a day of .validity_day_of_week: give "
            "them one of those days, or leave one of the two out",
            said,
        )
    if validity.starts_at is not None and validity.starts_at.year > openings.LAST_YEAR:
        return
    if again is not None and validity.starts_at is not None:
        first = validity.starts_at.astimezone(ZoneInfo(time_zone))
        if not openings.windows_meet(again, first, ranges):
            raise InvalidError(
                f"Property .validity_timeframe: none of its windows meets {named}: move "
                ".start_date, with which the first begins, or leave one of them out",
                f"{said}; the first window begins on {first:%a %H:%M}",
            )
    spans = openings.spans(validity, time_zone)
    if spans is None or any(openings.is_open_within(validity, s, time_zone) for s in spans):
        return
    windows = f"{named} and .validity_timeframe" if again else named
    raise InvalidError(
        f"Property .expiration_date: nothing of {windows} lies between .start_date and it: move "
        "one of the dates, or leave the windows out",
        said,
    )


def check_choices(terms: Terms) -> None:
    """Raise where nothing goes by which pieces are meant."""
    if terms.applicable_to.choices and terms.discount.type == "UNIT":
        raise InvalidError(
            "Property .applicable_to: says which pieces, and free units name their own",
            "leave effect and the limits of quantity out, or take a discount of another type",
        )
