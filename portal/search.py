"""One index over papers and registers; one tokenizer for Chinese and Latin text on both databases; newest first.

Who may read a document is part of the index, so a search never sees what its reader may not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from peewee import CharField, IntegerField

from portal import db
from portal.db import Table

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
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
        lexemes = [f"w:{word}" for word in words] + [f"r:{reader}" for reader in readers]
        db.run(
            "INSERT INTO document_words (id, words) VALUES (?, array_to_tsvector(?)) "
            "ON CONFLICT (id) DO UPDATE SET words = excluded.words",
            document, lexemes,
        )  # fmt: skip
        return
    db.run("DELETE FROM document_words WHERE rowid = ?", document)
    db.run(
        "INSERT INTO document_words (rowid, words, readers) VALUES (?, ?, ?)",
        document, " ".join(words), " ".join(map(_reader, readers)),
    )  # fmt: skip


def find(
    text: str, posts: Iterable[str], thing: str = "case", before: int | None = None, limit: int = 51
) -> list[tuple[int, int]]:
    """(document, thing) ids, newest first, of what these posts may read and all the words are in. `before` pages on."""
    asked, posts = _asked(text), list(posts)
    if not asked or not posts:
        return []
    before = before or 2**62
    if db.is_postgres():
        query = " & ".join(_lexeme(f"w:{token}") + (":*" if goes_on else "") for token, goes_on in asked)
        query += " & (" + " | ".join(_lexeme(f"r:{post}") for post in posts) + ")"
        sql = """SELECT d.id, d.thing_id FROM document_words w JOIN documents d ON d.id = w.id
                 WHERE w.words @@ CAST(? AS tsquery) AND d.thing = ? AND w.id < ? ORDER BY w.id DESC LIMIT ?"""
    else:
        words = " AND ".join(f'"{token}"' + ("*" if goes_on else "") for token, goes_on in asked)
        query = f"words : ({words}) AND readers : ({' OR '.join(map(_reader, posts))})"
        sql = """SELECT d.id, d.thing_id FROM document_words w JOIN documents d ON d.id = w.rowid
                 WHERE document_words MATCH ? AND d.thing = ? AND w.rowid < ? ORDER BY w.rowid DESC LIMIT ?"""
    return list(db.rows(sql, query, thing, before, limit))


def _reader(post: str) -> str:
    """A post as one token of the index: letters and digits only."""
    return "xr" + post.replace("_", "").replace("@", "at").replace("#", "p")


def _lexeme(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
