"""Collections of products as clients write and read them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from campaigns.api.body import Body, Unsupported, example
from campaigns.api.fields import Name
from campaigns.api.versions import Versioned
from campaigns.api.voucherify import ReadBack
from campaigns.catalogue import Product, ProductCollection
from campaigns.product_collections.verbs import Named
from contracts.instants import Instant
from contracts.text import Trimmed

MOST_PRODUCTS = 2_000


class CollectedBody(Body):
    """A product or a SKU: by its id, or the shop's own."""

    object: Literal["product", "sku"] = "product"
    id: Trimmed | None = None
    source_id: Trimmed | None = None
    product_id: Any = Field(
        default=None, exclude=True, description="Ignored: a SKU's product is known"
    )

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if (self.id is None) == (self.source_id is None):
            raise ValueError("should have an id or a source_id")
        return self

    @property
    def named(self) -> str:
        return self.id or self.source_id or ""


Collected = Annotated[list[CollectedBody], Field(max_length=MOST_PRODUCTS)]


class NewProductCollection(Body):
    """What is in it is named one by one; collections by a filter are not known here."""

    model_config = example(name="Shoes", type="STATIC", products=[{"source_id": "shoes-1"}])

    name: Name
    type: Literal["STATIC"] = "STATIC"
    products: Collected | None = None
    filter: Unsupported = None


class ProductCollectionChanges(Versioned, ReadBack):
    """What is absent stays; `products` are sent whole."""

    model_config = example(name="Shoes and boots")

    name: Name | None = None
    products: Collected | None = None
    type: Literal["STATIC"] | None = None
    filter: Unsupported = None

    products_count: Any = Field(default=None, exclude=True, description="Ignored: an answer's own")


class ProductCollectionObject(BaseModel):
    id: str
    name: str
    type: Literal["STATIC"] = "STATIC"
    products_count: int
    created_at: Instant
    updated_at: Instant | None
    version: int
    object: Literal["products_collection"] = "products_collection"


class ProductCollections(BaseModel):
    """Newest first."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[ProductCollectionObject]
    total: int


class CollectedObject(BaseModel):
    """`product_id` is a SKU's product."""

    id: str
    source_id: str | None
    product_id: str | None
    name: str | None
    object: Literal["product", "sku"]


class CollectedObjects(BaseModel):
    """Newest first, unless another order is asked for."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[CollectedObject]
    total: int


def named(bodies: Sequence[CollectedBody] | None) -> Named:
    bodies = bodies or ()
    return Named(
        products={each.named for each in bodies if each.object == "product"},
        skus={each.named for each in bodies if each.object == "sku"},
    )


def collection_response(collection: ProductCollection) -> ProductCollectionObject:
    return ProductCollectionObject.model_validate(collection, from_attributes=True)


def collected_response(found: Sequence[Product], total: int) -> CollectedObjects:
    return CollectedObjects(
        data=[
            CollectedObject(
                id=each.id,
                source_id=each.source_id,
                product_id=each.of_product,
                name=each.name,
                object="product" if each.of_product is None else "sku",
            )
            for each in found
        ],
        total=total,
    )
