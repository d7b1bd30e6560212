"""Versions of what the shop says of a product: their files in order, how two of them differ, and what happened to the product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from portal import clock, db
from portal.attachments import Attachment
from portal.differences import Piece, differences
from portal.listings.models import SEASONS
from portal.listings.models_shown import UP_IN_ORDER
from portal.money import Money
from portal.words import Name, Words, _, data_from_json

TEXT_LABELS: dict[str, Words] = {
    "name": _("Name"), "name_en": _("English name"), "brand": _("Brand"), "description": _("Description"),
    "description_en": _("English description"),
}  # fmt: skip


class ShownFile(NamedTuple):
    """A picture, video or document, as pages show it."""

    id: int
    type: str
    name: str
    size_bytes: int

    @property
    def is_picture(self) -> bool:
        return self.type.startswith("image/")

    @property
    def is_video(self) -> bool:
        return self.type.startswith("video/")


class Version(NamedTuple):
    """A version of the contents with its files."""

    n: int
    at: datetime
    by: Name
    texts: dict[str, str]
    files: tuple[ShownFile, ...]

    @property
    def pictures(self) -> list[ShownFile]:
        return [each for each in self.files if each.is_picture]

    @property
    def videos(self) -> list[ShownFile]:
        return [each for each in self.files if each.is_video]

    @property
    def documents(self) -> list[ShownFile]:
        return [each for each in self.files if not each.is_picture and not each.is_video]


_VERSIONS = """
SELECT c.id, c.n, c.at, b.name, b.name_en, c.name, c.name_en, c.brand, c.description, c.description_en
FROM product_contents c JOIN persons b ON b.id = c.by_id WHERE c.product_id = ? AND c.n IN (%s)
"""
_FILES = """
SELECT c.n, x.id, x.type, x.name, x.size_bytes FROM product_contents c JOIN content_files f ON f.content_id = c.id
JOIN attachments x ON x.id = f.attachment_id WHERE c.product_id = ? AND c.n IN (%s) AND x.removed_at IS NULL ORDER BY c.n, f.n
"""


def versions(product_id: int, numbers: Iterable[int | None]) -> dict[int, Version]:
    """These versions of its contents, in two statements."""
    chosen = sorted({n for n in numbers if n}) or [0]
    files: dict[int, list[ShownFile]] = {}
    for n, *file in db.rows(_FILES % db.marks(chosen), product_id, *chosen):
        files.setdefault(n, []).append(ShownFile(*file))
    rows = db.rows(_VERSIONS % db.marks(chosen), product_id, *chosen)
    return {
        n: Version(n, db.from_ms(at), Name(by, by_en), dict(zip(TEXT_LABELS, texts, strict=True)), tuple(files.get(n, ())))
        for _id, n, at, by, by_en, *texts in rows
    }


class Written(NamedTuple):
    """A version in the list of all."""

    n: int
    at: datetime
    by: Name
    files: int


_WRITTEN = """
SELECT c.n, c.at, b.name, b.name_en, (SELECT COUNT(*) FROM content_files f WHERE f.content_id = c.id)
FROM product_contents c JOIN persons b ON b.id = c.by_id WHERE c.product_id = ? AND c.n < ? ORDER BY c.n DESC LIMIT ?
"""


def written(product_id: int, before: int | None = None, limit: int = 51) -> list[Written]:
    """Its versions, newest first."""
    rows = db.rows(_WRITTEN, product_id, before or 2**31, limit)
    return [Written(n, db.from_ms(at), Name(by, by_en), files) for n, at, by, by_en, files in rows]


# ---- how two versions differ ----------------------------------------------------------------------------------------


class MovedFile(NamedTuple):
    """A file that came, went or changed its place: "new", "gone" or "moved"."""

    sort: str
    file: ShownFile


class Difference(NamedTuple):
    texts: list[tuple[Words, list[Piece]]]  # of the fields that differ
    files: list[MovedFile]


def difference(before: Version, after: Version) -> Difference:
    """What the later says that the earlier did not; a text that stayed is not named."""
    texts = [
        (label, differences(before.texts[name], after.texts[name]))
        for name, label in TEXT_LABELS.items()
        if before.texts[name] != after.texts[name]
    ]
    return Difference(texts, list(_moved(before.files, after.files)))


def _moved(before: tuple[ShownFile, ...], after: tuple[ShownFile, ...]) -> Iterator[MovedFile]:
    was, now = {each.id for each in before}, {each.id for each in after}
    yield from (MovedFile("gone", each) for each in before if each.id not in now)
    yield from (MovedFile("new", each) for each in after if each.id not in was)
    old, new = [each.id for each in before if each.id in now], [each.id for each in after if each.id in was]
    stayed = {old[at + n] for at, _to, size in SequenceMatcher(None, old, new).get_matching_blocks() for n in range(size)}
    yield from (MovedFile("moved", each) for each in after if each.id in was and each.id not in stayed)


# ---- files ----------------------------------------------------------------------------------------------------------

_ATTACHED = """
SELECT x.id, x.type, x.name, x.size_bytes, EXISTS (SELECT 1 FROM content_files f WHERE f.attachment_id = x.id)
FROM attachments x WHERE x.thing = 'product' AND x.thing_id = ? AND x.removed_at IS NULL ORDER BY x.id LIMIT 200
"""


def attached(product_id: int) -> dict[int, tuple[ShownFile, bool]]:
    """Every file of the product that was not removed, each with whether it ever stood in a version."""
    return {row[0]: (ShownFile(*row[:4]), bool(row[4])) for row in db.rows(_ATTACHED, product_id)}


_PUBLIC = f"""
SELECT 1 FROM content_files f JOIN product_contents c ON c.id = f.content_id
JOIN products p ON p.id = c.product_id AND p.shown_version = c.n JOIN items i ON i.id = p.item_id
JOIN accounts a ON a.id = i.account_id WHERE f.attachment_id = ? AND {UP_IN_ORDER} LIMIT 1
"""


def shown_to_all(attachment: Attachment, at: datetime | None = None) -> bool:
    """Whether the shop shows the file at that moment: it stands in the version shown of a product on the shelf."""
    if attachment.thing != "product" or attachment.removed_at is not None:
        return False
    return db.row(_PUBLIC, attachment.id, db.to_ms(at or clock.now())) is not None


# ---- what happened --------------------------------------------------------------------------------------------------

SAID: dict[str, Words] = {
    "add": _("%(who)s entered the product"),
    "write": _("%(who)s wrote version %(version)s of the contents"),
    "vouch": _("%(who)s vouched for version %(version)s"),
    "change": _("%(who)s changed its marks"),
    "attach": _("%(who)s attached %(file)s"),
    "detach": _("%(who)s removed the attachment %(file)s"),
    "put_up": _("%(who)s put it on the shelf"),
    "show": _("%(who)s let the shop show version %(version)s"),
    "take_off": _("%(who)s took it off the shelf"),
    "category": _("%(who)s moved it to another category"),
    "position": _("%(who)s changed its place in the shop"),
    "archive": _("%(who)s archived it"),
    "restore": _("%(who)s took it out of the archive"),
    "review": _("%(who)s looked at how it is arranged"),
}
_LABELS: dict[str, Words] = {
    "season": _("Season"), "is_main": _("Promoted first"), "cost": _("Cost"), "category": _("Category"),
    "position": _("Place in the shop"),
}  # fmt: skip
OFF_SAID = {"normal": _("The last piece is gone: it came off the shelf"), "unlawful": _("%(who)s took it down at once")}


class Told(NamedTuple):
    """An event of a product in words, with what it changed, and the paper it was done by."""

    action: str
    sentence: Words
    at: datetime
    note: Any
    changes: list[tuple[Words, Any, Any]]
    case: int | None
    number: str
    is_by_portal: bool


_EVENTS = """
SELECT e.n, e.action, e.at, e.note, e.data, p.name, p.name_en FROM events e LEFT JOIN persons p ON p.id = e.by_id
WHERE e.thing = 'product' AND e.thing_id = ? AND e.n < ? ORDER BY e.n DESC LIMIT ?
"""


def told(product_id: int, sees_costs: bool, before: int | None = None, limit: int = 51) -> list[tuple[int, Told]]:
    """What happened to the product, newest first, each with its number; costs only for who may know them."""
    rows = db.rows(_EVENTS, product_id, before or 2**31, limit)
    return [(n, _told(action, at, note, data_from_json(data), name, name_en, sees_costs))
            for n, action, at, note, data, name, name_en in rows]  # fmt: skip


def _told(action: str, at: int, note: str, data: dict[str, Any], name: str | None, name_en: str, sees_costs: bool) -> Told:
    who: Any = Name(name, name_en or "") if name else _("The portal")
    sentence = SAID.get(action, _("%(who)s: %(action)s"))
    if action == "take_off":
        sentence = OFF_SAID.get(data["kind"], sentence)
    values = {name: data.get(name, "") for name in ("version", "file")}
    is_planned = action == "put_up" and data["from"] > db.from_ms(at)
    said = _("from %(moment)s", moment=data["from"]) if is_planned else data.get("reason") or note
    return Told(
        action, sentence.having(who=who, action=action, **values), db.from_ms(at), said, _changes(data, sees_costs),
        data.get("case"), data.get("number") or "", name is None,
    )  # fmt: skip


def _changes(data: dict[str, Any], sees_costs: bool) -> list[tuple[Words, Any, Any]]:
    before, after = data.get("before"), data.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    seen = [name for name in after if name in _LABELS and (name != "cost" or sees_costs)]
    return [(_LABELS[name], _in_words(name, before.get(name)), _in_words(name, after[name])) for name in seen]


def _in_words(name: str, value: Any) -> Any:
    if name == "season":
        return SEASONS.get(value, value)
    if name == "is_main":
        return _("Yes") if value else _("No")
    if name == "cost" and value is not None:
        return Money(value)
    return "–" if value is None else value
