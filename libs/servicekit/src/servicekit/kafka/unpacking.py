"""Decompresses what strangers sent, up to a bound: a kilobyte may unpack to a gigabyte."""

import mmap
import zlib
from collections.abc import Callable
from typing import Any, Final

import cramjam

# Far more than any client packs together: their limits are on what they have not yet compressed,
# and a megabyte or less.
BATCH_BYTES: Final = 32 * 1024 * 1024

XERIAL: Final = b"\x82SNAPPY\0"  # how Java frames snappy: 16 bytes, then blocks behind their length
XERIAL_HEADER: Final = 16
GZIP_MAGIC: Final = b"\x1f\x8b"
GZIP_WITH_HEADER: Final = 31
MOST_GZIP_MEMBERS: Final = 100  # each costs a copy of what is behind it; clients write one


class UnparsableError(ValueError):
    """What a client library cannot read, or must not."""


class UnpackedTooLargeError(UnparsableError):
    """More than anybody sends in good faith."""


class BrokenBatchError(UnparsableError):
    """Bytes that are no batch of records: nobody can say where one of them begins."""


def unpack(codec: int, packed: bytes) -> bytes:
    """Decompress with the codec of this number in Kafka's batches."""
    try:
        return CODECS[codec](packed)
    except KeyError as error:
        raise BrokenBatchError(f"there is no codec {codec}") from error
    except (cramjam.DecompressionError, zlib.error) as error:
        raise BrokenBatchError(f"it does not unpack: {error}") from error


def _gzip(packed: bytes) -> bytes:
    unpacked = bytearray()
    for _ in range(MOST_GZIP_MEMBERS):
        member = zlib.decompressobj(GZIP_WITH_HEADER)
        unpacked += member.decompress(packed, BATCH_BYTES + 1 - len(unpacked))
        _check(len(unpacked))
        if not member.eof:
            raise BrokenBatchError("it ends in the middle of its gzip stream")
        packed = member.unused_data
        if not packed.startswith(GZIP_MAGIC):
            return bytes(unpacked)
    raise BrokenBatchError(f"it has more than {MOST_GZIP_MEMBERS} gzip members")


def _snappy(packed: bytes) -> bytes:
    if not packed.startswith(XERIAL):
        return _snappy_block(packed, 0)
    blocks, size, at = [], 0, XERIAL_HEADER
    while at < len(packed):
        begin = at + 4
        at = begin + int.from_bytes(packed[at:begin], "big")
        if at > len(packed):
            raise BrokenBatchError("it ends in the middle of a snappy block")
        block = _snappy_block(packed[begin:at], size)
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)


def _snappy_block(block: bytes, before: int) -> bytes:
    _check(before + cramjam.snappy.decompress_raw_len(block))  # the block says it at its beginning
    return bytes(cramjam.snappy.decompress_raw(block))


def _into_fresh_memory(
    decompress_into: Callable[[bytes, Any], int],
) -> Callable[[bytes], bytes]:
    def into_memory(packed: bytes) -> bytes:
        with mmap.mmap(-1, BATCH_BYTES) as memory:  # costs as much as is written to it
            try:
                return memory[: decompress_into(packed, memory)]
            except cramjam.DecompressionError as error:
                if "whole buffer" in str(error):
                    _check(BATCH_BYTES + 1)
                raise

    return into_memory


def _check(size: int) -> None:
    if size > BATCH_BYTES:
        raise UnpackedTooLargeError(f"it unpacks to more than {BATCH_BYTES:,} bytes")


CODECS: Final[dict[int, Callable[[bytes], bytes]]] = {
    1: _gzip,
    2: _snappy,
    3: _into_fresh_memory(cramjam.lz4.decompress_into),
    4: _into_fresh_memory(cramjam.zstd.decompress_into),
}
