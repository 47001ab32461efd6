"""Codes and bulk issues as clients write and read them."""

from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from campaigns.api.body import Body, example, overlay
from campaigns.api.fields import Code, CodePart, Metadata, Quantity
from campaigns.api.voucherify import IgnoredOfCodeConfigs, IgnoredOfCodes, RefusedOfCodes
from campaigns.codes import CodeConfig
from campaigns.model import CodeTemplate, Job, JobStatus
from campaigns.refusals import InvalidError
from campaigns.rules.bodies import RuleIds
from contracts.instants import Instant

OPERATION_STATUS: dict[JobStatus, Literal["SUCCESS", "FAILED", "UNKNOWN"]] = {
    "ENQUEUED": "UNKNOWN",
    "IN_PROGRESS": "UNKNOWN",
    "DONE": "SUCCESS",
    "FAILED": "FAILED",
}


class RedemptionBody(Body):
    """How often a code may be redeemed; null is without a limit."""

    quantity: Quantity | None = None

    @property
    def says_quantity(self) -> bool:
        """Tell a quantity of null, which is "without limit", from none at all."""
        return "quantity" in self.model_fields_set


class TemplateRedemptionBody(RedemptionBody):
    """How often each code of a campaign redeems: null is as often as the campaign allows.

    `quantity_given: false` is: as usual, a drawn code once and a chosen one without limit.
    """

    quantity_given: bool | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.quantity_given is False and self.quantity is not None:
            raise ValueError("quantity_given is false, and a quantity is given")
        return self

    def laid_over(self, current: CodeTemplate, *, as_read: bool) -> CodeTemplate:
        """Return the template with this quantity; `as_read`: what was shown says nothing new."""
        quantity = self.quantity if self.says_quantity else current.quantity
        given = self.quantity_given
        if given is None:
            new = self.says_quantity and not (as_read and quantity == current.quantity)
            given = current.quantity_given or new
        return replace(current, quantity=quantity if given else None, quantity_given=given)


class CodeConfigBody(IgnoredOfCodeConfigs):
    """How codes look; `#` in a pattern is a random character, and a pattern replaces length."""

    length: Annotated[int, Field(ge=1, le=100)] | None = None
    charset: CodePart | None = None
    prefix: CodePart | None = None
    postfix: CodePart | None = None
    pattern: CodePart | None = None

    def merged_with(self, base: CodeConfig) -> CodeConfig:
        """Return the base with what is given here."""
        return CodeConfig(
            prefix=base.prefix if self.prefix is None else self.prefix,
            postfix=base.postfix if self.postfix is None else self.postfix,
            pattern=base.pattern if self.pattern is None else self.pattern,
            length=base.length if self.length is None else self.length,
            charset=base.charset if self.charset is None else self.charset,
        )


class NewCodes(RefusedOfCodes, IgnoredOfCodes):
    """Codes that join a campaign: all optional, the campaign's own where absent."""

    model_config = example(code_config={"pattern": "AUTUMN-####"}, metadata={"batch": "print"})

    code: Code | None = None
    code_config: CodeConfigBody | None = None
    redemption: RedemptionBody | None = None
    metadata: Metadata | None = None
    active: bool | None = None
    validation_rules: RuleIds | None = None

    def merged_with(self, template: CodeTemplate) -> CodeTemplate:
        """Return the campaign's way of making codes with what is given here."""
        return to_code_template(self.code_config, self.redemption, template)

    def check_for_fixed(self) -> None:
        """Raise for how a code should be drawn, where it is chosen."""
        if self.code_config is not None:
            raise InvalidError("Property .code_config: is for codes that are drawn", "leave it out")

    def check_for_many(self) -> None:
        """Raise for what a bulk issue cannot do."""
        if self.code is not None:
            raise InvalidError("Property .code: is one code, more are wanted", "leave it out")
        if self.validation_rules:
            raise InvalidError(
                "Property .validation_rules: is for one code, more are wanted",
                "assign the rules to the campaign, or to single codes once they are made",
            )


class CodeConfigObject(BaseModel):
    length: int
    charset: str
    prefix: str | None
    postfix: str | None
    pattern: str | None


class AsyncActionId(BaseModel):
    async_action_id: str


class AsyncActionResult(BaseModel):
    message: str
    done_count: int
    failed_count: int


class AsyncActionObject(BaseModel):
    id: str
    type: Literal["CAMPAIGN.VOUCHERS_GENERATE"] = "CAMPAIGN.VOUCHERS_GENERATE"
    status: JobStatus
    operation_status: Literal["SUCCESS", "FAILED", "UNKNOWN"]
    created_at: Instant
    updated_at: Instant
    request_id: str
    processing_time: int
    progress: int
    result: AsyncActionResult
    object: Literal["async_action"] = "async_action"


def to_code_template(
    config: CodeConfigBody | None, redemption: RedemptionBody | None, base: CodeTemplate
) -> CodeTemplate:
    given = redemption is not None and redemption.says_quantity
    return CodeTemplate(
        config=base.config if config is None else config.merged_with(base.config),
        quantity=redemption.quantity if redemption is not None and given else base.quantity,
        quantity_given=given or base.quantity_given,
    )


def changed_template(
    config: CodeConfigBody | None, redemption: TemplateRedemptionBody | None, current: CodeTemplate
) -> CodeTemplate:
    """Lay a change over a way of making codes: absent stays, null empties, as shown is as it is."""
    changed = replace(current, config=_changed_config(config, current.config))
    return changed if redemption is None else redemption.laid_over(changed, as_read=True)


def _changed_config(sent: CodeConfigBody | None, current: CodeConfig) -> CodeConfig:
    shown = CodeConfigBody.model_validate(code_config_response(current).model_dump())
    if sent is None or (wanted := overlay(shown, sent)) == shown:
        return current
    if "length" not in sent.model_fields_set:
        wanted.length = current.length  # what is shown may be that of a pattern
    return wanted.merged_with(CodeConfig())


def code_config_response(config: CodeConfig) -> CodeConfigObject:
    return CodeConfigObject(
        length=len(config.body),
        charset=config.charset,
        prefix=config.prefix,
        postfix=config.postfix,
        pattern=config.pattern,
    )


def async_action_response(job: Job) -> AsyncActionObject:
    return AsyncActionObject(
        id=job.id,
        status=job.status,
        operation_status=OPERATION_STATUS[job.status],
        created_at=job.created_at,
        updated_at=job.updated_at,
        request_id=job.request_id,
        processing_time=round((job.updated_at - job.created_at).total_seconds() * 1000),
        progress=job.done * 100 // job.wanted,
        result=AsyncActionResult(
            message=job.failure or f"{job.done} of {job.wanted} codes issued",
            done_count=job.done,
            failed_count=job.wanted - job.done if job.status == "FAILED" else 0,
        ),
    )
