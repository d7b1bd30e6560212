"""What stands published at a moment, by channel: computed from what was approved and published, the day and the plan behind it.

Nothing else reads manuscripts for those who only look: the news page, the first page and the storefront ask here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.attachments import Attachment
from portal.publishing.models import SHOWN_IN
from portal.words import Name

PAGE = 20
_COLUMNS = """
SELECT k.id, k.number, m.kind, m.topic, t.title, t.title_en, t.body, t.body_en, t.files, m.published_at, m.published_version,
    m.product_id, m.place, m.link, m.starts_on, m.ends_on
FROM manuscripts m JOIN cases k ON k.id = m.case_id
JOIN manuscript_texts t ON t.case_id = m.case_id AND t.version = m.published_version
WHERE k.state = 'published' AND m.published_at <= ? AND (m.kind <> 'slot' OR (m.starts_on <= ? AND m.ends_on >= ?))
    AND (m.plan_id IS NULL OR EXISTS (SELECT 1 FROM cases a WHERE a.id = m.plan_id AND a.state IN ('approved', 'ended')))
"""


class Shown(NamedTuple):
    """Something as it stands published. `files` are the ids of its attachments, in their order."""

    case: int
    number: str
    kind: str
    topic: str
    title: Name
    body: str
    body_en: str
    files: tuple[int, ...]
    at: datetime
    version: int
    product: int | None
    place: str
    link: str
    starts_on: date | None
    ends_on: date | None

    @property
    def url(self) -> str:
        """Where it leads: its own address, or its page among the news."""
        return self.link or f"/news/{self.case}"


def published(channel: str, at: datetime | None = None, before: int | None = None, limit: int = PAGE + 1) -> list[Shown]:
    """What stands in that channel - news, home, shop - at that moment (now), newest first; `before` is the last one shown."""
    assert channel in SHOWN_IN
    sql = f"{_COLUMNS} AND m.on_{channel}"
    values = _moment(at)
    if before:
        last = "(SELECT p.published_at FROM manuscripts p WHERE p.case_id = ?)"
        sql += f" AND (m.published_at < {last} OR (m.published_at = {last} AND k.id < ?))"
        values += [before, before, before]
    return [_read(row) for row in db.rows(f"{sql} ORDER BY m.published_at DESC, k.id DESC LIMIT ?", *values, limit)]


def published_one(case_id: int, channels: Iterable[str] = ("news", "home"), at: datetime | None = None) -> Shown | None:
    """The manuscript, if it stands in one of these channels at that moment."""
    somewhere = " OR ".join(f"m.on_{each}" for each in channels if each in SHOWN_IN)
    found = db.row(f"{_COLUMNS} AND ({somewhere}) AND k.id = ?", *_moment(at), case_id)
    return _read(found) if found else None


def standing(at: datetime | None = None, limit: int = 50) -> list[Shown]:
    """What stands in any channel, newest first."""
    found = db.rows(f"{_COLUMNS} ORDER BY m.published_at DESC, k.id DESC LIMIT ?", *_moment(at), limit)
    return [_read(row) for row in found]


def published_for(product_id: int, channel: str = "shop", at: datetime | None = None) -> list[Shown]:
    """What stands in that channel about the product."""
    sql = f"{_COLUMNS} AND m.on_{channel} AND m.product_id = ? ORDER BY m.published_at DESC, k.id DESC LIMIT ?"
    assert channel in SHOWN_IN
    return [_read(row) for row in db.rows(sql, *_moment(at), product_id, PAGE)]


def _moment(at: datetime | None) -> list[Any]:
    when = at or clock.now()
    day = clock.local(when).date()
    plain = day if db.is_postgres() else day.isoformat()
    return [db.to_ms(when), plain, plain]


def _read(row: tuple[Any, ...]) -> Shown:
    case, number, kind, topic, title, title_en, body, body_en, files, at, version, product, place, link, starts, ends = row
    ids = tuple(int(each) for each in files.split(",") if each)
    return Shown(
        case, number, kind, topic, Name(title, title_en), body, body_en, ids, db.from_ms(at), version, product, place, link,
        as_day(starts), as_day(ends),
    )  # fmt: skip


def as_day(value: Any) -> date | None:
    """A day as either database answers it to hand-written SQL."""
    return date.fromisoformat(value) if isinstance(value, str) else value


# ---- its files ------------------------------------------------------------------------------------------------------


class File(NamedTuple):
    id: int
    case: int
    name: str
    type: str
    size_bytes: int

    @property
    def is_picture(self) -> bool:
        return self.type.startswith("image/")

    @property
    def is_video(self) -> bool:
        return self.type.startswith("video/")


class Read(NamedTuple):
    """A text as it is read in a language: `pictures` in their order, `rest` the files that the text itself does not show."""

    body: str
    in_english: bool
    pictures: list[File]
    rest: list[File]


_NAMED = re.compile(r"!\[[^\]]*\]\(([1-9][0-9]?)\)", re.ASCII)  # a picture that the text itself shows


def read_in(language: str, shown: Shown, files: list[File]) -> Read:
    in_english = language == "en" and bool(shown.body_en)
    body = shown.body_en if in_english else shown.body
    pictures = [each for each in files if each.is_picture]
    said = {pictures[int(n) - 1] for n in _NAMED.findall(body) if int(n) <= len(pictures)}
    return Read(body, in_english, pictures, [each for each in files if each not in said])


def files_of(shown: Iterable[Shown]) -> dict[int, list[File]]:
    """The files of each, in their order, in one statement."""
    chosen = {file: each.case for each in shown for file in each.files}
    if not chosen:
        return {}
    sql = (
        f"SELECT id, name, type, size_bytes FROM attachments WHERE id IN ({db.marks(chosen)}) AND removed_at IS NULL ORDER BY id"
    )
    found: dict[int, list[File]] = {}
    for key, *told in db.rows(sql, *chosen):
        found.setdefault(chosen[key], []).append(File(key, chosen[key], *told))
    return found


def published_file(case_id: int, file_id: int, channels: Iterable[str] = ("news", "home")) -> Attachment | None:
    """The file, if what it belongs to stands in one of these channels now, with this file."""
    shown = published_one(case_id, channels)
    if shown is None or file_id not in shown.files:
        return None
    return Attachment.find("id = ? AND thing = 'case' AND thing_id = ? AND removed_at IS NULL", file_id, case_id)
