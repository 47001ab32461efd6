import pytest

from counterfoil.clickhouse.statements import Insert, named_format, split_insert


@pytest.mark.parametrize(
    ("text", "insert"),
    [
        pytest.param(
            b"INSERT INTO t (a) FORMAT Native\n\x01\x02",
            Insert(b"INSERT INTO t (a) ", "Native", b"\x01\x02"),
            id="binary-data-follow-the-line",
        ),
        pytest.param(
            b"-- a comment\ninsert into t format CSV\n\n1",
            Insert(b"-- a comment\ninsert into t ", "CSV", b"\n1"),
            id="only-one-line-break-belongs-to-the-statement",
        ),
        pytest.param(
            b"INSERT INTO `FORMAT x` (`SELECT`) FORMAT TSV 1",
            Insert(b"INSERT INTO `FORMAT x` (`SELECT`) ", "TSV", b"1"),
            id="quoted-names-hide-words",
        ),
        pytest.param(
            b"INSERT INTO t SETTINGS insert_deduplication_token='VALUES' FORMAT CSV\n1",
            Insert(b"INSERT INTO t SETTINGS insert_deduplication_token='VALUES' ", "CSV", b"1"),
            id="quoted-texts-hide-words",
        ),
        pytest.param(b"INSERT INTO t SELECT 1 FORMAT CSV", None, id="insert-select-has-no-data"),
        pytest.param(b"SELECT 'INSERT INTO t FORMAT CSV'", None, id="no-insert"),
    ],
)
def test_an_insert_is_parted_from_its_data(text: bytes, insert: Insert | None) -> None:
    assert split_insert(text) == insert


@pytest.mark.parametrize(
    ("query", "format_"),
    [
        ("SELECT 1 FORMAT JSON", "JSON"),
        ("SELECT 1\n format Native ;\n", "Native"),
        ("SELECT 'x FORMAT JSON'", None),
        ("SELECT 1", None),
    ],
)
def test_the_format_that_a_query_names(query: str, format_: str | None) -> None:
    assert named_format(query) == format_
