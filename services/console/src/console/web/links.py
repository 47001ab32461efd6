"""The ways of shoppers: links to deals, to copy and to print. Pure."""

from typing import Final

import segno

QR_SCALE: Final = 5


def picture(link: str) -> str:
    """Draw a link as a picture that a page may hold: phones read it off paper and screens."""
    drawn: str = segno.make(link, error="m", micro=False).svg_data_uri(scale=QR_SCALE, light="#fff")
    return drawn
