"""Links in the documents lead somewhere, and every decision is in the list of them."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
DECISIONS: Final = ROOT / "docs" / "decisions"
DOCUMENTS: Final = sorted(
    (ROOT / "README.md", ROOT / "tests" / "README.md", *(ROOT / "docs").rglob("*.md"))
)
LINK: Final = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def of_root(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=of_root)
def test_every_link_leads_somewhere(document: Path) -> None:
    wrong = []
    for path, anchor in LINK.findall(document.read_text("utf-8")):
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(f"{path}#{anchor}")

    assert wrong == []


def test_every_decision_is_in_the_list_by_its_title() -> None:
    index = (DECISIONS / "README.md").read_text("utf-8")
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", index, re.MULTILINE)
    pages = {page.name: HEADING.findall(page.read_text("utf-8"))[0] for page in decisions()}

    assert sorted(listed) == sorted((title, name) for name, title in pages.items())


def test_every_decision_has_the_number_of_its_file() -> None:
    for page in decisions():
        assert page.read_text("utf-8").startswith(f"# {int(page.name[:4])}. ")


def decisions() -> list[Path]:
    return list(DECISIONS.glob("0*.md"))


def anchors(document: Path) -> set[str]:
    """Return what the headings of a document are called in links to them."""
    plain = [
        re.sub(r"[^\w -]", "", title.lower())
        for title in HEADING.findall(document.read_text("utf-8"))
    ]
    return {title.strip().replace(" ", "-") for title in plain}
