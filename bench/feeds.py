"""The shop with a hundred thousand products: what a page of its feed costs, and the whole of it in time and memory."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from bench.data import FOLDER, open_company, settings
from bench.measure import Result, cpu_ms, in_turns, ratio, wall_ms
from bench.pages import Site
from bench.start import free_port, wait_for
from portal import clock, db
from portal.config import Settings
from portal.demo.large import _copy, _highest, _swiftly

PRODUCTS = 100_000
PAGE, LIMIT = 100, 500  # products of a page as it is usually asked for, and at most
TIMES = 9
GOALS = {"feed.json": 1.15, "storefront": 1.5}
SAID = "350 ml，高温瓷，可入微波炉和洗碗机。" * 4
SERVING = """
from portal import config, create_app, serving
made = config.read()
serving.serve(create_app(made), made)
"""  # without its timed jobs, which take memory of their own
COLUMNS = {
    "accounts": "id book put",
    "items": "id kind code name name_en category_id unit place account_id",
    "products": "id item_id cost position version checked_version checked_by_id checked_at shown_version up_at created_at",
    "product_contents": "id product_id n name name_en brand description by_id at",
    "attachments": "id thing thing_id purpose sha256 name type size_bytes by_id at",
    "content_files": "content_id n attachment_id",
    "prices": "id product_id fen from_at case_id by_id approved_by_id",
    "special_prices": "product_id case_id fen starts_at ends_at by_id at",
}


def feeds() -> Iterator[Result]:
    large = _shop()
    yield from _pages(Site("small"), Site(large))
    db.disconnect()
    with _served(large) as server:
        yield from server.read()


def _pages(small: Site, large: Site) -> Iterator[Result]:
    """A page of JSON and the first page of the shop, among so many products against the demo company's few; and far down."""
    asked = {"feed.json": "/shop/feed.json", "storefront": "/shop"}
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in asked}
    for _time in range(TIMES):
        for side, site in enumerate((small, large)):
            site.open()
            for name, path in asked.items():
                ask = site.asking(path)
                for _warm in range(3):
                    ask()
                taken[name][side].extend(cpu_ms(ask) for _visit in range(TIMES))
    for name, (few, many) in taken.items():
        yield ratio(f"{name}, a page among {PRODUCTS:,} products against 200", GOALS[name], median(many), median(few), "200")
    highest = _highest("products")
    far, near = (large.asking(f"/shop/feed.json?after={after}") for after in (highest - PAGE - 1, highest - PRODUCTS))
    last, first = in_turns(far, near, rounds=TIMES)
    yield ratio("feed.json, the last page against the first", 1.15, last, first, "first")


# ---- read over the wire ---------------------------------------------------------------------------------------------


class Server:
    """A portal that runs as a process of its own."""

    def __init__(self, process: int, port: int) -> None:
        self.process, self.port = process, port

    def read(self) -> Iterator[Result]:
        """The whole feed: when its first product is there, and what the process takes while it is read."""
        begins, page = [], []
        for _time in range(TIMES):
            begins.append(wall_ms(lambda: self._ask("/shop/feed.xml", until=b"</item>")))
            page.append(wall_ms(lambda: self._ask(f"/shop/feed.xml?limit={LIMIT}")))
        than = f"whole page of {LIMIT}"
        yield ratio("feed.xml, its first product, against a page of it", 1.0, median(begins), median(page), than)
        read = [self._grown() for _time in range(TIMES)]
        size, grown = read[0][0], max(grown for _size, grown in read)
        told = f"{grown / 1e6:.1f} MB; whole {size / 1e6:.1f} MB"
        yield Result(f"feed.xml of {PRODUCTS:,} products, memory against its size", grown / size, 0.25, told)

    def _grown(self) -> tuple[int, int]:
        """Bytes of the whole feed, and by how many the process grew at most while it was read."""
        Path(f"/proc/{self.process}/clear_refs").write_text("5")  # the most it ever had is counted from here on
        before = self._memory("VmRSS")
        size = self._ask("/shop/feed.xml")
        return size, self._memory("VmHWM") - before

    def _ask(self, path: str, until: bytes = b"") -> int:
        """Reads the answer, or until this stands in it; answers how many bytes it read."""
        asked = HTTPConnection("127.0.0.1", self.port, timeout=600)
        asked.request("GET", path)
        answer, size, found = asked.getresponse(), 0, False
        while not found and (read := answer.read1(65536)):
            size, found = size + len(read), bool(until) and until in read
        asked.close()
        assert answer.status == 200 and found == bool(until)
        return size

    def _memory(self, name: str) -> int:
        told = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{self.process}/status").read_text(), re.MULTILINE)
        assert told is not None
        return int(told[1]) * 1024


@contextmanager
def _served(made: Settings) -> Iterator[Server]:
    port = free_port()
    environ = os.environ | {"PORTAL_DATA": str(made.data), "PORTAL_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-c", SERVING], env=environ, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/shop/feed.json")
        yield Server(process.pid, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


# ---- a hundred thousand products ------------------------------------------------------------------------------------


def _shop() -> Settings:
    """A copy of the small company with so many products on the shelf, written in bulk."""
    small, folder = settings("small"), FOLDER / "shop"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(small.data, folder)
    url = f"sqlite:///{folder}/portal.db"
    open_company(url, folder)
    with _swiftly():
        _fill()
    db.run("ANALYZE")
    db.disconnect()
    return Settings(data=folder, database=url)


@db.transaction
def _fill() -> None:
    """Each with a picture, every tenth in a promotion, as the demo company's own."""
    now = db.to_ms(clock.now())
    case, by, other = db.row("SELECT case_id, by_id, approved_by_id FROM prices LIMIT 1")  # type: ignore[misc]
    (treatment,) = db.row("SELECT MAX(case_id) FROM special_prices")  # type: ignore[misc]
    last = {table: _highest(table) for table in COLUMNS if table not in ("content_files", "special_prices")}
    categories = [key for (key,) in db.rows("SELECT id FROM item_categories WHERE kind = 'product' ORDER BY id")]
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
    for n in range(1, PRODUCTS + 1):
        key = {table: highest + n for table, highest in last.items()} | {"category": categories[n % len(categories)]}
        _write(rows, n, key, by, now)
        rows["prices"].append((key["prices"], key["products"], 3900 + n % 100, now, case, by, other))
        if n % 10 == 0:
            rows["special_prices"].append((key["products"], treatment, 3000, now - 1000, now + 10**10, by, now))
    for table, columns in COLUMNS.items():
        _copy(table, columns.split(), rows[table])


def _write(rows: dict[str, list[tuple[Any, ...]]], n: int, key: dict[str, int], by: int, now: int) -> None:
    item, product, content, file = (key[table] for table in ("items", "products", "product_contents", "attachments"))
    name, name_en, picture = f"原野系列马克杯 陶红 {n}", f"Field mug {n}", hashlib.sha256(str(n).encode()).hexdigest()
    rows["accounts"].append((key["accounts"], "stock", 10))
    rows["items"].append((item, "product", f"BENCH-{n:06d}", name, name_en, key["category"], "件", "K-1", key["accounts"]))
    rows["products"].append((product, item, 1300, n % 1000, 1, 1, by, now, 1, now, now))
    rows["product_contents"].append((content, product, 1, name, name_en, "云杉", SAID, by, now))
    rows["attachments"].append((
        file, "product", product, "product_picture", picture, f"{n}.jpg", "image/jpeg", 40_000, by, now,
    ))  # fmt: skip
    rows["content_files"].append((content, 1, file))
