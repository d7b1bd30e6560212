"""One process that serves, compresses, and stops without cutting anybody off."""

import gzip
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from portal.assets import FOR_EVER, Assets, dressed

pytestmark = pytest.mark.no_database

PORTAL = """
import sys, time
from pathlib import Path
from portal import serving
from portal.assets import dressed
from portal.config import Settings

def application(environ, start_response):
    seconds, _, megabytes = environ["QUERY_STRING"].partition("&")
    print("asked", flush=True)
    time.sleep(float(seconds or 0))
    body = b"m" * (int(megabytes or 0) * 1024 * 1024) + b"done"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

settings = Settings(data=Path("."), database="", port=0)
listening = lambda address: print(address, flush=True)
ended = lambda: print("jobs stopped", flush=True)
serving.GRACE_SECONDS = float(sys.argv[1])
sys.exit(serving.serve(application, settings, listening, ended))
"""


class Served:
    def __init__(self, process):
        self.process = process
        self.port = int(process.stdout.readline().rsplit(":", 1)[1])

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)

    def begin(self, seconds):
        """Asks for an answer that takes that long, and returns once the portal works on it."""
        connection = self.connect()
        connection.request("GET", f"/?{seconds}")
        assert self.process.stdout.readline() == "asked\n"
        return connection


@contextmanager
def serving(grace_seconds=10.0):
    command = [sys.executable, "-c", PORTAL, str(grace_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Served(process)
        finally:
            process.kill()


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_request_is_finished_before_the_end(number):
    with serving() as portal:
        running = portal.begin(seconds=1)

        portal.process.send_signal(number)

        assert running.getresponse().read() == b"done"
        assert portal.process.wait(timeout=5) == 0
        assert portal.process.stdout.read() == "jobs stopped\n"


@pytest.mark.server
def test_waiting_requests_are_finished_too():
    with serving() as portal:
        answers = []
        asking = [threading.Thread(target=_ask, args=(portal, answers)) for _n in range(12)]
        for each in asking:
            each.start()
        for _n in range(8):
            portal.process.stdout.readline()
        time.sleep(0.2)

        portal.process.send_signal(signal.SIGTERM)

        for each in asking:
            each.join()
        assert answers == [b"done"] * 12
        assert portal.process.wait(timeout=5) == 0


def _ask(portal, answers):
    connection = portal.connect()
    connection.request("GET", "/?0.7")
    answers.append(connection.getresponse().read())


@pytest.mark.server
def test_nobody_new_is_taken_while_stopping():
    with serving() as portal:
        running = portal.begin(seconds=3)

        portal.process.send_signal(signal.SIGTERM)

        assert _is_refused(portal, within_seconds=2.5)
        assert running.getresponse().read() == b"done"


def _is_refused(portal, within_seconds):
    until = time.monotonic() + within_seconds
    while time.monotonic() < until:
        try:
            portal.connect().connect()
        except (ConnectionRefusedError, ConnectionResetError):  # the second where it had been let into the queue
            return True
        time.sleep(0.1)
    return False


@pytest.mark.server
def test_an_idle_or_half_sent_connection_does_not_hold_the_end_up():
    with serving() as portal:
        idle = portal.begin(seconds=0)
        idle.getresponse().read()
        half_sent = portal.connect()
        half_sent.connect()
        half_sent.sock.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
        time.sleep(0.2)

        began = time.monotonic()
        portal.process.send_signal(signal.SIGTERM)

        assert portal.process.wait(timeout=5) == 0
        assert time.monotonic() - began < 2


@pytest.mark.server
def test_a_request_that_never_ends_does_not_keep_the_portal_alive():
    with serving(grace_seconds=0.5) as portal:
        portal.begin(seconds=60)

        portal.process.send_signal(signal.SIGTERM)

        assert portal.process.wait(timeout=5) == 0


MUCH = {"all of it written for the reader": 8, "more than is written ahead": 24}  # megabytes


@contextmanager
def slow_reader(portal, megabytes):
    """A socket that has begun to read an answer of that size, and takes little at a time."""
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        reader.settimeout(5)
        reader.connect(("127.0.0.1", portal.port))
        reader.sendall(f"GET /?0&{megabytes} HTTP/1.0\r\n\r\n".encode())
        assert portal.process.stdout.readline() == "asked\n"
        time.sleep(0.5)  # until the answer has been handed over
        yield reader


def _read_slowly(reader):
    read = bytearray()
    while some := reader.recv(256 * 1024):
        read += some
        time.sleep(0.002)
    return bytes(read).partition(b"\r\n\r\n")[2]


@pytest.mark.server
@pytest.mark.parametrize("megabytes", MUCH.values(), ids=MUCH)
def test_who_reads_slowly_gets_the_whole_answer_before_the_end(megabytes):
    with serving() as portal, slow_reader(portal, megabytes) as reader:
        portal.process.send_signal(signal.SIGTERM)
        body = _read_slowly(reader)

        assert len(body) == megabytes * 1024 * 1024 + len(b"done")
        assert body.endswith(b"mdone")
        assert portal.process.wait(timeout=5) == 0
        assert portal.process.stdout.read() == "jobs stopped\n"


@pytest.mark.server
@pytest.mark.parametrize("megabytes", MUCH.values(), ids=MUCH)
def test_who_never_reads_does_not_keep_the_portal_alive(megabytes):
    with serving(grace_seconds=0.5) as portal, slow_reader(portal, megabytes):
        began = time.monotonic()
        portal.process.send_signal(signal.SIGTERM)

        assert portal.process.wait(timeout=5) == 0
        assert 0.5 <= time.monotonic() - began < 3


@pytest.mark.server
def test_no_answer_names_the_server():
    with serving() as portal:
        connection = portal.begin(seconds=0)

        answer = connection.getresponse()

        assert answer.getheader("Server") is None
        assert answer.getheader("Via") is None


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "portal.css").write_text("body { background: url(tick.svg) }\n" * 100)
    (tmp_path / "tick.svg").write_text("<svg/>")
    return tmp_path


def page(body, headers=()):
    def application(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), *headers])
        return [body]

    return application


def sized(body):
    return page(body, [("Content-Length", str(len(body)))])


def browser(folder, application=page(b"")):
    return Client(dressed(application, Assets(folder)), Response)


def test_a_static_file_is_kept_for_ever(folder):
    url = Assets(folder).url("portal.css")

    answer = browser(folder).get(url)

    assert answer.status_code == 200
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == FOR_EVER
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_changed_file_has_another_address(folder):
    before = Assets(folder).url("portal.css")

    (folder / "tick.svg").write_text("<svg></svg>")

    assert Assets(folder).url("portal.css") != before


def test_an_address_inside_a_style_sheet_is_kept_for_ever_too(folder):
    url = Assets(folder).url("portal.css")

    answer = browser(folder).get(url.replace("portal.css", "tick.svg"))

    assert answer.data == b"<svg/>"
    assert answer.headers["Cache-Control"] == FOR_EVER


def test_an_old_address_answers_with_what_there_is_now(folder):
    answer = browser(folder).get("/static/0123456789abcdef/tick.svg")

    assert answer.data == b"<svg/>"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_static_files_are_packed_for_who_takes_it(folder):
    url = Assets(folder).url("portal.css")

    packed = browser(folder).get(url, headers={"Accept-Encoding": "br, gzip"})
    plain = browser(folder).get(url, headers={"Accept-Encoding": "gzip;q=0"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["x/nothing.css", "x/../portal.css", "x/%2e%2e/secret", "", "x"])
def test_nothing_but_the_static_files_is_served(folder, path):
    answer = browser(folder).get(f"/static/{path}")

    assert answer.status_code == 404


def test_static_files_are_only_read(folder):
    answer = browser(folder).post(Assets(folder).url("tick.svg"))

    assert answer.status_code == 405


def test_a_name_that_does_not_exist_is_a_programmers_mistake(folder):
    assets = Assets(folder)

    with pytest.raises(AssertionError, match=r"static/portl\.css does not exist"):
        assets.url("portl.css")


def test_a_page_is_packed(folder):
    body = b"<p>What waits for me</p>" * 100

    answer = browser(folder, sized(body)).get("/", headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(answer.data) == body
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(body)
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_the_length_of_a_packed_page_does_not_tell_what_is_in_it(folder):
    asking = browser(folder, sized(b"<p>What waits for me</p>" * 100))

    lengths = {len(asking.get("/", headers={"Accept-Encoding": "gzip"}).data) for _n in range(50)}

    assert len(lengths) > 5


@pytest.mark.parametrize(
    "application",
    [
        sized(b"<p>short</p>"),
        page(b"row by row," * 1000),
        page(b"\x89PNG" * 1000, [("Content-Length", "4000"), ("Content-Encoding", "identity")]),
    ],
    ids=["short", "made row by row", "packed already"],
)
def test_what_gains_nothing_is_not_packed(folder, application):
    plain = browser(folder, application).get("/")

    answer = browser(folder, application).get("/", headers={"Accept-Encoding": "gzip"})

    assert answer.data == plain.data
    assert answer.headers.get("Content-Encoding") != "gzip"
