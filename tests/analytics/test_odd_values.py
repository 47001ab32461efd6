"""Whatever is odd in an address is refused by name, or works: never a 500, nothing undocumented."""

from kit.analytics_figures import Figures
from kit.analytics_http import KEY, serving, tell
from kit.analytics_samples import a_campaign, a_failure, a_key, a_project, a_success, a_visit
from kit.odd_values import answered_otherwise, questions

from analytics.keys import ProjectKeys


async def test_odd_values_are_answered_as_the_page_says(
    clickhouse_db: str, figures: Figures
) -> None:
    keys = ProjectKeys()
    tell(keys, a_project(keys=(a_key(),)))
    keys.freshness.caught_up.set()
    await figures.store(a_project(), a_campaign(), a_success(), a_failure(), a_visit())

    async with serving(clickhouse_db, keys) as http:
        page = (await http.get("/openapi/analytics.json")).json()

        assert await answered_otherwise(http, KEY, questions(page)) == []
