"""An answer on Kafka is an event around the very bytes that HTTP would have answered."""

import msgspec
from kit.redemption_samples import NOON, a_request

from contracts.answers import RequestAnswered
from redemption.outcomes import Response
from redemption.render.answers import LARGEST_BODY, answer

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BODY = b'{"redemptions": [ ],  "n":1.50, "u":"\xc3\xa4"}'


def test_the_body_is_in_it_byte_for_byte() -> None:
    asked = a_request(request_id="till-1", at=NOON)._replace(traceparent=TRACE)

    written = answer(asked, Response(b"", 200, BODY), "requests:0:7")

    assert b'"body":' + BODY in written
    read = RequestAnswered.model_validate_json(written)
    assert (read.id, read.subject, read.time) == ("requests:0:7", "till-1", NOON)
    assert (read.projectid, read.traceparent) == (asked.project_id, TRACE)
    assert (read.data.request_id, read.data.status) == ("till-1", 200)
    assert read.data.body == msgspec.json.decode(BODY)


def test_a_body_that_fits_into_no_record_is_left_out() -> None:
    asked = a_request(request_id="till-1")

    for length, fits in ((LARGEST_BODY, True), (LARGEST_BODY + 1, False)):
        body = b'{"a":"' + b"x" * (length - 8) + b'"}'
        read = RequestAnswered.model_validate_json(answer(asked, Response(b"", 200, body), "a:0:1"))

        assert (read.data.status, read.data.body is not None) == (200, fits)
