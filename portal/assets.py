"""Static files under addresses that change with their content, and answers small enough for a slow line."""

from __future__ import annotations

import gzip
import mimetypes
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "static"
PREFIX = "/static/"
FOR_EVER = "public, max-age=31536000, immutable"
SMALLEST_BYTES = 1000
PACKED_TYPES = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
SAFETY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
MORE_TYPES = {
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
}

Application = Callable[..., Iterable[bytes]]


@dataclass(frozen=True)
class Asset:
    kind: str
    plain: bytes
    packed: bytes | None


class Assets:
    """A folder read once. One digest stands for all of it, so relative addresses inside a style sheet keep working."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        self._files = {path.relative_to(folder).as_posix(): _asset(path) for path in paths}
        digest = sha256()
        for name, asset in self._files.items():
            digest.update(f"{name}\n{len(asset.plain)}\n".encode() + asset.plain)
        self.digest = digest.hexdigest()[:8]

    def url(self, name: str) -> str:
        assert name in self._files, f"static/{name} does not exist"
        return f"{PREFIX}{self.digest}/{name}"

    def answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        digest, _slash, name = environ["PATH_INFO"][len(PREFIX) :].partition("/")
        asset = self._files.get(name)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _plain_answer(start_response, "405 Method Not Allowed", [("Allow", "GET, HEAD")])
        if asset is None:
            return _plain_answer(start_response, "404 Not Found", [])
        is_packed = asset.packed is not None and _takes_gzip(environ)
        body = asset.packed if is_packed and asset.packed else asset.plain
        headers = [
            ("Content-Type", asset.kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", FOR_EVER if digest == self.digest else "no-cache"),
            *SAFETY,
        ]
        headers += [("Vary", "Accept-Encoding")] if asset.packed else []
        headers += [("Content-Encoding", "gzip")] if is_packed else []
        start_response("200 OK", headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []


@cache
def assets() -> Assets:
    return Assets()


@cache
def asset_url(name: str) -> str:
    """The address of a file in static/, for templates."""
    return assets().url(name)


def dressed(application: Application, static: Assets | None = None) -> Application:
    """The application with static files before it and compression behind it: `app.wsgi_app = dressed(app.wsgi_app)`."""
    files = static or assets()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            return files.answer(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD" and _takes_gzip(environ):
            return _packing(application, environ, start_response)
        return application(environ, start_response)

    return answer


def _packing(application: Application, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    begun: list[Any] = []

    def keep(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        begun[:] = [status, headers, exc_info]
        return _no_write

    chunks = application(environ, keep)
    assert begun, "an application says its status before it gives its body"
    status, headers, exc_info = begun
    if not _is_worth_packing(headers):
        start_response(status, headers, exc_info)
        return chunks
    try:
        body = pack(b"".join(chunks))
    finally:
        getattr(chunks, "close", lambda: None)()
    start_response(status, _packed_headers(headers, len(body)), exc_info)
    return [body]


def pack(body: bytes) -> bytes:
    """Gzip, with a file name of random length in its head.

    The length of a packed page must not tell what is in it: the token against forged forms stands beside text that
    others may choose. That token is signed anew with every second; the random length covers what is left.
    """
    buffer = BytesIO()
    with gzip.GzipFile("x" * (1 + secrets.randbelow(32)), "wb", compresslevel=5, fileobj=buffer, mtime=0) as packed:
        packed.write(body)
    return buffer.getvalue()


def _is_worth_packing(headers: list[tuple[str, str]]) -> bool:
    """Whole texts only: what is made row by row has no length yet and goes out as it comes."""
    named = {name.lower(): value for name, value in headers}
    size_bytes = int(named.get("content-length", "0"))
    return (
        size_bytes >= SMALLEST_BYTES
        and "content-encoding" not in named
        and named.get("content-type", "").startswith(PACKED_TYPES)
    )


def _packed_headers(headers: list[tuple[str, str]], size_bytes: int) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "vary")]
    vary = [value for name, value in headers if name.lower() == "vary"]
    return [
        *kept,
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(size_bytes)),
        ("Vary", ", ".join([*vary, "Accept-Encoding"])),
    ]


def _takes_gzip(environ: dict[str, Any]) -> bool:
    for offer in environ.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        coding, _semicolon, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _asset(path: Path) -> Asset:
    kind = MORE_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    plain = path.read_bytes()
    is_text = kind.startswith(PACKED_TYPES)
    packed = gzip.compress(plain, 9, mtime=0) if is_text and len(plain) >= SMALLEST_BYTES else None
    return Asset(f"{kind}; charset=utf-8" if is_text else kind, plain, packed)


def _plain_answer(start_response: Callable[..., Any], status: str, headers: list[tuple[str, str]]) -> list[bytes]:
    body = status.encode()
    kind = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, [*kind, *headers, *SAFETY])
    return [body]


def _no_write(_data: bytes) -> None:
    raise AssertionError("pages are returned, not written")
