"""The list of codes, drawn without a server."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from console import query
from console.pages.codes.view import NAMES, USUAL, asked, view
from console.session.people import Project
from console.web.assets import Assets
from console.web.browsing import Answers, Reader
from console.web.environment import environment
from console.web.frame import Frame

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NO_COUNTS = {"total": 0, "total_estimated": False, "data": []}
WAY = "/p/proj_1/redemptions?code=AUTUM%2610&amp;period=all&amp;result=FAILURE"


@pytest.mark.parametrize(
    ("scope", "searched", "is_offered"),
    [
        ("redemptions_read", "AUTUM&10", True),
        ("redemptions", "AUTUM&10", True),
        ("campaigns_read", "AUTUM&10", False),
        ("redemptions_read", "", False),
    ],
)
def test_a_code_that_nobody_has_leads_to_what_was_refused(
    scope: str, searched: str, is_offered: bool
) -> None:
    asks = query.read(NAMES, [("q", searched)] if searched else [])
    found = {"vouchers": [], "total": 0, "more_cursor": None, "total_estimated": False}
    answers = Answers(asked(asks, BERLIN, NOW), found, NO_COUNTS, (), ())
    project = Project(
        "proj_1", "Shop", "viewer", frozenset({scope}), "EUR", 2, "Europe/Berlin", None
    )
    frame = Frame(
        title="Codes",
        tab="Codes",
        section="codes",
        person=None,
        project=project,
        zone="Europe/Berlin",
        zone_label="Berlin",
        csrf="",
        theme="system",
        letters=False,
        jobs=0,
        request_id="req_1",
        path="/p/proj_1/codes",
        nav=(),
        notice=None,
    )

    template = environment(Assets()).get_template("pages/codes/page.html")
    shown = view(asks, answers, Reader(NOW, BERLIN, "EUR", USUAL))
    context = template.new_context({"frame": frame, "view": shown})
    page = "".join(template.root_render_func(context))

    assert (WAY in page) == is_offered
