"""How the conditions of a rule hang together."""

import pytest

from contracts import logic
from contracts.logic import All, Leaf, Not, Some

ONE, TWO, THREE = Leaf("1"), Leaf("2"), Leaf("3")


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("1", ONE),
        (" ( 1 ) ", ONE),
        ("1 and 2", All((ONE, TWO))),
        ("1 AND 2 Or 3", Some((All((ONE, TWO)), THREE))),
        ("1 or 2 and 3", Some((ONE, All((TWO, THREE))))),
        ("1 and (2 or not 3)", All((ONE, Some((TWO, Not(THREE)))))),
        ("not 1 and 2", All((Not(ONE), TWO))),
        ("not (1 or 2)", Not(Some((ONE, TWO)))),
        ("not not 1", Not(Not(ONE))),
        ("a_1 and $2", All((Leaf("a_1"), Leaf("$2")))),
        ("(1)and(2)", All((ONE, TWO))),
    ],
)
def test_it_is_read(written: str, tree: logic.Tree) -> None:
    assert logic.parse(written) == tree


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", "a condition was expected, and its end came"),
        ("()", r"a condition was expected, and '\)' came"),
        ("1 and", "a condition was expected, and its end came"),
        ("and 1", "a condition was expected, and 'and' came"),
        ("1 2", "nothing was expected at '2'"),
        ("1)", r"nothing was expected at '\)'"),
        ("(1", "a bracket is not closed"),
        ("1 & 2", "'&' is no part of it"),
        ("1 and not", "its end came"),
        ("(" * 21 + "1" + ")" * 21, "nested more than 20 levels"),
        ("not " * 100 + "1", "nested more than 20 levels"),
        ("1 or " * 200 + "1", "1,001 characters, of which 1,000"),
    ],
)
def test_what_is_none_is_refused(written: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        logic.parse(written)


def test_as_much_as_is_allowed_is_read() -> None:
    assert logic.parse("(" * 19 + "1" + ")" * 19) == ONE
    assert list(logic.keys_of(logic.parse("1 and (2 or not 1)"))) == ["1", "2", "1"]
