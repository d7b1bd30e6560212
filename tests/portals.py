"""The portal put together once for all tests: its routes and templates are read once, then each test moves in with its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from portal import create_app, pages
from portal.config import Settings


class Browser(FlaskClient):
    """As a server, it sends headers in Latin signs only."""

    def open(self, *told: Any, **more: Any) -> Any:
        answer = super().open(*told, **more)
        for name, value in answer.headers:
            assert value.encode("latin-1", "replace").decode("latin-1") == value, f"{name}: {value}"
        return answer


class Portals:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._app: Any = None
        self._at_first: dict[str, Any] = {}

    def move_in(self, settings: Settings) -> Any:
        """The portal as if it had been started with these settings, on the database that is connected."""
        assert not settings.proxies, "what stands behind proxies is put together by itself"
        if self._app is None:
            self._put_together(settings)
        self._app.config.clear()
        self._app.config.update(self._at_first)
        pages.move_in(self._app, settings)
        return self._app

    def _put_together(self, settings: Settings) -> None:
        """In a folder that stays: what templates compile to is kept there."""
        self._app = create_app(replace(settings, data=self._folder))
        self._app.testing = True
        self._app.test_client_class = Browser
        self._at_first = dict(self._app.config)
