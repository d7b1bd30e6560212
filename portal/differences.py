"""How two texts differ, piece by piece: words of Latin writing, single signs of Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MOST_PIECES = 1000  # compared at once; what is longer counts as written anew
_PIECE = re.compile(r"[^\W\d_\u2e80-\uffff]+|[0-9]+|\s+|.", re.DOTALL)


class Piece(NamedTuple):
    """A part of the two texts: `sort` is "same", "gone" or "new"."""

    sort: str
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """Both texts as one, in order: what stayed, what is gone, what is new."""
    found: list[Piece] = []
    for piece in _by_lines(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        if not piece.text:
            continue
        if found and found[-1].sort == piece.sort:
            found[-1] = Piece(piece.sort, found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


def _by_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    """Lines that stayed are told apart first, then what changed is looked at word by word."""
    for sort, old, new in _blocks(before, after):
        if sort == "equal":
            yield Piece("same", old)
            continue
        for inner, was, now in _blocks(_PIECE.findall(old), _PIECE.findall(new)):
            yield from [Piece("same", was)] if inner == "equal" else [Piece("gone", was), Piece("new", now)]


def _blocks(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What is alike at both ends is set aside, so that long texts with one change stay cheap."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    yield "equal", "".join(before[:start]), ""
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if max(len(old), len(new)) > MOST_PIECES:
        yield "replace", "".join(old), "".join(new)
    else:
        for sort, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
            yield sort, "".join(old[a:b]), "".join(new[c:d])
    yield "equal", "".join(before[len(before) - end :]), ""


def _alike(before: Sequence[str], after: Sequence[str]) -> int:
    """How many pieces both begin with."""
    return next((n for n, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), min(len(before), len(after)))
