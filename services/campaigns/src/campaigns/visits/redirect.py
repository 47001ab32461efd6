"""Where a shopper who follows a deal's link lands. Pure."""

from urllib.parse import quote, urlencode

# What a URL may hold as it is; all else but text beyond ASCII is its author's affair.
_ASCII = "".join(map(chr, range(128)))


def landing_url(
    page: str,
    *,
    coupon: str | None,
    partner: str,
    channel: str,
    campaign: str,
    visit_id: str | None,
) -> str:
    """Append the code, UTM tags and the visit to the page's query, and touch nothing of its own.

    A query that is read and written again would be another: `?flag`, `;`, `%E9` and an advertiser's
    `{macro}` mean what the page's author means. Letters beyond ASCII travel as UTF-8.
    """
    ours = {"utm_source": partner, "utm_medium": channel, "utm_campaign": campaign}
    if visit_id is not None:
        ours["visit_id"] = visit_id
    if coupon is not None:
        ours["coupon"] = coupon
    address, hash_mark, fragment = page.partition("#")
    url = address + _joint(address) + urlencode(ours, quote_via=quote) + hash_mark + fragment
    return quote(url, safe=_ASCII)


def _joint(address: str) -> str:
    if "?" not in address:
        return "?"
    return "" if address.endswith(("?", "&")) else "&"
