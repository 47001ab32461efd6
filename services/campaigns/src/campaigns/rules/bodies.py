"""Validation rules and their assignments as clients write and read them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    WithJsonSchema,
    model_validator,
)

from campaigns.api.body import Body, Unsupported, example
from campaigns.api.fields import Code, Name
from campaigns.api.versions import Versioned
from campaigns.api.voucherify import ReadBack
from campaigns.catalogue import Assignment, ValidationRule
from campaigns.limiting import WrittenExpression
from campaigns.rules import spelling
from campaigns.rules.assigning import MOST
from contracts.instants import Instant
from contracts.rule_nodes import Message

GLOBAL = "global"

RelatedType = Literal["campaign", "voucher"]

SentRules = Annotated[
    WrittenExpression, BeforeValidator(spelling.read), WithJsonSchema(spelling.SCHEMA)
]


def _of_all_items(sent: Any) -> None:
    if sent is None or (isinstance(sent, dict) and sent.items() <= FOR_ALL.items()):
        return
    raise ValueError("is not supported: what a discount is for is said by its campaign")


OfAllItems = Annotated[
    Any,
    AfterValidator(_of_all_items),
    Field(exclude=True, description="As it is: of all items; a campaign says of which"),
]


class RuleError(Body):
    """What is said to who does not meet a rule."""

    message: Message | None = None


class NewRule(Body):
    """Conditions and their logic. `context_type` says where it is shown; it decides nothing."""

    model_config = example(
        name="Shoes for 50.00",
        rules={
            "1": {"name": "order.amount", "conditions": {"$more_than_equal": [5000]}},
            "2": {
                "name": "order.items.any",
                "conditions": {"$is": [{"object": "product", "id": "shoes"}]},
            },
            "logic": "1 and 2",
        },
        error={"message": "Buy shoes for 50.00"},
    )

    name: Name
    rules: SentRules
    error: RuleError | None = None
    type: Literal["expression"] | None = None
    context_type: Name | None = None

    applicable_to: OfAllItems = None
    bundle_rules: Unsupported = None


class RuleChanges(Versioned, ReadBack):
    """What is absent stays; conditions are sent whole."""

    model_config = example(name="Shoes for 60.00")

    name: Name | None = None
    rules: SentRules | None = None
    error: RuleError | None = None
    type: Literal["expression"] | None = None
    context_type: Name | None = None

    applicable_to: OfAllItems = None
    assignments_count: Any = Field(
        default=None, exclude=True, description="Ignored: an answer's own"
    )


class ForAll(BaseModel):
    """A rule is for all items; what a discount is for is said by its campaign."""

    included: list[str] = []
    excluded: list[str] = []
    included_all: bool = True


FOR_ALL = ForAll().model_dump()


class RuleObject(BaseModel):
    id: str
    name: str
    rules: Annotated[dict[str, Any], WithJsonSchema(spelling.SCHEMA)]
    error: RuleError | None
    applicable_to: ForAll = ForAll()
    type: Literal["expression"] = "expression"
    context_type: str
    assignments_count: int
    created_at: Instant
    updated_at: Instant | None
    version: int
    object: Literal["validation_rules"] = "validation_rules"


class Rules(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[RuleObject]
    total: int


class NewAssignment(Body):
    """Where a rule is to hold: a campaign, by its id or name, or one code, by itself or its id."""

    model_config = example(campaign="Autumn")

    campaign: Name | None = None
    voucher: Code | None = None
    related_object_type: RelatedType | None = None
    related_object_id: Name | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        named = [
            ("campaign", self.campaign),
            ("voucher", self.voucher),
            (self.related_object_type, self.related_object_id),
        ]
        given = [kind for kind, name in named if name is not None]
        if given not in (["campaign"], ["voucher"]) or (
            self.related_object_type not in {None, *given}
        ):
            raise ValueError(
                "name one .campaign or .voucher, or a .related_object_type and .related_object_id"
            )
        return self

    @property
    def code(self) -> str | None:
        """The code that is named; None where it is a campaign."""
        by_id = self.related_object_id if self.related_object_type == "voucher" else None
        return self.voucher or by_id

    def campaign_named(self) -> str:
        return self.campaign or self.related_object_id or ""


class AssignmentObject(BaseModel):
    id: str
    rule_id: str
    related_object_id: str
    related_object_type: RelatedType
    created_at: Instant
    updated_at: None = None
    validation_status: Literal["VALID"] = "VALID"
    validation_omitted: bool = False
    is_pending: bool = False
    object: Literal["validation_rules_assignment"] = "validation_rules_assignment"


class AssignmentList(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[AssignmentObject] = []
    total: int = 0


RuleIds = Annotated[
    list[Name],
    Field(max_length=MOST, description="Validation rules, all of which have to be met."),
]


def assignments_response(of: Sequence[Assignment]) -> AssignmentList:
    """List what holds for a campaign, or a code, in this order."""
    return AssignmentList(data=[assignment_response(each) for each in of], total=len(of))


def rule_response(rule: ValidationRule) -> RuleObject:
    return RuleObject(
        id=rule.id,
        name=rule.name,
        rules=spelling.spelled(rule.expression),
        error=None if rule.message is None else RuleError(message=rule.message),
        context_type=rule.context_type,
        assignments_count=rule.assignments_count,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
        version=rule.version,
    )


def assignment_response(assignment: Assignment) -> AssignmentObject:
    return AssignmentObject(
        id=assignment.id,
        rule_id=assignment.rule_id,
        related_object_id=assignment.voucher_id or assignment.campaign_id,
        related_object_type="campaign" if assignment.voucher_id is None else "voucher",
        created_at=assignment.created_at,
    )
