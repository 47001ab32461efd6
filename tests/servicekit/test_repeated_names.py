"""A document says each thing once, however it is written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.repeated_names import RepeatedNameError, refuse_repeated_names

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


@given(documents, st.booleans(), st.sampled_from([(",", ":"), (" , ", "\n: ")]))
def test_what_is_written_from_dictionaries_repeats_nothing(
    document: object, ascii_only: bool, separators: tuple[str, str]
) -> None:
    value = json.dumps(document, ensure_ascii=ascii_only, separators=separators)
    refuse_repeated_names(value.encode())


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (b'{"a":1,"a":1}', "a"),
        (b'[[{"b":{"a":null,"c":1,"a":2}}]]', "a"),
        (b'{"a" :"x","a":"x"}', "a"),
        (rb'{"\u0061":1,"a":2}', "a"),
        (rb'{"a":1,"a":"\":"}', "a"),
        (b'{"":1,"":2}', ""),
        (b'{"big":' + b"9" * 5000 + b',"a":1,"a":2}', "a"),
        (b'{"deep":' + b"[" * 500 + b"]" * 500 + b',"a":1,"a":2}', "a"),
        (b'{"' + b"x" * 200 + b'":1,"' + b"x" * 200 + b'":1}', "x" * 100),
    ],
)
def test_a_name_that_is_given_twice_is_named(document: bytes, named: str) -> None:
    with pytest.raises(RepeatedNameError) as refused:
        refuse_repeated_names(document)

    assert str(refused.value) == f"{named}: is given more than once"


@pytest.mark.parametrize("document", [b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_no_document(document: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        refuse_repeated_names(document)
