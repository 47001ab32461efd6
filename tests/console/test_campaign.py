"""What a campaign's page says of its codes."""

import pytest

from console.pages.campaign import view

LEFT = "Unique codes left to share"


def facts_of(issued: int, unshared: int, only_code: str | None) -> dict[str, str]:
    shares = {"whole_campaign": None, "given": 0, "unshared": unshared}
    return dict(view.codes({"vouchers_count": issued}, shares, only_code))


def test_a_public_code_alone_leaves_no_unique_ones_to_share() -> None:
    facts = facts_of(1, 0, "AUTUMN15")
    assert facts["Issued"] == "1"
    assert LEFT not in facts


@pytest.mark.parametrize(
    ("issued", "unshared", "only_code"), [(1, 1, "X7"), (300, 0, None), (300, 300, None)]
)
def test_how_many_unique_codes_are_left_to_share_is_said(
    issued: int, unshared: int, only_code: str | None
) -> None:
    assert facts_of(issued, unshared, only_code)[LEFT] == str(unshared)
