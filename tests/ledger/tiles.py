"""What a tiled log serves, from C2SP's tlog-tiles alone: paths, bytes and the headers they come with."""

import gzip
import re
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

FULL_WIDTH, HASH_BYTES, HIGHEST_LEVEL = 256, 32, 63
#: "a few seconds", and "long-lived"
FEW_SECONDS, LONG_SECONDS = 10, 7 * 86_400


class Departure(Exception):
    """Where a log does not do what the specification says."""


def path_of(what: int | str, number: int, width: int = FULL_WIDTH) -> str:
    """The path of a tile of a level, or of a bundle of `entries`."""
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    partial = f".p/{width}" if width < FULL_WIDTH else ""
    return f"tile/{what}/{'/'.join(groups)}{partial}"


def widths(size: int, level: int) -> list[int]:
    """The widths of the tiles of a level, in order: full ones, and a partial one where hashes are left."""
    hashes = size >> (8 * level)
    full, left = divmod(hashes, FULL_WIDTH)
    return [FULL_WIDTH] * full + ([left] if left else [])


class Log:
    """A log under its prefix, asked over one connection that is kept."""

    def __init__(self, prefix: str):
        self.parts = urlsplit(prefix.rstrip("/"))
        host = self.parts.hostname or ""
        address = "127.0.0.1" if host == "localhost" else host
        self.connection = HTTPConnection(address, self.parts.port or 80, timeout=60)
        self.fetched = 0
        self.compressed = 0

    def ask(self, path: str, method: str = "GET"):
        """Status, headers and the bytes as they came."""
        headers = {"Host": self.parts.netloc, "Accept-Encoding": "gzip, identity"}
        self.connection.request(method, f"{self.parts.path}/{path}", headers=headers)
        with closing(self.connection.getresponse()) as answer:
            return answer.status, answer.headers, answer.read()

    def fetch(self, path: str, kind: str) -> bytes:
        """A resource that must be there, of this `Content-Type`; what the network did to it is undone."""
        status, headers, data = self.ask(path)
        if status != 200:
            raise Departure(f"{path}: answered {status}")
        if headers.get("Content-Type", "").lower() != kind:
            raise Departure(f"{path}: comes as `{headers.get('Content-Type')}`, not as `{kind}`")
        self.fetched += 1
        match headers.get("Content-Encoding", "identity").lower():
            case "identity":
                pass
            case "gzip":
                data, self.compressed = gzip.decompress(data), self.compressed + 1
            case other:
                raise Departure(f"{path}: encoded as `{other}`, which nobody asked for")
        is_mutable = path == "checkpoint"
        self._judge_cache(path, headers.get("Cache-Control", ""), is_mutable)
        return data

    def checkpoint(self) -> bytes:
        return self.fetch("checkpoint", "text/plain; charset=utf-8")

    def hashes(self, level: int, number: int, width: int) -> list[bytes]:
        path = path_of(level, number, width)
        data = self.fetch(path, "application/octet-stream")
        if len(data) != HASH_BYTES * width:
            raise Departure(f"{path}: {len(data)} bytes are not {width} hashes")
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]

    def entries(self, number: int, width: int) -> list[bytes]:
        path = path_of("entries", number, width)
        data, at, found = self.fetch(path, "application/octet-stream"), 0, []
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            if at + 2 > len(data) or end > len(data):
                raise Departure(f"{path}: the last entry is cut")
            found.append(data[at + 2 : end])
            at = end
        if len(found) != width:
            raise Departure(f"{path}: holds {len(found)} entries, not {width}")
        return found

    def _judge_cache(self, path: str, cache: str, is_mutable: bool) -> None:
        told = {part.strip().lower() for part in cache.split(",")}
        ages = [int(part.removeprefix("max-age=")) for part in told if re.fullmatch("max-age=[0-9]+", part)]
        is_uncached = bool(told & {"no-cache", "no-store"})
        if is_mutable and not is_uncached and not (ages and max(ages) <= FEW_SECONDS):
            raise Departure(f"{path}: changes, and may be kept (`{cache}`)")
        if not is_mutable and (is_uncached or not ages or min(ages) < LONG_SECONDS):
            raise Departure(f"{path}: never changes, and is not kept for long (`{cache}`)")
