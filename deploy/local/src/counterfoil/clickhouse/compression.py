"""Bodies on the wire: decompressed to the last frame, compressed as the client prefers.

A body may be made of several frames. A decoder that stops after the first loses rows and says
nothing, so each loop here runs until the input is used up.
"""

import gzip
import zlib

import lz4.frame
import zstandard

SMALLEST_WORTH_COMPRESSING = 1024
PREFERENCE = ("lz4", "zstd", "gzip", "deflate")


class CompressionError(ValueError):
    """The body is not what its Content-Encoding says."""


def decompress(body: bytes, encoding: str) -> bytes:
    try:
        match encoding:
            case "" | "identity":
                return body
            case "gzip" | "x-gzip":
                return gzip.decompress(body)  # reads every member
            case "lz4":
                return lz4_frames(body)
            case "zstd":
                return (
                    zstandard.ZstdDecompressor()
                    .stream_reader(body, read_across_frames=True)
                    .readall()
                )
            case "deflate":
                return deflated(body)
            case _:
                pass
    except (zlib.error, OSError, EOFError, RuntimeError, zstandard.ZstdError) as error:
        raise CompressionError(f"the body is not {encoding}: {error}") from None
    raise CompressionError(f"unknown Content-Encoding {encoding}")


def lz4_frames(body: bytes) -> bytes:
    whole = []
    while body:
        decompressor = lz4.frame.LZ4FrameDecompressor()
        whole.append(decompressor.decompress(body))
        if not decompressor.eof:
            raise EOFError("the last frame is cut off")
        body = decompressor.unused_data or b""
    return b"".join(whole)


def deflated(body: bytes) -> bytes:
    whole = []
    while body:
        decompressor = zlib.decompressobj()
        whole.append(decompressor.decompress(body) + decompressor.flush())
        if not decompressor.eof:
            raise EOFError("the last stream is cut off")
        body = decompressor.unused_data
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
