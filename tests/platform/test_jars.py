"""Jars on a cold cache, where several platforms start at once."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from counterfoil.engines import jars
from counterfoil.engines.jars import Jar


def test_of_two_that_miss_the_same_jar_one_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = Jar("org.example", "a", "1", hashlib.sha256(b"a jar").hexdigest())
    fetched: list[Jar] = []

    def fetch_slowly(lacking: list[Jar]) -> None:
        fetched.extend(lacking)
        time.sleep(0.2)
        jar.path(tmp_path).parent.mkdir(parents=True)
        jar.path(tmp_path).write_bytes(b"a jar")

    monkeypatch.setattr(jars, "repository", lambda: tmp_path)
    monkeypatch.setattr(jars, "wanted", lambda _of: iter([jar]))
    monkeypatch.setattr(jars, "fetch", fetch_slowly)
    with ThreadPoolExecutor(2) as two:
        assert [*two.map(jars.fetch_alone, ["some", "some"])] == [None, None]

    assert fetched == [jar]
    assert jars.missing("some") == []
