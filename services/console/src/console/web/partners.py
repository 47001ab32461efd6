"""The ways between the pages about one partner. Pure but for where it stands."""

from urllib.parse import urlencode

from console.design.parts import Tab
from console.design.words import say
from console.web.visit import Visit


def tabs(visit: Visit, partner_id: str, current: str) -> tuple[Tab, ...]:
    """Lead to what is about this partner; lists are those of their kind, filtered."""
    about, project, base = (
        urlencode({"partner": partner_id}),
        visit.path(),
        visit.path("partners", partner_id),
    )
    ways = {
        "overview": base,
        "campaigns": f"{project}/campaigns?status=all&{about}",
        "shares": f"{base}/shares",
        "links": f"{base}/links",
        "redemptions": f"{project}/redemptions?{about}",
        "failures": f"{project}/failures?{about}",
        "history": f"{base}/history",
    }
    return tuple(Tab(say(f"partner.{key}"), way, key == current) for key, way in ways.items())
