"""Merkle tree hashes and proofs, from RFC 6962, section 2.1, and the checking of proofs from RFC 9162, section 2.1."""

import hashlib

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """MTH of leaves whose hashes these are."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


class Tree:
    """The tree that the tiles make up: hashes by level and place, each level 256 times as coarse as the one below."""

    def __init__(self, size: int, tiles: dict[tuple[int, int], list[bytes]]):
        self.size, self.tiles = size, tiles
        self._known: dict[tuple[int, int], bytes] = {}

    def node(self, height: int, place: int) -> bytes:
        """The hash of the full subtree of this height."""
        level, above = divmod(height, 8)
        if above == 0:
            return self.tiles[level, place // 256][place % 256]
        key = height, place
        if key not in self._known:
            left, right = self.node(height - 1, 2 * place), self.node(height - 1, 2 * place + 1)
            self._known[key] = node_hash(left, right)
        return self._known[key]

    def subtree(self, start: int, end: int) -> bytes:
        """MTH(D[start:end])."""
        count = end - start
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self.node(height, start >> height)
        split = _split(start, end)
        return node_hash(self.subtree(start, split), self.subtree(split, end))

    def root(self, size: int | None = None) -> bytes:
        size = self.size if size is None else size
        return self.subtree(0, size) if size else EMPTY_ROOT

    def inclusion(self, place: int) -> list[bytes]:
        """PATH(place, D[size])."""
        path, start, end = [], 0, self.size
        while end - start > 1:
            split = _split(start, end)
            if place < split:
                path.append(self.subtree(split, end))
                end = split
            else:
                path.append(self.subtree(start, split))
                start = split
        return path[::-1]

    def consistency(self, old: int) -> list[bytes]:
        """PROOF(old, D[size])."""
        return self._consistency(old, 0, self.size, True)

    def _consistency(self, old: int, start: int, end: int, is_whole: bool) -> list[bytes]:
        if old == end:
            return [] if is_whole else [self.subtree(start, end)]
        split = _split(start, end)
        if old <= split:
            return [*self._consistency(old, start, split, is_whole), self.subtree(split, end)]
        return [*self._consistency(old, split, end, False), self.subtree(start, split)]


def _split(start: int, end: int) -> int:
    return start + (1 << ((end - start - 1).bit_length() - 1))


def is_included(leaf: bytes, place: int, size: int, path: list[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if place >= size:
        return False
    first, last, found = place, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node_hash(step, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, step)
        first, last = first >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> bool:
    """RFC 9162, 2.1.4.2, with the two cases that need no proof."""
    if old == size:
        return not path and old_root == root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if old > size or not path:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    found_old = found = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            found_old, found = node_hash(step, found_old), node_hash(step, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, step)
        first, last = first >> 1, last >> 1
    return last == 0 and found_old == old_root and found == root
