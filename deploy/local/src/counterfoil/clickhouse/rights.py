"""What our own services may do: the api reads, the worker inserts and reads, the owner everything.

The engine has no users and no GRANT. Its lock `readonly = 1` refuses every change of data, tables
and settings, and what reaches files and other servers, but for what is looked for here: commands
beside SELECT that it lets through (SYSTEM, KILL), INTO OUTFILE and the function `file`. An INSERT
is taken from its text: into a table of ours, with its data behind it.
"""

import re
from dataclasses import replace
from typing import Final

from counterfoil.clickhouse import errors
from counterfoil.clickhouse.engine import Engine, Statement
from counterfoil.clickhouse.errors import ClickHouseError
from counterfoil.clickhouse.inspection import DATABASE, STATEMENTS, nodes
from counterfoil.clickhouse.readers import parsed
from counterfoil.clickhouse.users import Rights

INTO_A_TABLE: Final = re.compile(
    rf"\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?:`?{DATABASE}`?\s*\.\s*)?(?:\w+|`\w+`)\s*(?:\([^()]*\)\s*)?"
    r"(?:SETTINGS\s[^()]*)?",
    re.IGNORECASE | re.ASCII,
)
# What clients ask first: which settings they may send. Under `readonly = 1` the answer is "none".
GREETING: Final = re.compile(
    r"\s*SELECT\s[\w\s,]+\sFROM\s+system\.settings(?:\s+LIMIT\s+\d+)?(?:\s+FORMAT\s+\w+)?\s*",
    re.IGNORECASE | re.ASCII,
)
DATABASES: Final = frozenset((DATABASE, "default", "system"))  # a client greets the last two


def permitted(engine: Engine, statement: Statement, rights: Rights) -> Statement:
    """Return the statement as a service with these rights may run it, or raise why not."""
    if rights == "everything":
        return statement
    if statement.insert is not None:
        ours = statement.database == DATABASE
        if rights != "inserts" or not ours or not _into_a_table(statement.insert.statement):
            raise denied("this INSERT")
        return statement
    if statement.database not in DATABASES:
        raise denied(f"the database {statement.database}")
    if GREETING.fullmatch(statement.query):
        return replace(statement, readonly=2)
    tree = parsed(engine, statement.query)
    if tree.get("type") not in STATEMENTS:
        raise denied("this kind of statement")
    for node in nodes(tree):
        if "out_file" in node:
            raise denied("INTO OUTFILE")
        if node.get("type") == "Function" and str(node.get("name")).lower() == "file":
            raise denied("the function file")
    return replace(statement, readonly=1)


def denied(what: str) -> ClickHouseError:
    said = f"This user has no right to {what}"
    return ClickHouseError.saying(errors.ACCESS_DENIED, "ACCESS_DENIED", said)


def _into_a_table(insert: bytes) -> bool:
    try:
        return INTO_A_TABLE.fullmatch(insert.decode()) is not None
    except UnicodeDecodeError:
        return False
