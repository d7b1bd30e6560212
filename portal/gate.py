"""What stands before every page: sessions, rights, forged and foreign requests; and one way to say what went wrong."""

from __future__ import annotations

import errno
import logging
import time
import uuid

import peewee
from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from htmx_flask import Htmx
from htmx_flask import request as htmx_request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal import db, history, languages, passwords, sessions
from portal.access import Right
from portal.attachments import PURPOSES, in_mb
from portal.fields import clean
from portal.persons import Person
from portal.refused import NotYours, Refused
from portal.web import UNSAFE, ConfirmFirst, address, go, inside, me, my_posts, my_session, page, public, send_again, split, typed
from portal.words import Words, _

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

csrf = CSRFProtect()
log = logging.getLogger("portal.requests")


def install(app: Flask, rights: dict[str, Right], quiet: set[str]) -> None:
    """Puts the gate, the sessions and the error handler before every page of the application."""
    app.extensions["rights"], app.extensions["quiet"] = rights, quiet
    app.before_request(_begin)
    app.before_request(_know)
    app.before_request(_gate)
    csrf.init_app(app)
    app.before_request(_confirm)
    app.after_request(_finish)
    app.teardown_request(_close_broken)
    Htmx(app)
    manager = LoginManager(app)
    manager.session_protection = None  # sessions are rows here: nothing is read from the browser but the token
    manager.user_loader(_load)
    app.register_error_handler(Refused, _say_refused)
    app.register_error_handler(ConfirmFirst, lambda _error: send_again("shared/confirm.html", 401))
    app.register_error_handler(CSRFError, _say_forged)
    app.register_error_handler(RequestEntityTooLarge, _say_too_large)
    app.register_error_handler(HTTPException, lambda error: say_error(error.code or 500))
    app.register_error_handler(peewee.OperationalError, _say_busy)
    app.register_error_handler(OSError, _say_full)


def check_rights(app: Flask) -> None:
    """A route without a declared right is a mistake found at the start."""
    known = app.extensions["rights"]
    without = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - set(known))
    assert not without, f"no right declared for {', '.join(without)}"


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = uuid.uuid4().hex[:16]
    history.request_id.set(g.request_id)
    languages.reading.set(_asked_language())
    allowed = current_app.config["HOSTS"]
    if request.host.rsplit(":", 1)[0].strip("[]").lower() not in allowed:
        abort(400)
    if request.method in UNSAFE and _is_from_elsewhere():
        raise NotYours(_("This came from another site, so nothing was done."))
    if request.mimetype == "application/x-www-form-urlencoded":
        _refuse_too_much()


def _is_from_elsewhere() -> bool:
    """What browsers say of the page a form stood on; over plain http they say it by `Origin` alone."""
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and split(origin).hostname not in current_app.config["HOSTS"]
    return is_foreign or request.headers.get("Sec-Fetch-Site") == "cross-site"


def _refuse_too_much() -> None:
    """The limits of forms, before one is read: the framework keeps them for forms with files only (requirement 29)."""
    limits = current_app.config
    is_long = (request.content_length or 0) > limits["MAX_FORM_MEMORY_SIZE"]
    if is_long or request.get_data().count(b"&") >= limits["MAX_FORM_PARTS"]:
        abort(413)


def _asked_language() -> str:
    kept = request.cookies.get("language", "")
    return kept if languages.is_language(kept) else languages.chosen([code for code, _weight in request.accept_languages])


def _load(token: str) -> Person | None:
    found = sessions.find(token)
    if found is None:
        return None
    g.signed_in = found
    return found.person


def _know() -> None:
    """Who asks, in which language, and whether that counts as use of the session."""
    if request.endpoint == "static" or not current_user.is_authenticated:
        return
    if languages.is_language(me().language):
        languages.reading.set(me().language)
    if request.endpoint not in current_app.extensions["quiet"]:
        _note_use()


def _note_use() -> None:
    """Reading goes on where nothing can be written just now (requirement 40)."""
    try:
        sessions.note_use(my_session())
    except peewee.OperationalError:
        if request.method in UNSAFE:
            raise
        db.disconnect()


def _gate() -> Response | None:
    endpoint = request.endpoint
    right = current_app.extensions["rights"][endpoint] if endpoint else public  # no such page: 404 or 405 for everybody
    if right == public:
        return None
    if not current_user.is_authenticated:
        return _sign_in_first()
    if passwords.is_expired(me()) and endpoint not in ("people.change_password", "people.sign_out", "people.language"):
        return go("people.change_password", next=inside(request.full_path.rstrip("?")) if request.method == "GET" else "/")
    if not right.allows(my_posts()):
        raise NotYours()
    return None


def _sign_in_first() -> Response:
    """To the sign-in page; what was typed into a form meanwhile is kept and sent on afterwards."""
    here = request.full_path.rstrip("?")
    if request.method in UNSAFE and typed():
        return send_again("people/sign_in.html", 401, again=True, next=here)
    if request.method in UNSAFE:
        here = split(request.referrer or "/").path
    address = url_for("people.sign_in", next=inside(here) if inside(here) != "/" else None)
    if htmx_request.htmx:
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address, 303)  # type: ignore[return-value]


def _confirm() -> Response | None:
    """The answer to `ConfirmFirst`: the password came with the form."""
    if request.method not in UNSAFE or "_password" not in request.form or not current_user.is_authenticated:
        return None
    if not sessions.is_own_password(me(), request.form["_password"], address()):
        return send_again("shared/confirm.html", 422, wrong=True)
    sessions.confirm(my_session().id)
    g.confirmed = True
    return None


def _finish(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    if current_app.config["PORTAL"].is_https:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    _log(answer)
    return answer


def _log(answer: Response) -> None:
    """One JSON line a request, without anything secret."""
    said = {
        "id": g.get("request_id", ""),
        "user": current_user.id if "_login_user" in g and current_user.is_authenticated else None,
        "route": request.endpoint,
        "method": request.method,
        "status": answer.status_code,
        "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
    }
    log.info(said)


def _close_broken(error: BaseException | None) -> None:
    """A connection that failed is not kept for the next request of this thread."""
    if isinstance(error, peewee.InterfaceError | peewee.OperationalError):
        db.disconnect()


# ---- errors ---------------------------------------------------------------------------------------------------------

SENTENCES: dict[int, Words] = {
    400: _("This request cannot be read"),
    401: _("Please sign in"),
    403: _("You have no permission"),
    404: _("There is nothing here"),
    405: _("This cannot be done here"),
    409: _("It changed meanwhile"),
    413: _("This is too large"),
    422: _("Something typed cannot be taken"),
    429: _("Too many attempts"),
    500: _("Something went wrong on our side"),
    503: _("The portal cannot write just now"),
}


def say_error(status: int, why: Words | None = None) -> Response:
    """The page of an error: what is wrong, what to do now, and the number that is also in the log."""
    sentence = why or SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400])
    return page(
        "shared/error.html",
        status,
        fragment="shared/_error.html",
        status_code=status,
        sentence=sentence,
        error_id=g.get("request_id", ""),
    )


def _say_refused(refusal: Refused) -> Response:
    if isinstance(refusal, NotYours) and current_user.is_authenticated and not getattr(refusal, "is_recorded", False):
        history.refuse(f"{request.method} {clean(request.path)}", me(), str(refusal))
    return say_error(refusal.status, refusal.why)


def _say_too_large(_error: RequestEntityTooLarge) -> Response:
    """Of files, how large one may be at all: none of what came with them was read, not even for what they were."""
    sent, most = request.content_length or 0, max(each.largest_bytes() for each in PURPOSES.values())
    if request.mimetype != "multipart/form-data" or sent <= most:
        return say_error(413)
    text = _(
        "You sent %(sent)s MB, but a file may have %(most)s MB at most, on some pages less. Nothing was kept.",
        sent=in_mb(sent),
        most=in_mb(most),
    )
    return say_error(413, text)


def _say_forged(_error: CSRFError) -> Response:
    """A form without a token that counts: nothing is done; who filled it in here may send it again."""
    if current_user.is_authenticated and typed() and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
        return send_again("shared/send_again.html", 400)
    return say_error(400, _("This form is no longer valid. Open the page again and send it anew."))


def _say_busy(error: peewee.OperationalError) -> Response:
    log.error({"id": g.get("request_id", ""), "database": str(error)[:300]})
    db.disconnect()
    return say_error(503)


def _say_full(error: OSError) -> Response:
    """No room for a file; any other trouble with files is a mistake of ours."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS):
        raise error
    log.error({"id": g.get("request_id", ""), "disk": str(error)[:300]})
    return say_error(503)
