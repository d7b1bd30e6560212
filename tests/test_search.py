"""One index, one tokenizer, on both databases: found is what all the words are in and the reader may read."""

import pytest

from portal import db, search
from portal.search import find, tokens

ME = ["#1", "dept_manager@12"]


def put(thing_id, *texts, readers=("#1",), thing="case"):
    search.put(thing, thing_id, texts, readers)


def found(text, posts=ME, **more):
    return [thing_id for _document, thing_id in find(text, posts, **more)]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("采购单", ["采购", "购单", "单"]),
        ("Lamp for 市场部!", ["lamp", "for", "市场", "场部", "部"]),
        ("ＳＲ-2026-0001", ["sr", "2026", "0001"]),
        ("Straße_x", ["strasse", "x"]),
        ("", []),
        ("… !", []),
    ],
)
def test_a_text_is_taken_apart(text, words):
    assert tokens(text) == words


@pytest.mark.parametrize(
    "asked", ["lamp", "LAMP", "lam", "灯", "台灯", "会议室台灯", "室", "SR-2026-0042", "2026 lamp", "0042", "Müller", "ｌａｍｐ"]
)
def test_a_paper_is_found_by_any_of_its_words(database, asked):
    put(7, "SR-2026-0042", "A lamp for Müller", "会议室台灯")

    assert found(asked) == [7]


@pytest.mark.parametrize("asked", ["chair", "lamp chair", "amp", "灯台", "室会", "", "  ", "!", '"', "'", "*", "a\\", "-"])
def test_what_is_not_in_it_does_not_find_it(database, asked):
    put(7, "lamp", "会议室台灯")

    assert found(asked) == []


@pytest.mark.parametrize(
    "asked",
    ['lamp"', "lamp' OR 1=1", "lamp*", "lamp:*", "lamp & !x", "(lamp", "NOT lamp", "lamp AND", "x'; DROP TABLE documents"],
)
def test_signs_of_the_databases_own_languages_are_only_text(database, asked):
    put(7, "lamp or 1 and not x drop table documents")

    assert found(asked) == [7]


@pytest.mark.parametrize(
    ("posts", "sees"),
    [
        (["#1"], True),
        (["dept_manager@12"], True),
        (["#11"], False),
        (["dept_manager@1"], False),
        (["dept_manager"], False),
        ([], False),
    ],
)
def test_nobody_finds_what_they_may_not_read(database, posts, sees):
    put(7, "lamp", readers=["#1", "dept_manager@12"])

    assert (found("lamp", posts) == [7]) == sees
    assert found("xrp1", posts) == found("r:#1", posts) == []


def test_newest_first_and_page_by_page(database):
    for thing_id in range(1, 6):
        put(thing_id, "lamp")

    first = find("lamp", ME, limit=2)
    second = find("lamp", ME, before=first[-1][0], limit=2)

    assert [thing_id for _document, thing_id in first + second] == [5, 4, 3, 2]


def test_indexed_anew_it_is_found_by_its_new_words_at_its_old_place(database):
    put(1, "lamp")
    put(2, "lamp")

    put(1, "lamp chair", readers=["#2"])

    assert found("chair") == []
    assert found("chair", ["#2"]) == [1]
    assert found("lamp", ["#1", "#2"]) == [2, 1]


def test_other_things_are_found_apart(database):
    put(1, "lamp")
    put(2, "lamp", thing="item")

    assert (found("lamp"), found("lamp", thing="item")) == ([1], [2])


def test_a_paper_is_found_by_who_may_read_it_as_it_goes_on(cast, memos):
    from portal.access import posts_of

    case = memos.draft(cast.ann)
    before = [found("lamp", posts_of(person)) for person in (cast.ann, cast.hao, cast.bo)]

    case = memos.go(case, (cast.ann, "submit"))

    assert before == [[case.id], [], []]
    assert [found(case.number, posts_of(person)) for person in (cast.ann, cast.hao, cast.bo)] == [[case.id], [case.id], []]
    assert found("安妮 marketing", posts_of(cast.hao)) == [case.id]


def test_a_very_long_text_is_indexed_as_far_as_it_is_read(database):
    put(1, "x" * 1_000_000, "采" * 30_000, "lamp")

    assert found("lamp") == found("采采") == [1]
    assert found("y" * 1_000_000) == []


def test_words_are_looked_up_once_whatever_the_database_knows_of_its_tables(database):
    """Without statistics SQLite would take document by document and ask the index of words for each of them."""
    if db.is_postgres():
        pytest.skip("plans of PostgreSQL depend on its statistics")
    for n in range(1, 40):
        put(n, f"lamp {n}", thing="contract")

    plans = []
    for sql, values in (search.among("lamp", ME, "contract"), search.among("lamp", ME, "case")):
        plans.append([row[3] for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", *values)])

    assert [plan[0].startswith("SCAN w VIRTUAL TABLE") for plan in plans] == [True, True], plans
