"""What `bench switch` has a vendor send is what it says: small, and nothing for a client."""

import gzip

import pytest
from aiokafka.record.default_records import DefaultRecordBatch

from counterfoil.bench import odd_batches


def test_a_bomb_is_a_good_record_a_thousandth_of_its_size() -> None:
    raw = odd_batches.a_bomb(20, "gzip")

    [record] = DefaultRecordBatch(raw)
    assert (len(record.value), record.key, record.headers) == (20_000_000, b"k", [])
    assert len(raw) < 25_000
    assert DefaultRecordBatch(raw).validate_crc()
    assert gzip.decompress(raw[odd_batches.HEADER.size :]).endswith(b"\0")


def test_an_unparsable_record_has_a_header_that_is_no_text() -> None:
    batch = DefaultRecordBatch(odd_batches.an_unparsable_batch())

    assert batch.validate_crc()
    with pytest.raises(UnicodeDecodeError):
        list(batch)
