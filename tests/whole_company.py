"""The portal with somebody in every role and one thing of each sort, on a copy that nobody else changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal import attachments, db, modules
from portal.config import Settings
from tests.cast import Cast
from tests.everybody import THINGS, write_everybody
from tests.portals import Portals


@pytest.fixture(scope="module")
def template(databases: Any, tmp_path_factory: Any) -> tuple[str, Path, dict[str, Any]]:
    """A database with somebody in every role and one thing of each sort, the folder of its files, and the things."""
    url, folder = databases.copy(), tmp_path_factory.mktemp("data")
    db.connect(url)
    modules.load()
    attachments.keep_in(folder)
    write_everybody(Cast())
    things = {sort: make(Cast()) for sort, make in THINGS.items()}
    db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    db.disconnect()
    return url, folder, things


@pytest.fixture
def company(portals: Portals, template: Any) -> Iterator[Any]:
    """The portal on a copy of that database."""
    url, folder, _things = template
    path = Path(url.removeprefix("sqlite:///"))
    shutil.copyfile(path, f"{path}.copy")
    db.connect(f"{url}.copy")
    app = portals.move_in(Settings(data=folder, database=f"{url}.copy"))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    db.disconnect()
    for each in path.parent.glob(f"{path.name}.copy*"):
        each.unlink()
