"""What a code takes off, as fields of a form."""

from zoneinfo import ZoneInfo

from console.web import discount_fields
from console.web.forms import Form
from console.web.terms import Typed

NAME = "voucher.discount"


def test_what_is_wrong_with_one_free_product_stands_at_its_row() -> None:
    typed = {f"{NAME}.units.0.unit_off": ("0",), f"{NAME}.units.0.unit_type": ("sock",)}
    refused = Form(typed=typed).wrong(None, **{f"{NAME}.unit_off": "Enter 1 or more"})

    first, *_ = discount_fields.shown(discount_fields.compacted(refused), "EUR").units

    assert (first.faulty, first.error) == (f"{NAME}.units.0.unit_off", "Enter 1 or more")


def test_where_nothing_is_free_yet_the_preview_has_no_complaint_of_its_own() -> None:
    typed = Typed(Form(typed={f"{NAME}.type": ("UNIT",)}), "EUR", ZoneInfo("UTC"))

    assert discount_fields.read(typed) == {"type": "UNIT"}
    assert list(typed.faults) == [f"{NAME}.units"]
