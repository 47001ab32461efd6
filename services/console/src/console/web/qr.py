"""QR codes of codes and of links: phones read them off paper and screens. Pure."""

from typing import Final

import segno

SCALE: Final = 5


def picture(text: str) -> str:
    """Draw a text as the address of a picture that a page may hold."""
    drawn: str = segno.make(text, error="m", micro=False).svg_data_uri(scale=SCALE, light="#fff")
    return drawn
