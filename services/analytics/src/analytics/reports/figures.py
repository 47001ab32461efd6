"""The measures, as every report names them; what each means stands in the view `figures`."""

from typing import Final

from pydantic import BaseModel


class Figures(BaseModel):
    """What was seen, redeemed and earned; money in minor units of one currency."""

    visits: int
    redemptions: int
    rolled_back: int
    refused: int
    attempts: int
    refusal_rate: float | None
    new_customers: int
    gross_minor: int
    discount_minor: int
    net_minor: int
    commission_minor: int
    gross_profit_minor: int
    cost_minor: int
    profit_minor: int
    roi: float | None
    refused_minor: int


MEASURES: Final = tuple(Figures.model_fields)
COLUMNS: Final = ", ".join(f"f.{measure} AS {measure}" for measure in MEASURES)
# Of a time in which nothing happened.
NOTHING: Final = {
    name: None if field.annotation == float | None else 0
    for name, field in Figures.model_fields.items()
}
