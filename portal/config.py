"""Where and how this portal runs: deployment settings, read from the environment once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

DOCUMENTED = (
    ("PORTAL_DATA", "data/", "The one folder that holds everything: database, files, secret. Back this up."),
    ("PORTAL_DATABASE", "the file portal.db in PORTAL_DATA", "postgresql://user:password@host/name for PostgreSQL."),
    ("PORTAL_BIND", "127.0.0.1", "The network address to listen on; 0.0.0.0 for all."),
    ("PORTAL_PORT", "8000", "The port to listen on."),
    ("PORTAL_URL", "not set", "The address people type, such as https://portal.example.com: the one host answered to."),
    ("PORTAL_PROXIES", "0", "How many reverse proxies stand in front and may be believed about who asks."),
    ("PORTAL_DEBUG", "0", "1 shows programmers' error pages; never where others can reach the portal."),
)
FOR_TESTS = "PORTAL_TEST_"
MAX_BODY_BYTES = 64 * 1024 * 1024  # the largest file a policy may allow, and the form around it


class WrongSetting(Exception):
    """A setting the portal cannot start with; the message is a sentence that names it."""


@dataclass(frozen=True)
class Settings:
    data: Path
    database: str
    bind: str = "127.0.0.1"
    port: int = 8000
    url: str | None = None
    proxies: int = 0
    debug: bool = False

    @property
    def is_https(self) -> bool:
        return bool(self.url and self.url.startswith("https://"))


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises WrongSetting. Makes nothing: the folder appears when something is first kept in it."""
    _refuse_unknown(environ)
    given = {name: text.strip() for name, text in environ.items() if name.startswith("PORTAL_") and text.strip()}
    data = Path(given.get("PORTAL_DATA", "data")).expanduser().absolute()
    if data.exists() and not data.is_dir():
        raise WrongSetting(f"PORTAL_DATA must be a folder, but {data} is a file.")
    return Settings(
        data=data,
        database=_database(given.get("PORTAL_DATABASE"), data),
        bind=_bind(given.get("PORTAL_BIND", "127.0.0.1")),
        port=_number("PORTAL_PORT", given.get("PORTAL_PORT", "8000"), 65535),
        url=_url(given.get("PORTAL_URL")),
        proxies=_number("PORTAL_PROXIES", given.get("PORTAL_PROXIES", "0"), 9),
        debug=_yes_or_no("PORTAL_DEBUG", given.get("PORTAL_DEBUG", "0")),
    )


def secret_key(settings: Settings) -> str:
    """The key that signs cookies: made on first use, readable only by the account the portal runs under."""
    path = settings.data / "secret"
    if not path.exists():
        _make_secret(path)
    path.chmod(0o600)
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise WrongSetting(f"PORTAL_DATA holds a secret that is too short: remove {path} and start again.")
    return secret


def _make_secret(path: Path) -> None:
    """Whole or not at all: of two processes that start at once, the first one's secret stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"secret.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {name for name, _default, _about in DOCUMENTED}
    for name in sorted(environ):
        if name.startswith("PORTAL_") and not name.startswith(FOR_TESTS) and name not in known:
            raise WrongSetting(f"{name} is not a setting of the portal; there are {', '.join(sorted(known))}.")


def _database(text: str | None, data: Path) -> str:
    if text is None:
        return f"sqlite:///{data / 'portal.db'}"
    parts = urlsplit(text)
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return text
    if parts.scheme in ("postgresql", "postgres") and parts.path.strip("/"):
        return text.replace("postgres://", "postgresql://", 1)
    raise WrongSetting("PORTAL_DATABASE must name a PostgreSQL database: postgresql://user:password@host/name.")


def _bind(text: str) -> str:
    if text == "localhost":
        return "127.0.0.1"
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        raise WrongSetting(f"PORTAL_BIND must be a network address such as 127.0.0.1, not {text}.") from None


def _number(name: str, text: str, largest: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= largest):
        raise WrongSetting(f"{name} must be a number from 0 to {largest}, not {text}.")
    return int(text)


def _url(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise WrongSetting(f"PORTAL_URL must be an address without a path, such as https://portal.example.com, not {text}.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise WrongSetting(f"{name} must be 1 or 0, not {text}.")
    return text == "1"
