"""How tests ask our own parts, which speak plain HTTP: `httpx.get(url, **PLAIN)`."""

import ssl
from typing import Any, Final

# No proxies, and no certificates: to load them costs 20 ms of a core, for every request.
PLAIN: Final[dict[str, Any]] = {
    "trust_env": False,
    "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
}
