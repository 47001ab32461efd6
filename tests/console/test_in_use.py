"""Who may not delete something is told what uses it: in the words of the API's refusals."""

from campaigns.api.errors import REFERRERS
from campaigns.refusals import Referrer
from console.web.in_use import KINDS, said


def used_by(*referrers: Referrer, total: int) -> dict[str, object]:
    return {"used_by": [each._asdict() for each in referrers], "used_by_total": total}


def test_the_first_users_are_named_and_the_others_counted() -> None:
    told = used_by(
        Referrer("campaign", "camp_1", "Autumn"), Referrer("voucher", "v_1", "HELLO"), total=4
    )

    assert said(told) == (
        "It is still in use, so it was not deleted. "
        "Choose something else first in: campaign Autumn, code HELLO, 2 more."
    )


def test_nothing_is_made_up_where_nobody_is_named() -> None:
    assert said({}) == (
        "It is still in use, so it was not deleted. Choose something else where it is used first."
    )


def test_every_kind_that_the_api_tells_has_a_word() -> None:
    item = REFERRERS["allOf"][1]["properties"]["used_by"]["items"]

    assert list(KINDS) == item["properties"]["object"]["enum"]
    for kind in KINDS:
        assert "Name" in said(used_by(Referrer(kind, "id_1", "Name"), total=1))
