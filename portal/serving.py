"""How pages and static files leave the house: one server process that stops without cutting anybody off."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.utilities import RequestEntityTooLarge

from portal.config import MAX_BODY_BYTES, Settings, WrongSetting

THREADS = 8
GRACE_SECONDS = 10.0
MOST_THROWN_AWAY = 1024 * 1024 * 1024
MOST_UNREAD = 2 * 1024 * 1024  # bytes made for a reader who is slower; the rest is made when it has read on


def serve(
    application: Callable[..., Any],
    settings: Settings,
    when_listening: Callable[[str], None] = print,
    at_the_end: Callable[[], None] = lambda: None,
) -> int:
    """Serves until SIGTERM or SIGINT, then finishes what is running (10 s at most), calls `at_the_end` and answers 0.

    Must be called in the main thread. Raises WrongSetting if the address cannot be listened on.
    """
    server = _listen(application, settings)
    stop = Event()
    with _signals(server, stop):
        when_listening(_address(settings, server))
        while not stop.is_set():
            _turn(server, seconds=1.0)
    _finish(server)
    at_the_end()
    return 0


def _listen(application: Callable[..., Any], settings: Settings) -> BaseWSGIServer:
    try:
        server = create_server(
            application,
            host=settings.bind,
            port=settings.port,
            threads=THREADS,
            connection_limit=1000,
            asyncore_use_poll=True,
            channel_timeout=30,
            cleanup_interval=10,
            outbuf_high_watermark=MOST_UNREAD,
            max_request_body_size=MAX_BODY_BYTES + 1,  # the server refuses from here on, the portal what is more than its most
            max_request_header_size=64 * 1024,
            clear_untrusted_proxy_headers=settings.proxies == 0,
            ident=None,
        )
    except OSError as error:
        where = f"{settings.bind}:{settings.port}"
        raise WrongSetting(f"PORTAL_BIND and PORTAL_PORT: {where} cannot be listened on: {error.strerror}.") from None
    server.channel_class = Channel
    return server


class Parser(HTTPRequestParser):
    """What is too long to be read is answered by the portal, which sees its length and nothing of it.

    It is thrown away as it comes: browsers show no answer before they have sent everything. Who asks first, or sends more than
    anybody waits for, is answered at once.
    """

    left_bytes = 0
    expect_continue: bool

    def received(self, data: bytes) -> int:
        if self.left_bytes:
            thrown = min(len(data), self.left_bytes)
            self.left_bytes -= thrown
            self.completed = not self.left_bytes
            return thrown
        taken = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self._leave_to_the_portal()
        return taken

    def _leave_to_the_portal(self) -> None:
        self.error = None
        if self.content_length <= MOST_THROWN_AWAY and not self.expect_continue:
            self.left_bytes = self.content_length
        self.completed = not self.left_bytes
        if self.completed:
            self.expect_continue = False
            self.headers |= {"CONNECTION": "close", "CONTENT_LENGTH": str(max(self.content_length, self.body_bytes_received))}


class Channel(HTTPChannel):
    parser_class = Parser


def _address(settings: Settings, server: BaseWSGIServer) -> str:
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    return settings.url or f"http://{host}:{server.effective_port}"


@contextmanager
def _signals(server: BaseWSGIServer, stop: Event) -> Iterator[None]:
    """Inside, SIGTERM and SIGINT set `stop` and wake the server; afterwards a second one ends the process at once."""
    wake = server.trigger.trigger
    os.set_blocking(wake, False)
    before_wake = signal.set_wakeup_fd(wake)  # also when the signal comes just before the server begins to wait
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        signal.set_wakeup_fd(before_wake)
        for number, handler in before.items():
            signal.signal(number, handler)


def _turn(server: BaseWSGIServer, seconds: float) -> None:
    wasyncore.loop(timeout=seconds, use_poll=True, map=server._map, count=1)


def _finish(server: BaseWSGIServer) -> None:
    """Takes no new connection, lets running requests answer, closes the rest."""
    deadline = time.monotonic() + GRACE_SECONDS
    wasyncore.dispatcher.close(server)
    while server.active_channels and time.monotonic() < deadline:
        for channel in list(server.active_channels.values()):
            if not _is_answering(channel):
                channel.handle_close()
        _turn(server, seconds=0.05)
    server.task_dispatcher.shutdown(timeout=0.1)
    wasyncore.close_all(server._map)


def _is_answering(channel: HTTPChannel) -> bool:
    # In this order: a worker fills the buffer before it takes its request off the list.
    return bool(channel.requests) or bool(channel.total_outbufs_len)
