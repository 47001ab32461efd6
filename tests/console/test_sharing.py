"""What is typed to share codes: nothing of it is passed over."""

import pytest

from console.web import forms, sharing


def typed(**fields: str) -> forms.Form:
    return forms.sent(list(fields.items()), "")


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({"kind": "campaign", "quantity": "1000"}, {"quantity"}),
        ({"kind": "codes", "codes": "A B", "quantity": "2"}, {"quantity"}),
        ({"kind": "allotment", "quantity": "2", "codes": "A"}, {"codes"}),
        ({"kind": "campaign", "quantity": " ", "codes": ""}, set()),
        ({"kind": "allotment", "quantity": "2", "codes": ""}, set()),
    ],
)
def test_what_belongs_to_another_kind_of_share_is_refused_by_name(
    fields: dict[str, str], faulty: set[str]
) -> None:
    assert sharing.superfluous(typed(**fields)).keys() == faulty


def test_what_is_typed_is_what_the_api_is_told() -> None:
    some = typed(kind="allotment", quantity="20", name="Mailing")
    assert sharing.typed(some) == {"kind": "allotment", "quantity": 20, "name": "Mailing"}
    assert sharing.typed(typed(kind="allotment", quantity="many"))["quantity"] == "many"
    assert sharing.typed(typed(kind="codes", codes="A\nB"))["codes"] == ["A", "B"]
