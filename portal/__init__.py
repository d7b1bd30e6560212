"""An intranet portal: what employees ask for, who decides, and what the books say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application, its database connected. Ends the process with a sentence where it cannot start."""
    from portal import config, db
    from portal.pages import build

    try:
        settings = settings or config.read()
        db.connect(settings.database)
        return build(settings)
    except (config.WrongSetting, db.NewerDatabase) as error:
        raise SystemExit(str(error)) from None
