"""The contrasts that the console promises, computed anew from the file that browsers read."""

import re
from collections.abc import Sequence
from itertools import combinations
from math import dist
from pathlib import Path

import pytest

from console import design

STYLES = Path(design.__file__).parent / "styles"
TOKENS = STYLES / "00-tokens.css"
PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(")
THEMES = ("light", "dark")
Three = tuple[float, float, float]

# Contrast on page, surface and selected row: light, then dark. To one decimal.
ON_GROUNDS = {
    "text": ((15.4, 16.5, 14.2), (15.3, 14.0, 11.9)),
    "muted": ((6.2, 6.7, 5.7), (8.0, 7.4, 6.3)),
    "accent": ((6.4, 6.9, 5.9), (8.8, 8.0, 6.8)),
    "ok": ((6.3, 6.7, 5.8), (10.3, 9.4, 8.0)),
    "warn": ((6.9, 7.4, 6.3), (10.3, 9.4, 8.0)),
    "bad": ((6.7, 7.2, 6.2), (9.1, 8.3, 7.1)),
    "off": ((6.9, 7.4, 6.4), (9.6, 8.8, 7.5)),
    "control": ((3.6, 3.9, 3.3), (4.9, 4.5, 3.8)),
}
# What stands on what.
PAIRS = {
    ("on-accent", "accent"): (6.9, 8.2),
    ("on-accent", "accent-hover"): (9.3, 10.2),
    ("on-bad", "bad"): (7.2, 9.0),
    ("on-bad", "bad-hover"): (9.7, 10.8),
    ("ok", "ok-tint"): (5.9, 7.9),
    ("accent", "info-tint"): (5.9, 6.8),
    ("warn", "warn-tint"): (6.6, 7.9),
    ("bad", "bad-tint"): (6.2, 7.5),
    ("off", "off-tint"): (6.2, 7.2),
    ("chart-1", "surface"): (6.9, 8.0),
    ("chart-2", "surface"): (5.2, 8.1),
    ("chart-3", "surface"): (5.2, 9.0),
    ("accent", "line"): (4.9, 5.5),
    ("warn", "line"): (5.3, 6.5),
    ("bad", "line"): (5.1, 5.7),
}
# Machado, Oliveira, Fernandes 2009, complete: what is left of linear red, green, blue.
BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE = (0.95047, 1.0, 1.08883)
READ = 4.5
SEEN = 3.0


def tokens(theme: str) -> dict[str, str]:
    found = PAIR.findall(TOKENS.read_text())
    return {name: (light, dark)[THEMES.index(theme)] for name, light, dark in found}


def linear(colour: str) -> Three:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return red, green, blue


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def times(matrix: Sequence[Three], vector: Three) -> Three:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def lab(rgb: Three) -> Three:
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in rgb)
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in (
            value / white
            for value, white in zip(times(TO_XYZ, (red, green, blue)), WHITE, strict=True)
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("token", ON_GROUNDS)
def test_a_tone_contrasts_with_every_ground_as_the_table_says(token: str, theme: str) -> None:
    colours = tokens(theme)
    found = tuple(
        round(contrast(colours[token], colours[ground]), 1)
        for ground in ("page", "surface", "selected")
    )

    assert found == ON_GROUNDS[token][THEMES.index(theme)]
    assert min(found) >= (SEEN if token == "control" else READ)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("token", "ground"), PAIRS)
def test_what_stands_on_a_colour_can_be_read(token: str, ground: str, theme: str) -> None:
    colours = tokens(theme)

    found = round(contrast(colours[token], colours[ground]), 1)

    assert found == PAIRS[token, ground][THEMES.index(theme)]
    assert found >= READ


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "ground", ["hover", "sunken", "page", "surface", "selected", "warn-tint", "bad-tint"]
)
def test_words_can_be_read_wherever_they_stand(ground: str, theme: str) -> None:
    colours = tokens(theme)

    assert contrast(colours["text"], colours[ground]) >= READ
    assert contrast(colours["muted"], colours[ground]) >= READ


@pytest.mark.parametrize(("theme", "nearest"), [("light", 16), ("dark", 19)])
def test_the_three_lines_are_told_apart_by_who_sees_fewer_colours(theme: str, nearest: int) -> None:
    lines = [linear(tokens(theme)[f"chart-{at}"]) for at in (1, 2, 3)]

    found = min(
        dist(one, other)
        for matrix in BLINDNESS.values()
        for one, other in combinations([lab(times(matrix, line)) for line in lines], 2)
    )

    assert round(found) == nearest


def test_no_colour_is_written_but_among_the_tokens() -> None:
    elsewhere = {
        f"{file.name}: {found}"
        for file in STYLES.glob("*.css")
        if file != TOKENS
        for found in COLOUR.findall(file.read_text())
    }

    assert not elsewhere


def test_every_token_that_is_used_exists_and_every_one_that_exists_is_used() -> None:
    written = "".join(file.read_text() for file in STYLES.glob("*.css"))
    scripts = "".join(file.read_text() for file in (STYLES.parent / "scripts").glob("*.js"))
    defined = set(re.findall(r"(--[a-z0-9-]+):", TOKENS.read_text()))
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", written))
    by_script = {f"--{name}" for name in re.findall(r'colour\("([a-z-]+)"', scripts)}

    assert used <= defined
    assert by_script <= defined
    assert defined - used <= by_script | {"--chart-1", "--chart-2", "--chart-3"}
