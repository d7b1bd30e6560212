"""`make soak`: the properties with many examples, then random load on a real server that is killed again and again."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from html import unescape
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from bench.data import FOLDER, ROOT, open_company, settings
from bench.start import free_port, wait_for
from portal import checks, clock, db
from portal.demo import accounts

PROPERTIES = ("tests/test_ledger.py", "tests/test_money.py", "tests/test_words.py", "tests/test_spending_races.py")
EXAMPLES_SECONDS = 15 * 60
LOAD_SECONDS = 3 * 60
BETWEEN_KILLS = (3.0, 9.0)
USERS = 6
BROKEN = (URLError, HTTPException, ConnectionError, TimeoutError)  # what somebody sees whose server was just killed


def main() -> int:
    found = [*_many_examples(), *_load_and_kill()]
    for sentence in found:
        print(sentence)
    print("Something is wrong." if found else "Everything held.")
    return 1 if found else 0


def _many_examples() -> list[str]:
    """Every property with the long profile of hypothesis, for as long as there is time."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--hypothesis-profile=soak", *PROPERTIES]
    try:
        done = subprocess.run(command, cwd=ROOT, timeout=EXAMPLES_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"The properties held for {EXAMPLES_SECONDS} s, and were stopped.")
        return []
    return [f"pytest ended with {done.returncode}"] if done.returncode not in (0, 5) else []


# ---- load -----------------------------------------------------------------------------------------------------------


def _load_and_kill() -> list[str]:
    folder = FOLDER / "soak"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(settings("small").data, folder)
    found: list[str] = []
    until, kills = time.monotonic() + LOAD_SECONDS, 0
    load = Load(random.Random(1))
    while time.monotonic() < until and not found:
        _serve_until_killed(folder, load)
        kills += 1
        found = _findings(folder)
    print(f"{load.done} requests answered, {load.moved} of them changed something; killed {kills} times.")
    return found + load.faults


def _serve_until_killed(folder: Path, load: Load) -> None:
    port = free_port()
    environ = os.environ | {"PORTAL_DATA": str(folder), "PORTAL_PORT": str(port)}
    server = subprocess.Popen([sys.executable, "-m", "portal", "serve"], env=environ, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/sign-in")
        threads = [threading.Thread(target=load.run, args=(port, n)) for n in range(USERS)]
        for thread in threads:
            thread.start()
        time.sleep(load.chance.uniform(*BETWEEN_KILLS))
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    for thread in threads:
        thread.join()


def _findings(folder: Path) -> list[str]:
    open_company(f"sqlite:///{folder}/portal.db", folder)
    try:
        return checks.findings()
    finally:
        db.disconnect()


class Load:
    """People who open pages, ask for spending, comment and decide, at random."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.done, self.moved = chance, 0, 0
        self.faults: list[str] = []
        by_role = accounts()
        self.people = [by_role[0], by_role[0], *(each for each in by_role if not each["roles"] or "planner" in each["roles"])]

    def run(self, port: int, n: int) -> None:
        """Goes on until the server is gone."""
        browser, site = build_opener(HTTPCookieProcessor(CookieJar())), f"http://127.0.0.1:{port}"
        person = self.people[n % len(self.people)]
        try:
            self._send(browser, f"{site}/sign-in", {"user": person["user"], "password": person["password"]}, f"{site}/sign-in")
            while True:
                self.chance.choice((self._look, self._ask, self._ask, self._decide, self._comment))(browser, site)
        except BROKEN:
            return

    def _look(self, browser: OpenerDirector, site: str) -> None:
        self._get(
            browser,
            site + self.chance.choice(("/", "/inbox", "/papers", "/search?q=%E9%87%87%E8%B4%AD", "/budget")),
        )

    def _ask(self, browser: OpenerDirector, site: str) -> None:
        form = self._get(browser, f"{site}/papers/new/spending")
        lines = re.findall(r'<option value="(\d+)"', form)
        if not lines:
            return
        typed = {"title": "压力测试", "purpose": "压力测试", "expected_date": f"{clock.today().year}-12-31", "nature": "office"}
        typed |= {"line": self.chance.choice(lines), "lines-0-text": "一行", "lines-0-amount": str(self.chance.randint(1, 4000))}
        typed |= {"do": self.chance.choice(("submit", "submit", "save"))}
        self._send(browser, f"{site}/papers/new/spending", _hidden(form) | typed)

    def _paper(self, browser: OpenerDirector, site: str) -> tuple[str, str]:
        found = re.findall(r'href="(/papers/\d+|/inbox\?paper=\d+)"', self._get(browser, f"{site}/inbox"))
        if not found:
            return "", ""
        address = site + "/papers/" + re.split(r"[/=]", self.chance.choice(found))[-1]
        return address, self._get(browser, address)

    def _decide(self, browser: OpenerDirector, site: str) -> None:
        address, page = self._paper(browser, site)
        shown = dict(re.findall(r'name="(state|version)" value="([^"]*)"', page))
        if address:
            step = self.chance.choice(("approve", "reject", "return", "withdraw"))
            self._send(browser, f"{address}/steps", _hidden(page) | shown | {"step": step, "note": "压力测试", "to": "draft"})

    def _comment(self, browser: OpenerDirector, site: str) -> None:
        address, page = self._paper(browser, site)
        if address:
            self._send(browser, f"{address}/comments", _hidden(page) | {"note": "看过了", "text": "看过了"})

    def _get(self, browser: OpenerDirector, address: str) -> str:
        return self._open(browser, address, None)

    def _send(self, browser: OpenerDirector, address: str, typed: dict[str, str], form: str = "") -> None:
        if form:
            typed = _hidden(self._get(browser, form)) | typed
        self._open(browser, address, urlencode(typed).encode())

    def _open(self, browser: OpenerDirector, address: str, body: bytes | None) -> str:
        """The page; what is refused is a page too, a fault of the server is kept."""
        try:
            with browser.open(address, body, timeout=30) as answer:
                self.done += 1
                self.moved += body is not None
                return answer.read().decode()
        except HTTPError as error:
            self.done += 1
            if error.code >= 500:
                self.faults.append(f"{address}: {error.code}")
            return error.read().decode()


def _hidden(page: str) -> dict[str, str]:
    """The hidden fields of the last form of the page, such as its token."""
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(csrf_token|token)" value="([^"]*)"', page)}


if __name__ == "__main__":
    sys.exit(main())
