import re
from pathlib import Path

import pytest
from markupsafe import Markup

import console
from console.design.words import catalogue, say

ROOT = Path(console.__file__).parent
SOURCES = [
    file for kind in ("*.html", "*.py") for file in ROOT.rglob(kind) if file.name != "words.py"
]
KEY = re.compile(r"""["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""")
# t("status." ~ word), say(f"error.{key}_title"), words="codes": whatever begins so may be meant.
BEGINNING = re.compile(
    r"""(?:["']([a-z_]+\.[a-z0-9_.]*)["']\s*~|f["']([a-z_]+\.[a-z0-9_.]*)\{|words="([a-z_]+)")"""
)
# {{ t("campaigns.title") }}: a call with a key that is written out.
CALL = re.compile(r"""(?:\bt|\bsay)\(\s*["']([a-z_]+\.[a-z0-9_.]+)["']\s*[,)]""")


def test_whole_numbers_are_grouped() -> None:
    assert say("common.jobs_running", n=2418) == "2,418 jobs running"


def test_one_is_not_many() -> None:
    assert say("common.jobs_running", n=1) == "1 job running"


def test_values_are_text_unless_they_are_markup() -> None:
    assert say("common.copied", what="<b>") == "<b> copied"
    assert isinstance(say("common.copied", what=Markup("<b>x</b>")), Markup)


def test_beside_markup_everything_else_is_escaped() -> None:
    said = say("common.by", who=Markup("<b>Mara & Co</b>"))

    assert said == "by <b>Mara & Co</b>"


def test_a_key_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(KeyError):
        say("common.nobody_wrote_this")


def test_a_value_that_is_missing_is_a_bug() -> None:
    with pytest.raises(KeyError):
        say("common.copied")


def test_every_key_that_is_called_exists() -> None:
    called = {
        (key, str(file.relative_to(ROOT)))
        for file in SOURCES
        for key in CALL.findall(file.read_text("utf-8"))
    }

    assert not {(key, file) for key, file in called if key not in catalogue()}


def test_every_text_is_used() -> None:
    written = "".join(file.read_text("utf-8") for file in SOURCES)
    keys = set(KEY.findall(written))
    beginnings = tuple("".join(found) for found in BEGINNING.findall(written))

    unused = {key for key in catalogue() if key not in keys and not key.startswith(beginnings)}

    assert not unused


def test_no_sentence_stands_in_a_page() -> None:
    """Texts are in the catalogue; /design's examples alone are made up on the spot."""
    pages = [f for f in ROOT.rglob("*.html") if f.parent.name != "examples"]
    visible = re.compile(r">\s*([^<>{}%#]*[A-Za-z]{3,}[^<>{}%#]*)\s*<")
    found = {
        f"{file.relative_to(ROOT)}: {text.strip()}"
        for file in pages
        for text in visible.findall(
            re.sub(r"\{[{%#].*?[}%#]\}", "", file.read_text("utf-8"), flags=re.DOTALL)
        )
        if text.strip()
    }

    assert not found
