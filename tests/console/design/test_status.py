"""A status is told by shape and word as well as by colour."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from console.design.words import catalogue
from console.web.assets import Assets
from console.web.environment import environment

GROUPS = {
    "deals": (*("live", "scheduled", "used_up", "expired", "disabled", "not_enforced", "in_bin"),),
    "attempts": ("accepted", "refused", "rolled_back"),
    "commissions": ("pending", "approved", "paid", "clawed_back"),
    "jobs": ("queued", "running", "done", "failed", "stopped"),
}


@pytest.fixture(scope="module")
def component() -> Any:
    return environment(Assets()).get_template("design/components/status.html").module


@pytest.fixture(scope="module")
def looks(component: Any) -> Mapping[str, tuple[str, str]]:
    found: Mapping[str, tuple[str, str]] = component.looks
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_no_two_of_a_kind_have_the_same_shape(
    group: str, looks: Mapping[str, tuple[str, str]]
) -> None:
    shapes = [looks[status][1] for status in GROUPS[group]]

    assert len(set(shapes)) == len(shapes)


def test_every_status_that_is_drawn_has_a_word_and_every_word_is_drawn(
    looks: Mapping[str, tuple[str, str]],
) -> None:
    words = {key.partition(".")[2] for key in catalogue() if key.startswith("status.")}

    assert set(looks) == words


def test_the_shape_says_nothing_aloud_and_the_word_does(component: Any) -> None:
    drawn = str(component.status("used_up", "200 of 200"))

    assert re.search(r'<svg[^>]* aria-hidden="true"', drawn)
    assert re.sub(r"<[^>]+>", "", drawn) == "Used up 200 of 200"


def test_a_note_is_text_and_no_markup(component: Any) -> None:
    assert "<script>" not in str(component.status("live", "<script>alert(1)</script>"))
