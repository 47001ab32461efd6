"""Fast twins of pydantic models: msgspec structs made from a model's own fields.

A hot path reads and writes a hundred thousand records a minute; msgspec does it five times as fast
as pydantic. So that nothing is defined twice, the struct is generated: the same names, types,
defaults and bounds. Whoever uses a twin sees the model's type, because the attributes are the same;
only `isinstance` and the model's methods and validators do not apply. An instant is read with its
microseconds and its offset: one that leaves the calendar in UTC raises where it is converted.

What cannot be translated raises TypeError when the module is imported: a bound that is silently
left out would let through what the model refuses.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

import annotated_types as at
import msgspec
from pydantic import AfterValidator, AwareDatetime, BaseModel, JsonValue
from pydantic.fields import FieldInfo
from pydantic.types import Strict

M = TypeVar("M", bound=BaseModel)

PLAIN: Final = (str, int, bool, float, bytes, NoneType)
BOUNDS: Final[Mapping[type, str]] = {
    at.Ge: "ge",
    at.Le: "le",
    at.Gt: "gt",
    at.Lt: "lt",
    at.MinLen: "min_length",
    at.MaxLen: "max_length",
}
WITHOUT_NUL: Final = r"^[^\x00]+$"
ESCAPED_NUL: Final = rb"\u0000"  # JSON has no other way to say it
INSTANT: Final = Annotated[datetime, msgspec.Meta(tz=True)]


class Manner(NamedTuple):
    """How a model is translated.

    `checks_nul` is not needed for bytes that are known to have none: a pattern costs more than its
    field. `omits_defaults` when a value is written, so that its bytes stay when the model grows.
    `left_to_caller` are validators of fields that whoever uses the twin applies.
    """

    checks_nul: bool = True
    omits_defaults: bool = False
    left_to_caller: tuple[Callable[..., Any], ...] = ()


class Where(NamedTuple):
    """What is being translated."""

    field: str
    manner: Manner


def twin(
    model: type[M],
    *,
    required: Collection[str] = (),
    manner: Manner = Manner(),  # noqa: B008 - a value
) -> type[M]:
    """Return a frozen struct with the model's fields, those `required` without their defaults.

    Called with keywords it makes a value without checking it, as fast as a tuple.
    """
    fields: list[Any] = []
    for name, info in model.model_fields.items():
        where = Where(f"{model.__name__}.{name}", manner)
        kind = _bounded(info.annotation, info.metadata, where)
        without_default = info.is_required() or name in required
        fields.append((name, kind) if without_default else (name, kind, _default(info)))
    struct = msgspec.defstruct(
        model.__name__,
        fields,
        frozen=True,
        kw_only=True,
        gc=False,
        forbid_unknown_fields=model.model_config.get("extra") == "forbid",
        omit_defaults=manner.omits_defaults,
        namespace={"__doc__": model.__doc__},  # documents of APIs describe it
        module=model.__module__,
    )
    return cast("type[M]", struct)


def decoder(
    model: type[M],
    *,
    required: Collection[str] = (),
    left_to_caller: tuple[Callable[..., Any], ...] = (),
) -> Callable[[bytes], M]:
    """Return a function from JSON to the model's twin.

    It is at least as strict as the model, but for what a validator of the model checks. It raises
    msgspec.MsgspecError, UnicodeDecodeError or RecursionError.

    What was read is written without what has its default: a digest of it outlives new fields.
    """
    strict, fast = (
        msgspec.json.Decoder(
            twin(
                model,
                required=required,
                manner=Manner(checks_nul, omits_defaults=True, left_to_caller=left_to_caller),
            )
        )
        for checks_nul in (True, False)
    )

    def decode(value: bytes) -> Any:
        if not value.isascii():
            value.decode()  # msgspec checks the encoding only of what it keeps
        return strict.decode(value) if ESCAPED_NUL in value else fast.decode(value)

    return decode


def _default(info: FieldInfo) -> Any:
    default = info.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return msgspec.convert(default.model_dump(), twin(type(default)))
    return msgspec.field(default_factory=dict) if default == {} else default


def _bounded(annotation: Any, metadata: list[Any], where: Where) -> Any:
    if annotation is AwareDatetime:
        return INSTANT  # what pydantic does besides concerns how it is written
    kind = _kind(annotation, where)
    bounds: dict[str, Any] = {}
    for item in metadata:
        bounds |= _bound(item, where)
    if not bounds:
        return kind
    return Annotated[kind, msgspec.Meta(**bounds)]


def _bound(item: Any, where: Where) -> dict[str, Any]:
    if isinstance(item, FieldInfo):
        return {name: v for part in item.metadata for name, v in _bound(part, where).items()}
    if isinstance(item, Strict):
        return {}  # msgspec never converts
    if isinstance(item, AfterValidator) and item.func in where.manner.left_to_caller:
        return {}
    if type(item) in BOUNDS:
        name = BOUNDS[type(item)]
        return {name: getattr(item, name)}
    pattern = getattr(item, "pattern", None)
    if pattern == WITHOUT_NUL and not where.manner.checks_nul:
        return {}
    if isinstance(pattern, str):
        # `$` also matches before a line end, which pydantic's engine does not do.
        return {"pattern": re.sub(r"\$$", r"\\Z", pattern)}
    raise TypeError(f"{where.field}: {item!r} has no translation")


def _kind(annotation: Any, where: Where) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _bounded(arguments[0], list(arguments[1:]), where)
    if origin in {Union, UnionType}:
        return Union[tuple(_kind(a, where) for a in arguments)]  # noqa: UP007 - made at run time
    if origin is tuple and arguments[1:] == (...,):
        return tuple[_kind(arguments[0], where), ...]  # type: ignore[misc]  # made at run time
    if annotation == dict[str, JsonValue]:
        return dict[str, Any]
    if origin is Literal or annotation in PLAIN:
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return twin(annotation, manner=where.manner)
    if isinstance(annotation, type) and issubclass(annotation, str):
        return annotation  # a StrEnum
    raise TypeError(f"{where.field}: {annotation!r} has no translation")
