"""One index over papers and registers; one tokenizer for Chinese and Latin text on both databases; newest first.

Who may read a document is part of the index, so a search never sees what its reader may not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from peewee import CharField, IntegerField

from portal import db
from portal.db import Table
from portal.signs import CJK

_RUNS = re.compile(rf"([{CJK}]+)|([^\W_{CJK}]+)")
LONGEST = 20000  # characters indexed of one document
MOST_TOKENS = 24  # of one query

_PUT = """
INSERT INTO documents (thing, thing_id) VALUES (?, ?)
ON CONFLICT (thing, thing_id) DO UPDATE SET thing = excluded.thing RETURNING id
"""


class Document(Table):
    thing = CharField(max_length=20)
    thing_id = IntegerField()

    class Meta:
        table_name = "documents"
        indexes = ((("thing", "thing_id"), True),)


def tokens(text: str) -> list[str]:
    """Latin words as they are, Chinese runs as overlapping pairs and their last sign: 采购单 -> 采购 购单 单."""
    found = []
    for chinese, word in _RUNS.findall(unicodedata.normalize("NFKC", text[:LONGEST]).casefold()):
        if word:
            found.append(word[:40])
        else:
            found += [chinese[i : i + 2] for i in range(len(chinese))]
    return found


def _asked(text: str) -> list[tuple[str, bool]]:
    """The tokens a query asks for, each with whether it may go on: the last Latin word, and a single Chinese sign."""
    asked = []
    for chinese, word in _RUNS.findall(unicodedata.normalize("NFKC", text[:200]).casefold()):
        if word:
            asked.append((word[:40], True))
        elif len(chinese) == 1:
            asked.append((chinese, True))
        else:
            asked += [(chinese[i : i + 2], False) for i in range(len(chinese) - 1)]
    return asked[:MOST_TOKENS]


@db.transaction
def put(thing: str, thing_id: int, texts: Iterable[str], readers: Iterable[str]) -> None:
    """Indexes the thing anew under these texts, for these posts."""
    (document,) = db.row(_PUT, thing, thing_id)  # type: ignore[misc]
    words = list(dict.fromkeys(token for text in texts for token in tokens(text)))
    if db.is_postgres():
        lexemes = [f"w:{word}" for word in words] + [f"r:{_reader_of(thing, reader)}" for reader in readers]
        db.run(
            "INSERT INTO document_words (id, words) VALUES (?, array_to_tsvector(?)) "
            "ON CONFLICT (id) DO UPDATE SET words = excluded.words",
            document, lexemes,
        )  # fmt: skip
        return
    db.run("DELETE FROM document_words WHERE rowid = ?", document)
    db.run(
        "INSERT INTO document_words (rowid, words, readers) VALUES (?, ?, ?)",
        document, " ".join(words), " ".join(_reader(_reader_of(thing, reader)) for reader in readers),
    )  # fmt: skip


def find(
    text: str, posts: Iterable[str], thing: str = "case", before: int | None = None, limit: int = 51
) -> list[tuple[int, int]]:
    """(document, thing) ids, newest first, of what these posts may read and all the words are in. `before` pages on."""
    matches, values = _matching(text, posts, thing)
    if not matches:
        return []
    key = "w.id" if db.is_postgres() else "w.rowid"
    sql = f"SELECT d.id, d.thing_id {matches} AND {key} < ? ORDER BY {key} DESC LIMIT ?"
    return list(db.rows(sql, *values, before or 2**62, limit))


def among(text: str, posts: Iterable[str], thing: str) -> tuple[str, list[Any]]:
    """A sub-select of the ids of all that `find` would find, with its values, for a list that has further conditions."""
    matches, values = _matching(text, posts, thing)
    return (f"SELECT d.thing_id {matches}", values) if matches else ("SELECT d.thing_id FROM documents d WHERE 1 = 0", [])


def _matching(text: str, posts: Iterable[str], thing: str) -> tuple[str, list[Any]]:
    """FROM and WHERE of what these posts may read and all the words are in; empty where nothing is asked for."""
    asked, readers = _asked(text), [_reader_of(thing, post) for post in posts]
    if not asked or not readers:
        return "", []
    if db.is_postgres():
        query = " & ".join(_lexeme(f"w:{token}") + (":*" if goes_on else "") for token, goes_on in asked)
        query += " & (" + " | ".join(_lexeme(f"r:{reader}") for reader in readers) + ")"
        match = "FROM document_words w JOIN documents d ON d.id = w.id WHERE w.words @@ CAST(? AS tsquery) AND d.thing = ?"
        return match, [query, thing]
    words = " AND ".join(f'"{token}"' + ("*" if goes_on else "") for token, goes_on in asked)
    query = f"words : ({words}) AND readers : ({' OR '.join(map(_reader, readers))})"
    # CROSS JOIN keeps the order: without statistics SQLite would ask the index of words once for each document.
    match = "FROM document_words w CROSS JOIN documents d ON d.id = w.rowid WHERE document_words MATCH ? AND d.thing = ?"
    return match, [query, thing]


def _reader_of(thing: str, post: str) -> str:
    """Papers are many: readers of other things are told apart from theirs, so that a search among few stays quick."""
    return post if thing == "case" else f"{thing}.{post}"


def _reader(post: str) -> str:
    """A post as one token of the index: letters and digits only."""
    return "xr" + post.replace("_", "").replace("@", "at").replace("#", "p").replace(".", "of")


def _lexeme(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
