"""Readers for BI tools: one project's rows, whatever SQL they send.

The engine has no users of its own, so three locks of ours stand in front of it, and each alone
would let something through:

- `readonly = 1`: nothing is written and no setting is changed, also not by a SETTINGS clause;
- `additional_table_filters`: every table read, by itself or below a view, with FINAL or without,
  yields this project's rows; one without a project yields none. It is no row policy: settings
  see to it that it comes before any condition of the reader's (FILTER_FIRST). The engine's own
  lists show views alone: of a table they say how many rows all projects have in it;
- the engine parses the statement and inspection.py looks at every node of it: what reads around
  the filters (table functions, files, dictionaries, other databases) is refused.

Whoever reconciles reads every project, but views alone: the third lock refuses tables by name.
"""

import json
import re
from dataclasses import replace
from typing import Any

from counterfoil.clickhouse import errors
from counterfoil.clickhouse.engine import Engine, Outcome, Statement, literal
from counterfoil.clickhouse.errors import ClickHouseError
from counterfoil.clickhouse.inspection import (
    DATABASE,
    KINDS,
    SAFE_FUNCTIONS,
    UNSAFE_FUNCTIONS,
    objection,
    objection_to_format,
    objection_to_tables,
)

LARGEST_BODY = 1_000_000  # bytes, also once decompressed
LONGEST_TOLD = 200
AT_ONCE = 2
MOST_WAITING = 16
BOUNDS = {
    "max_execution_time": "30",
    "max_memory_usage": "1000000000",
    "max_result_rows": "1000000",
    "max_result_bytes": "100000000",
    "result_overflow_mode": "throw",
    "max_threads": "2",
    # Whatever is read before the filter is everybody's: how much of it tells their business.
    "output_format_write_statistics": "0",
}
# The filter is a step like any other: whatever moves or merges steps, or tries a condition on
# keys before rows are read, would show it other projects' values, and it can fail on one of them.
FILTER_FIRST = {
    "optimize_move_to_prewhere": "0",
    "query_plan_optimize_prewhere": "0",
    "query_plan_merge_filters": "0",
    "query_plan_filter_push_down": "0",
    "enable_multiple_prewhere_read_steps": "0",
    "enable_join_runtime_filters": "0",
    "use_primary_key": "0",
    "use_partition_pruning": "0",
    "use_skip_indexes": "0",
    "use_statistics_for_part_pruning": "0",
    "optimize_use_implicit_projections": "0",
    "use_query_condition_cache": "0",
}
# Of these the words tell about the statement; those of the others may quote a row.
TOLD_WHOLE = frozenset((errors.UNKNOWN_FUNCTION, errors.UNKNOWN_IDENTIFIER, errors.UNKNOWN_TABLE))
PROJECT_ID = re.compile(r"[A-Za-z0-9_]+")
# The parser's tree knows no DESCRIBE; it names one table and reads no row.
DESCRIBE = re.compile(
    r"\s*(?:DESCRIBE|DESC)\s+(?:TABLE\s+)?(?:coupons\.)?\w+(?:\s+FORMAT\s+\w+)?\s*;?\s*",
    re.IGNORECASE | re.ASCII,
)


class Readers:
    """Confines statements of readers to what their project may see."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._functions = harmless_functions(engine)

    def confine(self, statement: Statement, project_id: str | None) -> Statement:
        """Return the statement as a reader of this project may run it, or raise why not.

        Without a project it is one who reads views alone.
        """
        if statement.insert is not None:
            raise read_only("writes nothing")
        if changes := ", ".join(sorted(statement.settings.keys() - {"readonly"})):
            raise read_only(f"changes no settings, such as {changes[:LONGEST_TOLD]}")
        if statement.database not in {DATABASE, "default"}:
            raise denied(f"the database {statement.database}")
        if not DESCRIBE.fullmatch(statement.query):
            tree = parsed(self._engine, statement.query)
            objected = objection(tree, self._functions)
            if objected is None and project_id is None:
                objected = objection_to_tables(tree, tables(self._engine).keys())
            objected = objected or objection_to_format(statement.default_format)
            if objected is not None:
                raise denied(objected)
        if project_id is None:
            return replace(statement, database=DATABASE, settings={}, readonly=1)
        settings = {
            "additional_table_filters": filters(self._engine, project_id),
            **FILTER_FIRST,
            **BOUNDS,
        }
        return replace(statement, database=DATABASE, settings=settings, readonly=1)


def discreet(error: ClickHouseError) -> ClickHouseError:
    """Keep an error's code and name: the engine's words may quote what no reader may see."""
    if error.code in TOLD_WHOLE:
        return error
    name = re.search(r"\(([A-Z0-9_]+)\)\s*\Z", str(error))
    said = "The query failed; a reader is told the kind of error only"
    return ClickHouseError.saying(error.code, name[1] if name else "UNKNOWN_EXCEPTION", said)


def uncounted(outcome: Outcome) -> Outcome:
    """Keep what was answered: what was read for it counts every project's rows."""
    return replace(outcome, read_rows=0, read_bytes=0)


def parsed(engine: Engine, query: str) -> dict[str, Any]:
    """Let the engine parse it: several statements in one are an error there."""
    escaped = query.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    ask = Statement(
        "SELECT parseQueryToJSON({q:String})", parameters={"q": escaped}, default_format="TSVRaw"
    )
    try:
        tree: dict[str, Any] = json.loads(engine.run(ask).body)
    except RecursionError:
        raise denied("so deep a nesting") from None
    except ClickHouseError as error:
        if error.code == errors.BAD_ARGUMENTS:
            raise denied("this kind of statement") from None
        raise
    return tree


def harmless_functions(engine: Engine) -> frozenset[str]:
    """Return every function that looks at its arguments alone, in lower case, with its aliases."""
    kinds = ", ".join(literal(kind) for kind in KINDS)
    harmless = f"SELECT name FROM system.functions WHERE is_aggregate OR categories IN ({kinds})"  # noqa: S608  # our own words
    ask = f"SELECT lower(name) FROM system.functions WHERE name IN ({harmless}) OR alias_to IN ({harmless})"  # noqa: S608, E501
    known = engine.run(Statement(ask)).body.decode().split()
    return (frozenset(known) | SAFE_FUNCTIONS) - UNSAFE_FUNCTIONS


def filters(engine: Engine, project_id: str) -> str:
    """Write the filter of every table of the database, as of now."""
    if PROJECT_ID.fullmatch(project_id) is None:
        raise denied(f"the project {project_id}")
    own, known = f"project_id = '{project_id}'", tables(engine)
    chosen = {
        f"{DATABASE}.{name}": own if has_project else "0" for name, has_project in known.items()
    }
    ours = f"database = {literal(DATABASE)}"
    names = ", ".join(map(literal, known)) or "''"
    chosen["system.tables"] = f"NOT ({ours} AND name IN ({names}))"
    chosen["system.columns"] = f"NOT ({ours} AND table IN ({names}))"
    pairs = ", ".join(f"{literal(table)}: {literal(rule)}" for table, rule in chosen.items())
    return "{" + pairs + "}"


def tables(engine: Engine) -> dict[str, bool]:
    """Name every table of the database, as of now, and say whether it tells projects apart."""
    ask = """
        SELECT t.name, countIf(c.name = 'project_id')
        FROM system.tables AS t LEFT JOIN system.columns AS c
            ON c.database = t.database AND c.table = t.name
        WHERE t.database = {database:String} AND t.engine != 'View'
        GROUP BY t.name FORMAT JSONCompactEachRow
    """
    answer = engine.run(Statement(ask, parameters={"database": DATABASE})).body
    rows = [json.loads(line) for line in answer.splitlines()]
    return {name: bool(int(has_project)) for name, has_project in rows}


def read_only(what: str) -> ClickHouseError:
    return ClickHouseError.saying(errors.READONLY, "READONLY", f"A reader {what}")


def denied(what: str) -> ClickHouseError:
    return ClickHouseError.saying(
        errors.ACCESS_DENIED, "ACCESS_DENIED", f"A reader of one project may not use {what}"
    )
