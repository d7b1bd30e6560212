"""Pictures of what is kept, a small size for lists and a PDF's first page: made when first asked for, and again if lost."""

from __future__ import annotations

import io
import os
import secrets
from pathlib import Path

from portal import attachments, scans
from portal.attachments import Attachment
from portal.contained import TYPES

SIDE = 240  # pixels of the longer side
TYPE = "image/webp"


def of(attachment: Attachment) -> Path:
    """Where the small size of this picture stands. Who may see it is asked by the caller."""
    assert attachment.type.startswith("image/")
    path = attachments.folder().parent / "thumbnails" / attachment.sha256[:2] / f"{attachment.sha256}.webp"
    if not path.exists():
        _write(path, _small(attachments.path_of(attachment)))
    return path


def page_of(attachment: Attachment) -> Path:
    """Where the first page of this PDF stands as a picture, as large as it is read on a screen. Raises Refused."""
    assert attachment.type == TYPES[".pdf"]
    path = attachments.folder().parent / "thumbnails" / attachment.sha256[:2] / f"{attachment.sha256}.page.webp"
    if not path.exists():
        _write(path, scans.first_page(attachments.path_of(attachment)))
    return path


def _small(source: Path) -> bytes:
    from PIL import Image

    with Image.open(source, formats=["JPEG", "PNG", "WEBP"]) as picture:
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        small = picture.convert("RGBA" if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA") else "RGB")
    small.thumbnail((SIDE, SIDE))
    written = io.BytesIO()
    small.save(written, "WEBP", quality=78)
    return written.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all; it can be made anew, so nothing waits for the disk."""
    for each in (path.parent.parent, path.parent):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
