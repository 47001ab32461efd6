"""Tables that spreadsheets open and do not run."""

import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.http.csv_lines import FORMULA, Block, csv_response, lines


@given(
    st.lists(
        st.lists(
            st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")),
            min_size=2,
            max_size=2,
        )
    )
)
def test_what_is_written_is_read_back_and_nothing_is_a_formula(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(lines(rows), newline="")))

    assert [
        [
            cell.removeprefix("'") if cell[:2].startswith("'") and cell[1:2] in FORMULA else cell
            for cell in row
        ]
        for row in read
    ] == rows
    assert not any(cell.startswith(FORMULA) for row in read for cell in row)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("-1", "'-1"),
        (-1, "-1"),
        (Decimal("-0.50"), "-0.50"),
        (Decimal("1E+3"), "1000"),
        (None, ""),
        ("a,b", '"a,b"'),
        ("007", "007"),
    ],
)
def test_a_text_is_made_harmless_and_a_number_never(
    cell: str | int | Decimal | None, written: str
) -> None:
    assert lines([[cell, "x"]]) == f"{written},x\r\n"


async def test_a_table_comes_block_by_block_behind_its_head() -> None:
    async def blocks() -> AsyncIterator[Block]:
        yield [["1", "ä"]]
        yield [["2", "\ud800"]]  # half a pair has no bytes

    response = csv_response("list.csv", ["id", "name"], blocks())
    parts = [part async for part in response.body_iterator]

    assert parts == ["\ufeffid,name\r\n".encode(), "1,ä\r\n".encode(), b"2,?\r\n"]
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="list.csv"'
