"""What answers look like, for the API's page; a test reads each with the model that makes it."""

from typing import Any, Final

_PERIOD: Final = {
    "from": "2026-11-25T00:00:00+01:00",
    "to": "2026-11-27T00:00:00+01:00",
    "until": "2026-11-26T17:06:00+01:00",
    "unfinished": True,
}
_COMPARED: Final = {
    "from": "2026-11-23T00:00:00+01:00",
    "to": "2026-11-25T00:00:00+01:00",
    "until": "2026-11-24T17:06:00+01:00",
    "unfinished": True,
}

_SUMS: Final = [
    {
        "currency": "EUR",
        "figures": {
            "redemptions": {
                "value": 12,
                "before": 10,
                "difference": 2,
                "ratio": 0.2,
                "new": False,
            },
            "profit_minor": {
                "value": 6420,
                "before": 0,
                "difference": 6420,
                "ratio": None,
                "new": True,
            },
        },
    }
]

TIMESERIES: Final[dict[str, Any]] = {
    "object": "timeseries",
    "grain": "day",
    "grains": ["hour", "day", "week", "month"],
    "time_zone": "Europe/Berlin",
    "period": _PERIOD,
    "compared": _COMPARED,
    "buckets": [
        {
            "start": "2026-11-25T00:00:00+01:00",
            "end": "2026-11-26T00:00:00+01:00",
            "unfinished": False,
            "partial": False,
        },
        {
            "start": "2026-11-26T00:00:00+01:00",
            "end": "2026-11-27T00:00:00+01:00",
            "unfinished": True,
            "partial": False,
        },
    ],
    "series": [
        {
            "id": None,
            "name": None,
            "others": False,
            "currency": "EUR",
            "points": [
                {"redemptions": 12, "profit_minor": 6420},
                {"redemptions": 0, "profit_minor": 0},
            ],
        }
    ],
    "before": {
        "buckets": [
            {
                "start": "2026-11-23T00:00:00+01:00",
                "end": "2026-11-24T00:00:00+01:00",
                "unfinished": False,
                "partial": False,
            },
            {
                "start": "2026-11-24T00:00:00+01:00",
                "end": "2026-11-25T00:00:00+01:00",
                "unfinished": False,
                "partial": False,
            },
        ],
        "series": [
            {
                "id": None,
                "name": None,
                "others": False,
                "currency": "EUR",
                "points": [
                    {"redemptions": 10, "profit_minor": 0},
                    {"redemptions": 0, "profit_minor": 0},
                ],
            }
        ],
    },
    "totals": _SUMS,
}
TOTALS: Final[dict[str, Any]] = {
    "object": "totals",
    "time_zone": "Europe/Berlin",
    "period": _PERIOD,
    "compared": _COMPARED,
    "data": _SUMS,
}
FUNNEL: Final[dict[str, Any]] = {
    "object": "funnel",
    "time_zone": "Europe/Berlin",
    "period": _PERIOD,
    "compared": None,
    "data": [
        {"step": "visits", "count": 100, "of_previous": None, "of_first": None, "before": None},
        {"step": "attempts", "count": 20, "of_previous": 0.2, "of_first": 0.2, "before": None},
    ],
}


def shown(example: dict[str, Any]) -> dict[str, Any]:
    """Return what a model's schema says besides."""
    return {"example": example}
