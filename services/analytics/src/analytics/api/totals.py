"""`GET /v1/reports/totals` and `/funnel`: what a period came to, beside another one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from analytics.api import examples
from analytics.api.answers import FORMATS, MONEY, heading, in_major_units, told
from analytics.api.asked import Asked, OfDeals
from analytics.api.dependencies import Dependencies
from analytics.api.parameters import AskedComparison, Comparison
from analytics.api.spans import Span, spans
from analytics.reports import funnel, totals
from analytics.reports.figures import MEASURES
from analytics.reports.totals import Total

TOTALS_HEAD: Final = ("currency", "measure", "value", "before", "difference", "ratio", "new")


class Totals(BaseModel, json_schema_extra=examples.shown(examples.TOTALS)):
    """A row per currency, the project's first; `compared` is null where nothing is compared."""

    object: Literal["totals"] = "totals"
    time_zone: str
    period: Span
    compared: Span | None
    data: list[Total]


class Funnel(BaseModel, json_schema_extra=examples.shown(examples.FUNNEL)):
    """The steps from a visit to a new customer, over all currencies."""

    object: Literal["funnel"] = "funnel"
    time_zone: str
    period: Span
    compared: Span | None
    data: list[funnel.Step]


def router(dependencies: Dependencies) -> APIRouter:
    made = APIRouter(prefix="/v1/reports", tags=["reports"])

    @made.get(
        "/totals",
        response_model=Totals,
        responses=FORMATS,
        summary="What a period came to, and how that compares with another",
        operation_id="totals",
    )
    async def get_totals(asked: OfDeals, compared: AskedComparison) -> Response:
        return await answer(dependencies, asked, compared, MEASURES)

    @made.get(
        "/funnel",
        response_model=Funnel,
        responses=FORMATS,
        summary="From visits to new customers",
        operation_id="funnel",
    )
    async def get_funnel(asked: OfDeals, compared: AskedComparison) -> Response:
        async with dependencies.asking(asked.caller.project_id) as client:
            span = await spans(client, asked, compared, dependencies.now())
            steps = await funnel.fetch(client, span.query(asked))
        shown = Funnel(
            time_zone=span.where.key, period=span.shown(), compared=span.compared(), data=steps
        )
        return told(
            asked.form,
            lambda: shown.model_dump_json(by_alias=True),
            tuple(funnel.Step.model_fields),
            lambda: (step.model_dump() for step in steps),
        )

    return made


async def answer(
    dependencies: Dependencies, asked: Asked, compared: Comparison, shown: Sequence[str]
) -> Response:
    """Answer with these measures of what the filters leave."""
    async with dependencies.asking(asked.caller.project_id) as client:
        span = await spans(client, asked, compared, dependencies.now())
        found = only(await totals.fetch(client, span.query(asked)), shown)
    content = Totals(
        time_zone=span.where.key, period=span.shown(), compared=span.compared(), data=found
    )
    return told(
        asked.form,
        lambda: content.model_dump_json(by_alias=True),
        TOTALS_HEAD,
        lambda: _rows(found),
    )


def only(found: Iterable[Total], shown: Sequence[str]) -> list[Total]:
    """Leave these measures, in this order."""
    return [
        Total(currency=total.currency, figures={each: total.figures[each] for each in shown})
        for total in found
    ]


def _rows(found: Iterable[Total]) -> Iterator[dict[str, Any]]:
    for total in found:
        for measure, change in total.figures.items():
            values = change.model_dump()
            if measure.endswith(MONEY):
                money = ("value", "before", "difference")
                values |= {each: in_major_units(values[each], total.currency) for each in money}
            name = heading(measure, total.figures)
            yield {"currency": total.currency, "measure": name, **values}
