"""What one Java program has learnt, the next begins with."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from counterfoil.engines import jars, java

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def cold_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "user_cache_path", lambda _name: tmp_path)
    (tmp_path / "a.jar").touch()
    monkeypatch.setattr(jars, "paths", lambda _of: [tmp_path / "a.jar"])


def ran(*words: str) -> int:
    return subprocess.run(words, capture_output=True, check=False).returncode


def test_what_one_has_learnt_fits_the_next_and_only_programs_of_the_same_jars(
    tmp_path: Path,
) -> None:
    assert not any("AOT" in word for word in java.words("some"))

    with java.learning("some") as words:
        assert ran(*words, "-version") == 0

    needing_it = "-XX:AOTMode=on"  # the JVM would end where it does not fit
    assert ran(*java.words("some"), needing_it, "-version") == 0
    with java.learning("some") as words:
        assert words == java.words("some")
    (tmp_path / "a.jar").write_bytes(b"another")
    assert not any("AOT" in word for word in java.words("some"))


def test_who_fails_teaches_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    with suppress(ValueError), java.learning("some") as words:
        [output] = [word.partition("=")[2] for word in words if "AOTCacheOutput" in word]
        Path(output).touch()
        raise ValueError("half way")

    assert not any("AOT" in word for word in java.words("some"))
    assert list((tmp_path / "java").iterdir()) == []
