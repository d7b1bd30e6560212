"""`python -m bench`: measures what the portal promises about speed, prints a table, answers 1 if a goal is missed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bench import contracts, feeds, pages, start, writes
from bench.measure import Result
from portal import db


def main() -> int:
    print(f"{'what':58} {'measured':>10} {'at most':>9}  verdict", flush=True)
    found = []
    for each in _all(sys.argv[1:]):
        print(each.line(), flush=True)
        found.append(each)
    missed = [each for each in found if not each.is_met]
    print(f"{len(missed)} of {len(found)} goals missed." if missed else f"All {len(found)} goals met.")
    return 1 if missed else 0


def _all(chosen: list[str]) -> Iterator[Result]:
    """Everything, or the chosen: pages, sizes, live, contracts, feeds, submit, writers, start."""
    wanted = set(chosen or ("pages", "sizes", "live", "contracts", "feeds", "submit", "writers", "start"))
    if wanted & {"pages", "sizes", "live"}:
        yield from _on_pages(wanted)
    if "contracts" in wanted:
        yield from contracts.searches()
    if "feeds" in wanted:
        yield from feeds.feeds()
    if wanted & {"submit", "writers"}:
        writes.copy_of_the_small_company()
        yield from writes.submission() if "submit" in wanted else ()
        yield from writes.sixteen_writers() if "writers" in wanted else ()
        db.disconnect()
    if "start" in wanted:
        yield from start.cold_start()


def _on_pages(wanted: set[str]) -> Iterator[Result]:
    small = pages.Site("small")
    if "pages" in wanted:
        yield from pages.against_bare_flask(small)
        yield from pages.on_the_wire(small)
    if wanted & {"sizes", "live"}:
        large = pages.Site("large")
        if "sizes" in wanted:
            yield from pages.at_a_million(small, large)
    if "live" in wanted:
        yield from pages.live_answer(pages.Site("large", pages.ASKER))
    db.disconnect()


if __name__ == "__main__":
    sys.exit(main())
