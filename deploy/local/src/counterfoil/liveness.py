"""Whether a service goes round: one that is stuck knows it, and cannot end itself."""

import asyncio

import httpx

from counterfoil import plain_http

ASK_EVERY_SECONDS = 5.0
ANSWERS = 7  # the first and the last are thirty seconds apart


async def until_stuck(url: str, every: float) -> str:
    """Return what `/livez` says once it has answered 503 several times in a row.

    Only answers count. Who is suspended, slow or still starting gives none, and must not be ended.
    """
    said: list[str] = []
    async with plain_http.client(timeout=every) as client:
        while len(said) < ANSWERS:
            await asyncio.sleep(every)
            try:
                answer = await client.get(f"{url}/livez")
            except httpx.HTTPError:
                said.clear()
                continue
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                said.append(" ".join(answer.text.split())[:200])
            else:
                said.clear()
    return said[-1]
