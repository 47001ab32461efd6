"""Where a shopper who follows a deal's link lands. Pure."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def landing_url(
    page: str, *, coupon: str | None, partner: str, channel: str, campaign: str, visit_id: str
) -> str:
    """Add the code, UTM tags and the visit to a page's own query; ours win over its."""
    ours = {
        "utm_source": partner,
        "utm_medium": channel,
        "utm_campaign": campaign,
        "visit_id": visit_id,
    }
    if coupon is not None:
        ours["coupon"] = coupon
    parts = urlsplit(page)
    own = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in ours
    ]
    return urlunsplit(parts._replace(query=urlencode([*own, *ours.items()])))
