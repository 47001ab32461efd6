"""Codes over HTTP that no campaign was made for."""

from fastapi import APIRouter, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.spelling import NewCode
from campaigns.campaigns.choices import CategoryChoice
from campaigns.issuing.api import add_one
from campaigns.projects import store as projects
from campaigns.propagation.waiter import subject_of_campaign, subject_of_voucher
from campaigns.refusals import InvalidError
from campaigns.standalone import verbs
from campaigns.standalone.bodies import NewVoucher
from campaigns.vouchers import entries
from campaigns.vouchers.bodies import VoucherDetail, voucher_response
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import transaction

router = APIRouter(prefix="/v1/vouchers", tags=["vouchers"])


@router.post("", responses=DUPLICATE | NOT_FOUND | SAYS_WHEN)
@router.post("/", include_in_schema=False)  # as a client of Voucherify's sends it
async def create_voucher(
    body: NewVoucher, caller: CurrentCaller, deps: Deps, response: Response
) -> VoucherDetail:
    """Make a code with its own terms, or one more of a campaign's; drawn unless it is chosen."""
    code = None if body.code is None else caller.code(body.code)
    return await _create(deps, caller, response, code, body)


@router.post("/{code}", responses=DUPLICATE | SAYS_WHEN)
async def create_voucher_of_code(
    code: NewCode, body: NewVoucher, caller: CurrentCaller, deps: Deps, response: Response
) -> VoucherDetail:
    if body.code is not None and caller.code(body.code) != code:
        raise InvalidError("Property .code: is another code than the path's", "leave it out")
    return await _create(deps, caller, response, code, body)


async def _create(
    deps: Dependencies, caller: Caller, response: Response, code: str | None, body: NewVoucher
) -> VoucherDetail:
    campaign_name = body.joins()
    if campaign_name is not None:
        return await add_one(deps, caller, response, campaign_name, body.to_new_codes(), code=code)
    if code is not None and body.code_config is not None:
        raise InvalidError("Property .code_config: is for codes that are drawn", "leave it out")
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        voucher, campaign = await verbs.create(
            conn,
            project_id,
            body.to_domain(await projects.time_zone_of(conn, project_id)),
            code,
            template=caller.code_template(body.code_template()),
            partner_id=body.partner_id,
            category=CategoryChoice(body.category_id, body.category),
            metadata=body.metadata or {},
            active=body.active is not False,
            rule_ids=body.validation_rules or (),
        )
        await entries.record(
            conn, project_id, caller.actor, "created", before=None, after=(voucher, campaign)
        )
    say_when(
        response,
        await deps.propagation.wait_briefly(
            subject_of_campaign(project_id, campaign), campaign.version
        ),
        await deps.propagation.wait_briefly(
            subject_of_voucher(project_id, voucher), voucher.version
        ),
    )
    return voucher_response(voucher, campaign)
