"""Publications as clients ask for and read them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from campaigns.api.access import Caller
from campaigns.api.body import Body, example
from campaigns.api.fields import Code, Metadata, Name
from campaigns.model import Publication
from campaigns.publications.customers import customer_id_of
from campaigns.publications.verbs import MOST_CODES, Published
from campaigns.publications.wishes import Wish
from campaigns.refusals import InvalidError
from campaigns.vouchers.bodies import VoucherDetail, voucher_response
from contracts.event import Identifier
from contracts.instants import Instant
from contracts.text import Trimmed

BY_API: Final = "API"  # the channel of what names none


def _ignored(reason: str) -> Any:
    return Field(default=None, exclude=True, description=f"Ignored: {reason}")


class CustomerNamed(Body):
    """Who is meant: by the shop's own id, by ours, or a guest by an e-mail address."""

    id: Identifier | None = None
    source_id: Identifier | None = None
    email: Identifier | None = None

    object: Any = _ignored("an answer's own")
    name: Any = _ignored("POST /v1/customers keeps who a customer is")
    phone: Any = _ignored("POST /v1/customers keeps who a customer is")
    description: Any = _ignored("POST /v1/customers keeps who a customer is")
    birthday: Any = _ignored("POST /v1/customers keeps who a customer is")
    birthdate: Any = _ignored("POST /v1/customers keeps who a customer is")
    address: Any = _ignored("POST /v1/customers keeps who a customer is")
    metadata: Any = _ignored("POST /v1/customers keeps who a customer is")


class CampaignNamed(Body):
    """Of which campaign codes are given, and how many."""

    id: Name | None = None
    name: Name | None = None
    count: Annotated[int, Field(strict=True, ge=1, description=f"{MOST_CODES} at most")] | None = (
        None
    )


class NewPublication(Body):
    """A code, or some of a campaign's, for a customer: one of the two."""

    model_config = example(
        customer={"source_id": "shopper-1"}, campaign={"name": "Autumn"}, source_id="mailing-7-1"
    )

    customer: CustomerNamed
    voucher: Code | None = None
    campaign: CampaignNamed | None = None
    source_id: Trimmed | None = None
    channel: Name | None = None
    metadata: Metadata | None = None
    join_once: Annotated[bool, Field(strict=True)] | None = None

    def to_wish(self, caller: Caller, key: bytes, join_once: bool | None) -> Wish:
        """Return what is asked for; `join_once` is as the query string says."""
        if None is not join_once is not self.join_once is not None:
            raise InvalidError(
                "join_once differs in body and query string", "send it in one of the two"
            )
        customer = self.customer
        campaign, count = self._campaign()
        return Wish(
            customer_id=customer_id_of(
                key,
                caller.project_id,
                id_=customer.id,
                source_id=customer.source_id,
                email=customer.email,
            ),
            voucher=None if self.voucher is None else caller.code(self.voucher),
            campaign=campaign,
            count=count,
            channel=self.channel or BY_API,
            metadata=self.metadata or {},
            source_id=self.source_id,
            join_once=bool(self.join_once or join_once),
        )

    def _campaign(self) -> tuple[str | None, int]:
        named = self.campaign
        if (self.voucher is None) is (named is None):
            raise InvalidError(
                "Either Campaign or Voucher is required",
                "send a .voucher, or a .campaign of which one is free",
                "missing_vouchers",
            )
        if named is None:
            return None, 1
        if (named.id is None) is (named.name is None):
            raise InvalidError("Property .campaign: needs an .id or a .name", "send one of the two")
        count = 1 if named.count is None else named.count
        if count > MOST_CODES:
            raise InvalidError(
                "Too many vouchers requested",
                f"one publication has {MOST_CODES} codes at most, {count:,} were asked for",
                "too_many_vouchers_requested",
            )
        return named.id or named.name, count


class CustomerForgotten(Body):
    """Whose person is to be forgotten."""

    model_config = example(customer={"source_id": "shopper-1"})

    customer: CustomerNamed

    def customer_id(self, caller: Caller, key: bytes) -> str:
        named = self.customer
        return customer_id_of(
            key, caller.project_id, id_=named.id, source_id=named.source_id, email=named.email
        )


class Forgotten(BaseModel):
    """Of how many publications it was forgotten who the customer is."""

    customer_id: str
    publications: int
    object: Literal["forgotten"] = "forgotten"


class PublishedTo(BaseModel):
    """The customer, as far as is known here: redemption knows more, and shows it by this id."""

    id: str
    source_id: str | None = None
    name: None = None
    email: None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    object: Literal["customer"] = "customer"


class PublicationFields(BaseModel):
    id: str
    created_at: Instant
    customer_id: str
    tracking_id: str | None
    metadata: dict[str, Any]
    channel: str
    source_id: str | None
    result: Literal["SUCCESS"] = "SUCCESS"
    customer: PublishedTo
    vouchers_id: list[str]
    object: Literal["publication"] = "publication"


class PublicationOfOne(PublicationFields):
    """A publication of one code, as it now is."""

    voucher: VoucherDetail


class PublicationOfMany(PublicationFields):
    """A publication of several codes; `vouchers` are the codes."""

    vouchers: list[str]


def publication_response(
    published: Published, source_id: str | None
) -> PublicationOfOne | PublicationOfMany:
    """Show what was published; `source_id` is how the caller called the customer."""
    publication = published.publication
    fields = publication_fields(publication, source_id)
    if len(publication.codes) == 1 and published.vouchers:
        [voucher] = published.vouchers
        return PublicationOfOne(**fields, voucher=voucher_response(voucher, published.campaign))
    return PublicationOfMany(**fields, vouchers=list(publication.codes))


def publication_fields(publication: Publication, source_id: str | None) -> dict[str, Any]:
    return {
        "id": publication.id,
        "created_at": publication.created_at,
        "customer_id": publication.customer_id,
        "tracking_id": publication.source_id,
        "metadata": publication.metadata,
        "channel": publication.channel,
        "source_id": publication.source_id,
        "customer": PublishedTo(id=publication.customer_id, source_id=source_id),
        "vouchers_id": list(publication.voucher_ids),
    }
