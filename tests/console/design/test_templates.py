"""What the content security policy would break, some of it without a word, is in no template."""

import re
from pathlib import Path

import pytest

import console
from console.design.words import say
from console.web.assets import Assets
from console.web.environment import environment
from console.web.frame import PORTAL, STAFF

ROOT = Path(console.__file__).parent
TEMPLATES = sorted(ROOT.rglob("*.html"))
DOCS = Path(__file__).parents[3] / "docs" / "console.md"
OWN_BYTES = 100_000
BANNED = {
    "a style attribute": r"""\bstyle\s*=|["']style["']\s*:""",
    "a style element": r"<style",
    "a script in the page": r"<script(?![^>]*\b(?:src=|type=\"application/json\"))",
    "a handler in an attribute": r"""\son[a-z]+\s*=|["']on[a-z]+["']\s*:""",
    "hx-on": r"hx-on",
    "js:": r"\bjs:",
    "javascript:": r"javascript:",
    "a trigger filter": r"hx-trigger=\"[^\"]*\[",
    "another host": r"(?:src|href|action)=\"(?:https?:)?//",
    "safe, which is our own markup alone": r"\|\s*safe\b",
}
# Shapes of our own icons, and a data block whose every < is escaped.
MAY_BE_SAFE = {"icon.html", "status.html", "chart.html"}


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) > 40


@pytest.mark.parametrize("construct", BANNED)
def test_no_template_holds(construct: str) -> None:
    found = {
        f"{file.relative_to(ROOT)}: {line.strip()[:120]}"
        for file in TEMPLATES
        if not (construct.startswith("safe") and file.name in MAY_BE_SAFE)
        for line in file.read_text("utf-8").splitlines()
        if re.search(BANNED[construct], line)
    }

    assert not found


@pytest.mark.parametrize(
    "broken",
    [
        '<p style="color: red">',
        '{{ button("x", attrs={"style": "x"}) }}',
        "<style>",
        "<script>alert(1)</script>",
        '<a onclick="x()">',
        '<a hx-on:click="x()">',
        '<a hx-vals="js:{a: 1}">',
        '<a href="javascript:x()">',
        '<a hx-trigger="click[ctrlKey]">',
        '<img src="//elsewhere.example/x.png">',
        "{{ view.name|safe }}",
    ],
)
def test_each_of_these_would_be_found(broken: str) -> None:
    assert any(re.search(pattern, broken) for pattern in BANNED.values())


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_template_compiles(file: Path) -> None:
    environment(Assets()).get_template(str(file.relative_to(ROOT)))


@pytest.mark.parametrize("section", [name for name, *_ in (*STAFF, *PORTAL)])
def test_every_section_has_a_word_and_an_icon(section: str) -> None:
    drawn = environment(Assets()).from_string(
        """{% from "design/components/icon.html" import nav_icon %}{{ nav_icon(section) }}"""
    )

    assert say(f"nav.{section}")
    assert "<svg" in drawn.render(section=section)


def test_the_documentation_has_every_macro_as_it_is() -> None:
    written = {
        signature
        for file in sorted((ROOT / "design" / "components").glob("*.html"))
        for signature in re.findall(r"macro ([a-z]\w*\(.*?\)) -?%}", file.read_text("utf-8"))
    }
    block = DOCS.read_text("utf-8").partition("```text\n")[2].partition("```")[0]
    documented = {line for line in block.splitlines() if line and not line.startswith("#")}

    assert documented == written


def test_every_component_has_an_example_that_the_page_shows() -> None:
    from console.pages.design.view import COMPONENTS  # noqa: PLC0415

    components = {file.stem for file in (ROOT / "design" / "components").glob("*.html")} - {"icon"}
    examples = {file.stem for file in (ROOT / "design" / "examples").glob("*.html")}

    assert set(COMPONENTS) == examples == components | {"tokens"}


def test_own_script_and_style_stay_small() -> None:
    own = [*(ROOT / "design" / "styles").glob("*.css"), *(ROOT / "design" / "scripts").glob("*.js")]

    assert sum(file.stat().st_size for file in own) < OWN_BYTES
