"""Our own styles and scripts: a file each for the browser, named by its content, kept for ever."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.web.outcomes import NotFoundError

DESIGN: Final = Path(__file__).parent.parent / "design"
FOR_EVER: Final = "public, max-age=31536000, immutable"
HASH_CHARACTERS: Final = 16
# A folder's files become one, in the order of their names.
BUNDLES: Final = {
    "console.css": ("styles", "*.css", "text/css"),
    "console.js": ("scripts", "*.js", "text/javascript"),
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    url: str
    content: bytes = field(repr=False)
    media_type: str


class Assets:
    """What is served below /static; read once."""

    def __init__(self) -> None:
        self._assets = {name: _bundle(name) for name in BUNDLES}
        self._by_url = {asset.url: asset for asset in self._assets.values()}

    def url(self, name: str) -> str:
        """Return where a file is: another address whenever its content is another."""
        return self._assets[name].url

    def route(self) -> Route:
        async def serve(request: Request) -> Response:
            asset = self._by_url.get(request.scope["path"])
            if asset is None:
                raise NotFoundError
            headers = {"Cache-Control": FOR_EVER}
            return Response(asset.content, media_type=asset.media_type, headers=headers)

        return Route("/static/{hash}/{name}", serve, methods=["GET"])


def _bundle(name: str) -> Asset:
    folder, pattern, media_type = BUNDLES[name]
    parts = sorted((DESIGN / folder).glob(pattern))
    content = b"\n".join(part.read_bytes() for part in parts)
    digest = hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]
    return Asset(f"/static/{digest}/{name}", content, media_type)
