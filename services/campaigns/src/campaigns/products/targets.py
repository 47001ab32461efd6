"""What a discount is for, by every id that lines of orders may name it by. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from campaigns.refusals import InvalidError, NotFoundError
from contracts.rule_nodes import MOST_PRODUCTS, Lines
from contracts.rules import Rule
from contracts.targets import MOST_TARGETS, ApplicableTo, Targets
from contracts.terms import Conditions, Terms

Kind = Literal["product", "sku", "products_collection"]
Name: TypeAlias = tuple[Kind, str]  # a product or a SKU by its id or the shop's own


class Meant(NamedTuple):
    """A product or a SKU that a name stands for: itself, one of its SKUs, one of a collection's."""

    id: str
    source_id: str | None
    is_sku: bool


def names_in(terms: Iterable[Terms]) -> set[Name]:
    """Return all that terms name."""
    names: set[Name] = set()
    for each in terms:
        of_discount = each.applicable_to.included, each.applicable_to.excluded
        for targets in (*of_discount, *_lines_of(each)):
            names |= {("product", id_) for id_ in targets.products}
            names |= {("sku", id_) for id_ in targets.skus}
            names |= {("products_collection", id_) for id_ in targets.collections}
    return names


def resolved(
    terms: Terms, meant: Mapping[Name, Sequence[Meant]], collections: Collection[str]
) -> Terms:
    """Return terms as they are published. A name that is not known is the shop's own alone.

    Raises for a collection that is not there, and where there are too many.
    """
    asked = terms.applicable_to
    found = ApplicableTo(
        included=_flat(asked.included, meant, collections),
        excluded=_flat(asked.excluded, meant, collections),
        choices=tuple(
            each.model_copy(update={"targets": _flat(each.targets, meant, collections)})
            for each in asked.choices
        ),
    )
    rules = [_flat_rule(each, meant, collections) for each in terms.conditions.rules]
    return terms.model_copy(
        update={
            "applicable_to": found if asked else asked,
            "conditions": Conditions(rules=tuple(rules)),
        }
    )


def _lines_of(terms: Terms) -> Iterator[Targets]:
    """Name what validation rules ask lines of orders for."""
    for rule in terms.conditions.rules:
        for node in rule.nodes:
            if node.lines is not None:
                yield _targets(node.lines)


def _targets(lines: Lines) -> Targets:
    return Targets(products=lines.products, skus=lines.skus, collections=lines.collections)


def _flat_rule(
    rule: Rule, meant: Mapping[Name, Sequence[Meant]], collections: Collection[str]
) -> Rule:
    nodes = []
    for node in rule.nodes:
        if node.lines is not None and node.lines.are_named:
            flat = _flat(_targets(node.lines), meant, collections)
            named = {"products": flat.products, "skus": flat.skus}
            if max(len(flat.products), len(flat.skus)) > MOST_PRODUCTS:
                raise InvalidError(
                    f"The validation rule {rule.id} comes to more than {MOST_PRODUCTS:,} products",
                    "with the SKUs of its products and all of its collections",
                )
            nodes.append(node.model_copy(update={"lines": node.lines.model_copy(update=named)}))
        else:
            nodes.append(node)
    return rule.model_copy(update={"nodes": tuple(nodes)})


def _flat(
    targets: Targets, meant: Mapping[Name, Sequence[Meant]], collections: Collection[str]
) -> Targets:
    for id_ in targets.collections:
        if id_ not in collections:
            raise NotFoundError("products_collection", id_)
    found = [each for name in _names(targets) for each in meant.get(name, ())]
    of_products = _ids(targets.products, [each for each in found if not each.is_sku])
    of_skus = _ids(targets.skus, [each for each in found if each.is_sku])
    return Targets(products=of_products, skus=of_skus, collections=targets.collections)


def _names(targets: Targets) -> list[Name]:
    return [
        *[("product", id_) for id_ in targets.products],
        *[("sku", id_) for id_ in targets.skus],
        *[("products_collection", id_) for id_ in targets.collections],
    ]


def _ids(named: Sequence[str], found: Sequence[Meant]) -> tuple[str, ...]:
    both = [id_ for each in found for id_ in (each.id, each.source_id) if id_ is not None]
    ids = tuple(dict.fromkeys([*named, *both]))
    if len(ids) > MOST_TARGETS:
        raise InvalidError(
            f"Property .applicable_to: comes to {len(ids):,} ids of products or SKUs",
            f"a campaign is for {MOST_TARGETS:,} at most, with the SKUs of its products",
        )
    return ids
