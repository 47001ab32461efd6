"""Products and SKUs as clients write and read them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from campaigns.api.body import Body, Unsupported, example
from campaigns.api.fields import LARGEST_LIMIT, Metadata, Name
from campaigns.api.metadata import MetadataChanges
from campaigns.api.versions import Versioned
from campaigns.api.voucherify import ReadBack
from campaigns.catalogue import Product
from contracts import ids
from contracts.instants import Instant
from contracts.text import Trimmed

Price = Annotated[int, Field(strict=True, ge=0, le=LARGEST_LIMIT, description="In minor units.")]


class _Unsupported(Body):
    """What nothing here goes by."""

    attributes: Unsupported = None
    image_url: Unsupported = None


class ProductBody(_Unsupported):
    """One that exists by its `id` or `source_id` is changed: what is absent stays."""

    model_config = example(source_id="shoes-1", name="Shoes", price=8900, metadata={"brand": "A"})

    id: Trimmed | None = None
    source_id: Trimmed | None = None
    name: Name | None = None
    price: Price | None = None
    metadata: Metadata | None = None

    def to_domain(self, of_product: str | None = None) -> Product:
        return _made(of_product, self.source_id, self.name, self.price, self.metadata)

    def merged_with(self, current: Product) -> Product:
        sent = self.model_dump(exclude_unset=True, include={"source_id", "name", "price"})
        return replace(current, **sent, metadata=current.metadata | (self.metadata or {}))


class ProductChanges(_Unsupported, MetadataChanges, ReadBack, Versioned):
    """What is absent stays; null empties; metadata are merged."""

    model_config = example(price=7900)

    source_id: Trimmed | None = None
    name: Name | None = None
    price: Price | None = None

    def merged_with(self, current: Product) -> Product:
        sent = self.model_dump(exclude_unset=True, include={"source_id", "name", "price"})
        return replace(current, **sent, metadata=self.merged_metadata(current.metadata))


class SkuBody(_Unsupported):
    """One that exists by its `id` or `source_id` is changed: what is absent stays."""

    model_config = example(source_id="shoes-1-red", sku="Shoes, red", price=8900)

    id: Trimmed | None = None
    source_id: Trimmed | None = None
    sku: Name | None = None
    price: Price | None = None
    currency: Unsupported = None
    metadata: Metadata | None = None

    def to_domain(self, of_product: str) -> Product:
        return _made(of_product, self.source_id, self.sku, self.price, self.metadata)

    def merged_with(self, current: Product) -> Product:
        sent = self.model_dump(exclude_unset=True, include={"source_id", "sku", "price"})
        sent = {"name" if name == "sku" else name: value for name, value in sent.items()}
        return replace(current, **sent, metadata=current.metadata | (self.metadata or {}))


class SkuChanges(_Unsupported, MetadataChanges, ReadBack, Versioned):
    """What is absent stays; null empties; metadata are merged. A SKU stays of its product."""

    model_config = example(price=7900)

    source_id: Trimmed | None = None
    sku: Name | None = None
    price: Price | None = None
    currency: Unsupported = None
    product_id: Any = Field(default=None, exclude=True, description="Ignored: an answer's own")

    def merged_with(self, current: Product) -> Product:
        sent = self.model_dump(exclude_unset=True, include={"source_id", "sku", "price"})
        sent = {"name" if name == "sku" else name: value for name, value in sent.items()}
        return replace(current, **sent, metadata=self.merged_metadata(current.metadata))


class ProductObject(BaseModel):
    id: str
    source_id: str | None
    name: str | None
    price: int | None
    attributes: list[str] = []
    metadata: dict[str, Any]
    image_url: None = None
    created_at: Instant
    updated_at: Instant | None
    version: int
    object: Literal["product"] = "product"


class SkuObject(BaseModel):
    id: str
    source_id: str | None
    product_id: str
    sku: str | None
    price: int | None
    currency: None = None
    attributes: dict[str, str] = {}
    metadata: dict[str, Any]
    image_url: None = None
    created_at: Instant
    updated_at: Instant | None
    version: int
    object: Literal["sku"] = "sku"


class Products(BaseModel):
    """Newest first."""

    object: Literal["list"] = "list"
    data_ref: Literal["products"] = "products"
    products: list[ProductObject]
    total: int


class Skus(BaseModel):
    """Newest first."""

    object: Literal["list"] = "list"
    data_ref: Literal["skus"] = "skus"
    skus: list[SkuObject]
    total: int


def product_response(product: Product) -> ProductObject:
    return ProductObject.model_validate(product, from_attributes=True)


def sku_response(sku: Product) -> SkuObject:
    return SkuObject(
        id=sku.id,
        source_id=sku.source_id,
        product_id=sku.of_product or "",
        sku=sku.name,
        price=sku.price,
        metadata=sku.metadata,
        created_at=sku.created_at,
        updated_at=sku.updated_at,
        version=sku.version,
    )


def _made(
    of_product: str | None,
    source_id: str | None,
    name: str | None,
    price: int | None,
    metadata: dict[str, Any] | None,
) -> Product:
    return Product(
        id=ids.new("prod_" if of_product is None else "sku_"),
        of_product=of_product,
        source_id=source_id,
        name=name,
        price=price,
        metadata=metadata or {},
        version=1,
        created_at=datetime.now(UTC),
        updated_at=None,
    )
