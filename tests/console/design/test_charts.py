import json

import pytest

from console.design.charts import (
    Bar,
    Bars,
    Funnel,
    Lines,
    Series,
    Sparkline,
    Step,
)


def line(name: str = "Redemptions", *values: float | None) -> Series:
    return Series(name, values, [str(value) for value in values])


def test_a_fourth_line_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 3"):
        Lines(["1"], ["1"], [line("x", 1)] * 4)


def test_nothing_but_nothing_is_an_empty_chart() -> None:
    assert Lines(["1", "2"], ["1", "2"], [line("x", 0, None)]).is_empty
    assert not Lines(["1", "2"], ["1", "2"], [line("x", 0, 3)]).is_empty


def test_the_data_block_cannot_be_ended_by_a_name() -> None:
    lines = Lines(["1"], ["1"], [line("</script><script>alert(1)", 1)])

    assert "<" not in lines.json
    assert json.loads(lines.json)["series"][0]["name"] == "</script><script>alert(1)"


def test_the_longest_bar_is_as_wide_as_there_is_room() -> None:
    bars = Bars([Bar("a", 50, "50"), Bar("b", 25, "25"), Bar("c", -5, "−5")])

    assert [width for _, width in bars.widths] == [100, 50, 0]


def test_bars_of_nothing_have_no_width() -> None:
    assert [width for _, width in Bars([Bar("a", 0, "0")]).widths] == [0]


def test_each_step_of_a_funnel_says_how_many_came_on() -> None:
    funnel = Funnel([Step("Visits", 200, "200"), Step("Tried", 50, "50"), Step("Redeemed", 0, "0")])

    assert [(width, share) for _, width, share in funnel.parts] == [
        (100, ""),
        (25, "25.0 %"),
        (0, "0.0 %"),
    ]


def test_a_funnel_that_began_with_nobody_has_no_shares() -> None:
    funnel = Funnel([Step("Visits", 0, "0"), Step("Redeemed", 0, "0")])

    assert [(width, share) for _, width, share in funnel.parts] == [(0, ""), (0, "")]


def test_more_than_came_by_the_step_before_is_no_share_of_it() -> None:
    funnel = Funnel([Step("Visits", 10, "10"), Step("Tried", 100, "100"), Step("All", 100, "100")])

    assert [share for _, _, share in funnel.parts] == ["", "", "100.0 %"]


def test_a_sparkline_ends_at_the_right_with_its_highest_at_the_top() -> None:
    assert Sparkline([0, 5, 10]).points == [(0, 18), (40, 10), (80, 2)]


def test_one_value_is_no_line() -> None:
    assert not Sparkline([3]).points
