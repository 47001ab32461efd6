"""Bodies on the wire: decompressed to the last frame, compressed as the client prefers.

A body may be made of several frames. A decoder that stops after the first loses rows and says
nothing, so each loop here runs until the input is used up.
"""

import gzip
import zlib
from collections.abc import Callable
from typing import Protocol

import lz4.frame
import zstandard

SMALLEST_WORTH_COMPRESSING = 1024
BOUNDED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
PREFERENCE = ("lz4", "zstd", "gzip", "deflate")


class CompressionError(ValueError):
    """The body is not what its Content-Encoding says."""


class TooLargeError(ValueError):
    """Decompressed, the body is larger than its sender may send."""


class Decompressor(Protocol):
    """What decoders of one frame have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
    def decompress(self, data: bytes, /) -> bytes: ...


DECOMPRESSORS: dict[str, Callable[[], Decompressor]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "x-gzip": lambda: zlib.decompressobj(wbits=31),
    "deflate": zlib.decompressobj,
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
}


def decompress_small(body: bytes, encoding: str, largest: int) -> bytes:
    """Decompress a body of a sender who is not trusted: a bomb must not fill memory.

    gzip and deflate only, what clients compress queries with: the others' decoders cannot stop.
    """
    if encoding in {"", "identity"}:
        return body
    if encoding not in BOUNDED:
        raise CompressionError(f"readers compress with {', '.join(BOUNDED)}, not {encoding}")
    decoder = zlib.decompressobj(wbits=BOUNDED[encoding])
    try:
        whole = decoder.decompress(body, largest + 1)
    except zlib.error as error:
        raise CompressionError(f"the body is not {encoding}: {error}") from None
    if len(whole) > largest:
        raise TooLargeError
    if not decoder.eof or decoder.unused_data:
        raise CompressionError(f"the {encoding} body is not one whole frame")
    return whole


def decompress(body: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return body
    if encoding not in DECOMPRESSORS:
        raise CompressionError(f"unknown Content-Encoding {encoding}")
    whole = []
    while body:
        frame = DECOMPRESSORS[encoding]()
        try:
            whole.append(frame.decompress(body))
        except (zlib.error, EOFError, RuntimeError, zstandard.ZstdError) as error:
            raise CompressionError(f"the body is not {encoding}: {error}") from None
        if not frame.eof:
            raise CompressionError(f"the last frame of the {encoding} body is cut off")
        body = frame.unused_data or b""
    return b"".join(whole)


def negotiate(accept_encoding: str) -> str:
    """Choose what we answer in: the cheapest for both sides that the client takes."""
    accepted = {part.split(";")[0].strip().lower() for part in accept_encoding.split(",")}
    return next((encoding for encoding in PREFERENCE if encoding in accepted), "")


def compress(body: bytes, encoding: str) -> bytes:
    match encoding:
        case "lz4":
            return bytes(lz4.frame.compress(body))
        case "zstd":
            return zstandard.ZstdCompressor(level=1).compress(body)
        case "gzip":
            return gzip.compress(body, compresslevel=1)
        case "deflate":
            return zlib.compress(body, level=1)
        case _:
            return body
