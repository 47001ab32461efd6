"""What a reader's statement may be made of. Pure: it looks at the tree that the engine parsed.

Everything here is a list of what is allowed. What nobody has thought of is refused.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

DATABASE = "coupons"
SCHEMAS = frozenset((DATABASE, "information_schema", "INFORMATION_SCHEMA"))
STATEMENTS = frozenset(("SelectWithUnionQuery", "ShowTablesQuery"))


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYSTEM_TABLES = words(
    """
    one numbers databases tables columns functions settings formats data_type_families
    table_engines time_zones contributors
    """
)
NODES = STATEMENTS | words(
    """
    SelectQuery SelectIntersectExceptQuery ExpressionList WithElement Subquery Function Identifier
    TableIdentifier Literal QueryParameter TablesInSelectQuery TablesInSelectQueryElement
    TableExpression TableJoin ArrayJoin Asterisk QualifiedAsterisk OrderByElement WindowDefinition
    WindowListElement InterpolateElement SetQuery DataType
    ColumnsTransformerList ColumnsApplyTransformer ColumnsExceptTransformer
    ColumnsReplaceTransformer ColumnsReplaceTransformerReplacement ColumnsRegexpMatcher
    ColumnsListMatcher QualifiedColumnsRegexpMatcher QualifiedColumnsListMatcher
    """
)
TABLE_FUNCTIONS = words("numbers zeros values generateseries generate_series")

# Kinds of functions, as the engine groups them, that look at their arguments and nothing else.
KINDS = (
    *("Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional"),
    *("Dates and Times", "Distance", "Encoding", "Financial", "Hash", "IP Address", "JSON"),
    *("Logical", "Map", "Mathematical", "Null", "Rounding", "String", "String Replacement"),
    *("String Search", "String Splitting", "Time Window", "Tuple", "Type Conversion", "URL"),
    "UUID",
)
# In lower case: harmless ones of other kinds, and one of these kinds that is none.
SAFE_FUNCTIONS = words(
    """
    lambda exists transform identity ignore materialize totypename version timezone bar bytesize
    currentdatabase currentuser grouping
    formatreadablesize formatreadablequantity formatreadabletimedelta
    in notin globalin globalnotin nullin notnullin
    """
)
UNSAFE_FUNCTIONS = frozenset(("chdb",))
COMBINATORS = re.compile(r"(?:If|Array|Distinct|OrNull|OrDefault|Merge|State|ForEach|Map)+$")
# Names like `_partition_id`: the engine chooses parts by them before it reads, and filters, rows.
VIRTUAL = re.compile(r"_[a-z]\w*", re.ASCII)
MEMBERSHIP = re.compile(r"(global)?(not)?(null)?in", re.IGNORECASE)


def objection(tree: dict[str, Any], functions: frozenset[str]) -> str | None:
    """Return what the statement may not use, or None when it keeps to the allowed."""
    if tree.get("type") not in STATEMENTS:
        return "anything but SELECT, DESCRIBE and SHOW TABLES"
    return next((said for node in nodes(tree) if (said := objection_to(node, functions))), None)


def objection_to_tables(tree: dict[str, Any], tables: Collection[str]) -> str | None:
    """Return which of these tables the statement reads by its name, or None."""
    for node in nodes(tree):
        read = [node] if node.get("type") == "TableIdentifier" else []
        if node.get("type") == "Function" and MEMBERSHIP.fullmatch(str(node.get("name"))):
            read = node.get("arguments", {}).get("children", [])  # `x IN t` reads one
        for each in read:
            *schema, name = each.get("name_parts") or str(each.get("name") or "").split(".")
            if name in tables and schema[-1:] in ([], [DATABASE]):
                return f"the table {name}"
    return None


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def objection_to(node: dict[str, Any], functions: frozenset[str]) -> str | None:
    kind = node.get("type")
    if kind is not None and kind not in NODES:
        return f"this ({kind})"
    if "out_file" in node:
        return "INTO OUTFILE"
    if "format_ast" in node and (said := objection_to_format(str(node["format_ast"].get("name")))):
        return said
    if "prewhere" in node:  # runs before the filter, on every project's rows
        return "PREWHERE"
    if kind == "Identifier" and (said := objection_to_column(node)):
        return said
    if "func_name" in node and not is_known(node["func_name"], functions):
        return f"the function {node['func_name']}"
    if "table_function" in node:
        name = str(node["table_function"].get("name"))
        return None if name.lower() in TABLE_FUNCTIONS else f"the table function {name}"
    if kind == "TableIdentifier":
        return objection_to_table(node.get("name_parts") or [node.get("name") or ""])
    if kind == "Function":
        return objection_to_function(node, functions)
    return None


def objection_to_format(name: str) -> str | None:
    """Refuse those that tell how many rows were read: every project's, before the filter."""
    return f"the format {name}" if name.lower().endswith("withprogress") else None


def objection_to_column(node: dict[str, Any]) -> str | None:
    name = str(node.get("name") or "")
    if not name:
        return "a column that a parameter names"
    of_the_engine = any(VIRTUAL.fullmatch(part) for part in name.split("."))
    return f"the column {name}" if of_the_engine else None


def objection_to_table(parts: list[str]) -> str | None:
    match parts:
        case [name] if name:  # of our database, or named by WITH
            return None
        case [schema, _] if schema in SCHEMAS:
            return None
        case ["system", name] if name in SYSTEM_TABLES:
            return None
        case _:
            return f"the table {'.'.join(parts) or 'that a parameter names'}"


def objection_to_function(node: dict[str, Any], functions: frozenset[str]) -> str | None:
    name = str(node.get("name"))
    if not is_known(name, functions) and name.lower() not in TABLE_FUNCTIONS:
        return f"the function {name}"
    if MEMBERSHIP.fullmatch(name):  # `x IN t` reads a table
        for argument in node.get("arguments", {}).get("children", []):
            parts = argument.get("name_parts", [])
            if len(parts) > 1 and (said := objection_to_table(parts[-2:])):
                return said
    return None


def is_known(name: str, functions: frozenset[str]) -> bool:
    """Say whether a function is allowed, by itself or with combinators (`sumIf`)."""
    return bool({name.lower(), COMBINATORS.sub("", name).lower()} & functions)
