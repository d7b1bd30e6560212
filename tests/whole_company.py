"""The portal with somebody in every role and one thing of each sort, on a copy that nobody else changes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from portal import attachments, create_app, db, modules, policies
from portal.config import Settings
from tests.cast import Cast
from tests.everybody import THINGS, write_everybody


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


@pytest.fixture(scope="module")
def portal(template: Any) -> Any:
    url, folder, _things = template
    app = create_app(Settings(data=folder, database=url))
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def company(portal: Any, template: Any) -> Any:
    """The portal on a copy of that database."""
    path = template[0].removeprefix("sqlite:///")
    shutil.copyfile(path, f"{path}.copy")
    db.connect(f"sqlite:///{path}.copy")
    policies.forget()
    yield portal
    db.disconnect()
    for each in Path(path).parent.glob(f"{Path(path).name}.copy*"):
        each.unlink()
