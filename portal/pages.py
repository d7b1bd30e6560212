"""The application put together: settings, the gate, the modules' pages, and what templates may use."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import assets, attachments, config, db, gate, languages, markup, modules, web
from portal.access import Right
from portal.config import MAX_BODY_BYTES, Settings
from portal.persons import Person
from portal.words import Words, _n

ROOT = Path(__file__).parent.parent


class NotReady(SystemExit):
    """The database is empty or older than the portal; the message names the command."""


def build(settings: Settings) -> Flask:
    app = Flask("portal", static_folder=None, template_folder=str(ROOT / "templates"))
    _refuse_old(settings)
    move_in(app, settings)
    modules.load()
    rights: dict[str, Right] = {"healthz": web.public}
    quiet: set[str] = set()
    for pages in modules.pages():
        rights |= pages.rights
        quiet |= pages.quiet
        app.register_blueprint(pages)
    app.add_url_rule("/healthz", "healthz", _healthz)
    gate.install(app, rights, quiet)
    gate.check_rights(app)
    _furnish(app)
    app.wsgi_app = assets.dressed(app.wsgi_app)  # type: ignore[method-assign]
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    return app


def _refuse_old(settings: Settings) -> None:
    if db.pending():
        raise NotReady(
            "The database is empty or older than this portal. Run `portal init` for a new company, or `portal migrate`."
        )


def move_in(app: Flask, settings: Settings) -> None:
    """Where the portal lives: its secret, the hosts it answers for, the folder of its files."""
    own = urlsplit(settings.url).hostname if settings.url else None
    prefix = "__Host-" if settings.is_https else ""
    app.config.update(
        PORTAL=settings,
        HOSTS={"localhost", "127.0.0.1", "::1"} | ({own.lower()} if own else set()),
        SECRET_KEY=config.secret_key(settings),
        DEBUG=settings.debug,
        SESSION_COOKIE_NAME=f"{prefix}portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SESSION_REFRESH_EACH_REQUEST=False,  # a session ends 12 hours after it began, however much it is used
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    attachments.keep_in(settings.data)


def _healthz() -> Response:
    """Ready when the database answers and has had its migrations; tells nothing else."""
    ready = not db.pending()
    return Response("ok" if ready else "not ready", 200 if ready else 503, mimetype="text/plain")


def _furnish(app: Flask) -> None:
    """What templates may use."""
    env = app.jinja_env
    env.finalize = markup.spoken
    env.trim_blocks = env.lstrip_blocks = True
    env.bytecode_cache = _compiled_before(app.config["PORTAL"])
    env.globals.update(
        _=_spoken,
        _n=_spoken_count,
        asset=assets.asset_url,
        may_open=web.may_open,
        with_filters=web.with_filters,
        qr=markup.qr,
        icon=partial(markup.icon, assets.asset_url("icons.svg")),
        drawn=markup.drawn,
        drawn_each=markup.drawn_each,
        absolute=web.absolute,
    )
    env.filters.update(
        day=lambda value: languages.day(value, languages.reading.get()),
        short_day=lambda value: languages.short_day(value, languages.reading.get()),
        moment=lambda value: languages.moment(value, languages.reading.get()),
        short_moment=lambda value: languages.short_moment(value, languages.reading.get()),
        month=lambda value: languages.month(value.year, value.month, languages.reading.get()),
        ago=languages.ago,
        left=languages.left,
        money=languages.money,
        number=languages.number,
        size=languages.size,
        text=languages.here,
        paragraphs=markup.paragraphs,
        markdown=markup.markdown,
        plain=markup.plain,
        name=_name,
    )
    env.globals["ui"] = env.get_template("ui.html").module  # an import in each fragment would read it anew every time
    app.context_processor(web.shared_values)


class Compiled(FileSystemBytecodeCache):
    """Templates compiled once for all starts; where there is no room to keep one, it is compiled again."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled_before(settings: Settings) -> Compiled:
    folder = settings.data / "cache"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Compiled(str(folder))


def _spoken(message: str, /, **values: Any) -> Any:
    return markup.sentence(Words(message, values)) if values else languages.plainly(message, languages.reading.get())


def _spoken_count(one: str, many: str, /, n: int, **values: Any) -> Any:
    return markup.sentence(_n(one, many, n=n, **values))


def _name(person: Person | None) -> Any:
    """What somebody is called, set apart as their own text."""
    return markup.spoken(person.called) if person is not None else ""
