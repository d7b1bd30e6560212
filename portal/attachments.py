"""Files that prove a paper: stored once by their content, labelled by name, never deleted by hand."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField

from portal import access, clock, contained, db, history, policies
from portal.cases import Case, open_tasks
from portal.contained import MB, TYPES, in_mb, measured
from portal.db import MomentField, Table, Thing
from portal.history import Event
from portal.persons import Person
from portal.policies import Policy
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.words import Words, _

LONGEST_NAME = 200
ORPHAN_AFTER = timedelta(hours=1)

upload_paper_bytes = policies.declare(
    "upload_paper_bytes", 10 * MB, "it_admin", _("Largest file attached to a paper"), unit=_("bytes"), minimum=MB, maximum=50 * MB
)
upload_day_bytes = policies.declare(
    "upload_day_bytes", 500 * MB, "it_admin", _("Most that one person may attach in a day"),
    unit=_("bytes"), minimum=10 * MB, maximum=10_000 * MB,
)  # fmt: skip


@dataclass(frozen=True)
class Purpose:
    """What a file is for: how large it may be and of which kinds."""

    largest_bytes: Policy
    extensions: tuple[str, ...]


@dataclass(frozen=True)
class Guard:
    """Who may attach to one sort of thing, take off it and read what is there: asked with the thing and the person. `page` is
    the thing's address with `%s` for its id; `changed` is called in the transaction in which a file came or went."""

    may_attach: Callable[[Any, Person], bool]
    may_remove: Callable[[Attachment, Any, Person], bool]
    may_read: Callable[[Attachment, Any, Iterable[str]], bool]
    page: str
    changed: Callable[[Attachment, Any], None] = lambda _attachment, _thing: None
    why_not_removed: Words | None = None


GUARDS: dict[str, Guard] = {}  # by the thing's name; to a thing without one nobody attaches, and nobody reads what is there
PURPOSES: dict[str, Purpose] = {
    "paper": Purpose(upload_paper_bytes, (".pdf", ".jpg", ".jpeg", ".png", ".webp", ".xlsx", ".csv")),
    "invoice": Purpose(upload_paper_bytes, (".pdf", ".jpg", ".jpeg", ".png", ".webp", ".xml", ".ofd")),
}


@dataclass(frozen=True)
class Part:
    """Of a kind of paper whose files are part of its contents: who may change them now, and what else changes then."""

    may_change: Callable[[Case, Person], bool]
    changed: Callable[[Attachment, Case], None]


ALSO: dict[str, Callable[[Case, Person], bool]] = {}  # by the kind of paper: who else attaches to it while it is open
PARTS: dict[str, Part] = {}  # by the kind of paper; the files of other kinds are what proves them


class Attachment(Table):
    """A file of a thing. `removed_at` takes it off the page; the content stays for the record."""

    thing = CharField(max_length=20)
    thing_id = IntegerField()
    purpose = CharField(max_length=20)
    sha256 = CharField(max_length=64)
    name = CharField(max_length=LONGEST_NAME)
    type = CharField(max_length=80)
    size_bytes = BigIntegerField()
    by = ForeignKeyField(Person)
    at = MomentField()
    removed_at = MomentField(null=True)

    class Meta:
        table_name = "attachments"


_OF = """
SELECT p.id, p.name, p.name_en, %s FROM attachments a JOIN persons p ON p.id = a.by_id
WHERE a.thing = ? AND a.thing_id = ? AND a.removed_at IS NULL ORDER BY a.id
"""
_data: Path | None = None


def keep_in(data: Path) -> None:
    """Files are kept under this data folder from now on."""
    global _data
    _data = data


def store(thing: str, thing_id: int, purpose: str, name: str, stream: BinaryIO, person: Person) -> Attachment:
    """Keeps the file and records `attach` on the thing. Raises Mistyped (field "file"), Refused, NotYours, NotThere."""
    return keep(thing, thing_id, purpose, *opened(thing, thing_id, purpose, name, stream, person), person)


def opened(thing: str, thing_id: int, purpose: str, name: str, stream: BinaryIO, person: Person) -> tuple[str, bytes]:
    """The file's label, and its content as it may be kept, for whoever looks into it before it is. Raises as `store` does."""
    label = clean_name(name)
    _may_attach_to(_thing(thing, thing_id), person)
    _refuse_path(name, label)
    content = contained.checked(label, _read(label, stream, PURPOSES[purpose]), PURPOSES[purpose].extensions)
    _within_size(label, len(content), PURPOSES[purpose].largest_bytes())  # a picture is written anew, and that is what is kept
    return label, content


def keep(thing: str, thing_id: int, purpose: str, label: str, content: bytes, person: Person) -> Attachment:
    """What was opened is kept. Raises as `store` does."""
    _write(content)
    return _enter(thing, thing_id, purpose, label, content, person)


@db.transaction
def _enter(thing: str, thing_id: int, purpose: str, label: str, content: bytes, person: Person) -> Attachment:
    owner = _thing(thing, thing_id)
    _may_attach_to(owner, person)
    _within_the_day(person, len(content))
    _write(content)  # again: it may have been swept since; the sweep waits while this transaction lasts
    kept = Attachment.add(
        thing=thing, thing_id=thing_id, purpose=purpose, sha256=sha256_of(content), name=label, type=TYPES[_extension(label)],
        size_bytes=len(content), by=person, at=clock.now(),
    )  # fmt: skip
    _record(owner, "attach", kept, person)
    GUARDS[thing].changed(kept, owner)
    return kept


@db.transaction
def also_of(thing: str, thing_id: int, purpose: str, attachment: Attachment, person: Person) -> Attachment:
    """The same file on another thing as well: one content, two labels. Raises as `store` does."""
    assert _extension(attachment.name) in PURPOSES[purpose].extensions
    owner = _thing(thing, thing_id)
    _may_attach_to(owner, person)
    kept = Attachment.add(
        thing=thing, thing_id=thing_id, purpose=purpose, sha256=attachment.sha256, name=attachment.name, type=attachment.type,
        size_bytes=attachment.size_bytes, by=person, at=clock.now(),
    )  # fmt: skip
    _record(owner, "attach", kept, person)
    GUARDS[thing].changed(kept, owner)
    return kept


@db.transaction
def remove(attachment: Attachment, person: Person) -> None:
    """Takes the file off the thing and records `detach`. Raises NotYours, or Refused once others have relied on it."""
    owner, guard = _thing(attachment.thing, attachment.thing_id), GUARDS[attachment.thing]
    if not guard.may_remove(attachment, owner, person):
        raise NotYours(guard.why_not_removed)
    here = Attachment.update(removed_at=clock.now()).where(Attachment.id == attachment.id, Attachment.removed_at.is_null())
    if here.execute() != 1:
        raise Refused(_("This file was removed already. Reload to see it."))
    _record(owner, "detach", attachment, person)
    guard.changed(Attachment.get_by_id(attachment.id), owner)


def _record(owner: Thing, action: str, attachment: Attachment, person: Person) -> None:
    stays = {"before": owner.state, "after": owner.state, "version": owner.version} if isinstance(owner, Case) else {}
    history.record(owner, action, person, data={"file": attachment.name, "attachment": attachment.id}, **stays)


def _thing(name: str, key: int) -> Thing:
    found = history.things()[name].find("id = ?", key)
    if found is None:
        raise NotThere()
    return found


# ---- who may --------------------------------------------------------------------------------------------------------


def may_attach(case: Case, person: Person, posts: Iterable[str]) -> bool:
    """While the paper is open: its applicant, its handler, and who can act on it now."""
    if case.kind in PARTS:
        return PARTS[case.kind].may_change(case, person)
    if case.closed_at is not None or access.withheld(posts, [case]):
        return False
    if person.id in (case.requester_id, case.preparer_id):
        return True
    held = set(posts)
    if any(task.post in held and not task.bars(person) for task in open_tasks(case)):
        return True
    return case.kind in ALSO and ALSO[case.kind](case, person)


def may_remove(attachment: Attachment, case: Case, person: Person) -> bool:
    """Who attached it, while the paper is theirs to correct or no step was taken since."""
    if case.kind in PARTS:
        return attachment.removed_at is None and PARTS[case.kind].may_change(case, person)
    if attachment.by_id != person.id or attachment.removed_at or case.closed_at is not None:
        return False
    if any(task.tab in ("draft", "returned") and task.post == f"#{person.id}" for task in open_tasks(case)):
        return True
    moved = (Event.thing == "case") & (Event.thing_id == case.id) & (Event.before != Event.after) & (Event.at >= attachment.at)
    return not Event.select().where(moved).exists()


def _may_attach_to(owner: Thing, person: Person) -> None:
    guard = GUARDS.get(history.name_of(type(owner)))
    if guard is None or not guard.may_attach(owner, person):
        raise NotYours()


def readable(attachment: Attachment, posts: Iterable[str]) -> bool:
    """Whether these posts may read the file: what it belongs to says so, and it is still on its page."""
    guard = GUARDS.get(attachment.thing)
    if guard is None or attachment.removed_at is not None:
        return False
    return guard.may_read(attachment, _thing(attachment.thing, attachment.thing_id), posts)


def page_of(attachment: Attachment) -> str:
    """Where the file stands."""
    return GUARDS[attachment.thing].page % attachment.thing_id


GUARDS["case"] = Guard(
    may_attach=lambda case, person: may_attach(case, person, access.posts_of(person)),
    may_remove=may_remove,
    may_read=lambda _attachment, case, posts: access.may_read_all(posts, case),
    page="/papers/%s#attachments",
    changed=lambda attachment, case: PARTS[case.kind].changed(attachment, case) if case.kind in PARTS else None,
    why_not_removed=_("Only who attached it may remove it, and only until the next step is taken."),
)


# ---- what is taken --------------------------------------------------------------------------------------------------


def clean_name(name: str) -> str:
    """The name as a label: no path, no invisible or direction-changing characters, its extension kept."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(" " if each.isspace() else each for each in last if unicodedata.category(each)[0] != "C")
    stem, dot, extension = " ".join(seen.split()).rstrip(". ").rpartition(".")
    stem, extension = (stem.strip(". "), f".{extension.lower()}") if dot else (extension, "")
    return f"{stem[: LONGEST_NAME - len(extension[:20])] or 'file'}{extension[:20]}"


def _refuse_path(name: str, label: str) -> None:
    """Browsers send a file's name alone; what sends more than that means something by it."""
    if _PATH.search(name):
        text = _("The name of %(file)s has folders in it, or a sign that no name has. Rename it and attach it anew.", file=label)
        raise Mistyped(text, "file")


_PATH = re.compile(r"[/\\\0]|^[A-Za-z]:")


def _extension(label: str) -> str:
    return "." + label.rpartition(".")[2]


def purpose_of(name: str, purposes: Iterable[str]) -> str:
    """For which of these purposes a file of that name may be kept. Raises Mistyped where it is for none."""
    label, known = clean_name(name), list(purposes)
    for each in known:
        if _extension(label) in PURPOSES[each].extensions:
            return each
    raise _no_such_kind(label, (extension for each in known for extension in PURPOSES[each].extensions))


def _no_such_kind(label: str, extensions: Iterable[str]) -> Mistyped:
    kinds = ", ".join(each.removeprefix(".").upper() for each in extensions)
    why = _("%(file)s is not a kind of file that can be attached; these can: %(kinds)s.", file=label, kinds=kinds)
    return Mistyped(why, "file")


def _read(label: str, stream: BinaryIO, purpose: Purpose) -> bytes:
    if _extension(label) not in purpose.extensions:
        raise _no_such_kind(label, purpose.extensions)
    most = purpose.largest_bytes()
    content = stream.read(most + 1)
    if not content:
        raise Mistyped(_("%(file)s is empty.", file=label), "file")
    size = len(content)
    if size > most:
        while more := stream.read(MB):
            size += len(more)
    _within_size(label, size, most)
    return content


def _within_size(label: str, size: int, most: int) -> None:
    if size > most:
        told = {"file": label, "size": measured(size), "most": measured(most)}
        raise Mistyped(_("%(file)s is %(size)s; at most %(most)s can be attached.", **told), "file")


_ATTACHED = "SELECT COALESCE(SUM(size_bytes), 0) FROM attachments WHERE by_id = ? AND at >= ?"


def _within_the_day(person: Person, size_bytes: int) -> None:
    (before,) = db.row(_ATTACHED, person.id, db.to_ms(clock.start_of(clock.today())))  # type: ignore[misc]
    if int(before) + size_bytes > upload_day_bytes():
        size, most = in_mb(int(before)), in_mb(upload_day_bytes())
        told = _("You have attached %(size)s MB today; at most %(most)s MB a day can be attached. Go on tomorrow.")
        raise Refused(told.having(size=size, most=most))


# ---- where it is kept -----------------------------------------------------------------------------------------------


def of(thing: str, thing_id: int) -> list[Attachment]:
    """The files of a thing, oldest first, with who attached them."""
    columns = ", ".join(f"a.{field.column_name}" for field in Attachment._meta.sorted_fields)
    return [_with_name(*row) for row in db.rows(_OF % columns, thing, thing_id)]


def _with_name(by: int, name: str, name_en: str, *columns: Any) -> Attachment:
    file = Attachment._read(columns)
    file.by = Person(id=by, name=name, name_en=name_en)
    return file


def path_of(attachment: Attachment) -> Path:
    return path_for(attachment.sha256)


def path_for(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


def folder() -> Path:
    assert _data is not None, "attachments.keep_in names the data folder first"
    return _data / "files"


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(content: bytes) -> None:
    """On the disk for good before any row tells of it. What is there already is only marked as wanted."""
    path = path_for(sha256_of(content))
    if path.exists():
        os.utime(path)
        return
    for each in (folder(), path.parent):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    for each in (path.parent, path.parent.parent):
        sync_folder(each)


def sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep() -> int:
    """Deletes files older than an hour that no row tells of, left by what was refused or cut off. Answers how many."""
    if not folder().is_dir():
        return 0
    return sum(_sweep(each) for each in sorted(folder().iterdir()) if each.is_dir())


@db.transaction
def _sweep(part: Path) -> int:
    known = {sha256 for (sha256,) in db.rows("SELECT DISTINCT sha256 FROM attachments WHERE sha256 LIKE ?", f"{part.name}%")}
    orphans = [path for path in part.iterdir() if path.name not in known and _is_old(path)]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _is_old(path: Path) -> bool:
    return clock.now() - datetime.fromtimestamp(path.stat().st_mtime, tz=clock.now().tzinfo) > ORPHAN_AFTER
