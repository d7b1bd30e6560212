"""What waits for whom: the rows of the inbox, by post, by deadline, and page by page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal import access, db, steps
from portal.cases import Case, Task
from portal.clock import FAR_FUTURE
from portal.inbox import models, rules
from portal.inbox.models import MOST, Chosen
from portal.persons import Grant, Person
from portal.words import Name


def waiting(person: Person, **told):
    return models.waiting(person, access.posts_of(person), **told)


def decided(person: Person, **told):
    return models.decided(person, access.posts_of(person), **told)


def many(memos, person, number, **told):
    """That many papers of the person, submitted."""
    return [memos.go(memos.draft(person, f"many{n}", **told), (person, "submit")) for n in range(number)]


def due(case, moment) -> None:
    Task.update(due=moment).where(Task.case == case, Task.closed.is_null()).execute()


def test_a_paper_waits_for_the_post_that_decides_it_and_for_nobody_else(cast, memos):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    found = {user: [row.case for row in waiting(getattr(cast, user))] for user in ("hao", "mei", "ann", "bo", "lin")}

    assert found == {"hao": [case.id], "mei": [], "ann": [], "bo": [], "lin": []}


def test_the_general_manager_sees_every_paper_that_waits_for_her(cast, memos):
    cases = [memos.go(memos.draft(cast.ann, f"t{n}"), (cast.ann, "submit"), (cast.hao, "endorse")) for n in range(3)]

    rows = waiting(cast.mei)

    assert [row.case for row in rows] == [case.id for case in cases]
    assert {row.post for row in rows} == {"gm"}


def test_gen_01_who_is_barred_does_not_see_the_task(cast, memos):
    Grant.create(person=cast.ann, role="gm", starts=date(2020, 1, 1))
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"), (cast.hao, "endorse"))

    assert [row.case for row in waiting(cast.mei)] == [case.id]
    assert waiting(cast.ann) == []
    assert models.counts(cast.ann, access.posts_of(cast.ann))["waiting"] == 0


def test_a_returned_paper_waits_under_returned_with_who_wrote_it(cast, memos):
    case = memos.draft(cast.ann)
    memos.go(case, (cast.ann, "submit"), (cast.hao, "return"), note="which lamp?")

    assert waiting(cast.ann) == []
    assert [row.case for row in waiting(cast.ann, tab="returned")] == [case.id]
    assert models.counts(cast.ann, access.posts_of(cast.ann)) == {"waiting": 0, "returned": 1, "unread": 1}


def test_rows_are_grouped_by_their_deadline(cast, memos, clock):
    now = clock.set("2026-03-02 09:00")
    past, today, later, never = many(memos, cast.ann, 4)
    due(past, now - timedelta(hours=1))
    due(today, now + timedelta(hours=14, minutes=59))
    due(later, now + timedelta(hours=15))
    due(never, FAR_FUTURE)

    groups = rules.by_deadline(waiting(cast.hao))

    told = [(label, [row.case for row in rows]) for label, _icon, _tone, rows in groups]
    assert told == [(rules.LATE, [past.id]), (rules.TODAY, [today.id]), (rules.LATER, [later.id]), (rules.OPEN, [never.id])]


def test_age_turns_amber_and_red_by_policy(cast, memos, clock):
    clock.set("2026-03-02 09:00")
    many(memos, cast.ann, 1)
    tones = []

    for days in (0, 1, 1, 3):
        clock.forward(days=days)
        (row,) = waiting(cast.hao)
        tones.append((rules.days_waiting(row.opened), rules.tone_of_age(rules.days_waiting(row.opened))))

    assert tones == [(0, ""), (1, ""), (2, "soon"), (5, "late")]


@pytest.mark.parametrize("sort", models.SORTS)
def test_a_paper_that_waits_for_two_posts_of_one_person_is_listed_and_counted_once(cast, memos, sort):
    Grant.create(person=cast.lin, role="gm", starts=date(2020, 1, 1))
    cases = [memos.go(case, (cast.hao, "endorse")) for case in many(memos, cast.ann, 3)]
    work = models.WorkingList(memos.flow.label, "memo", cases[0].state, access.any_of(access.gm))
    models.WORKING_LISTS.append(work)

    first = waiting(cast.lin, sort=sort, limit=2)
    second = waiting(cast.lin, sort=sort, limit=2, after=models.read_place(models.place_of(first[-1], sort)))
    posts = access.posts_of(cast.lin)
    listed = dict(models.work(cast.lin, posts))
    models.WORKING_LISTS.remove(work)

    assert sorted(row.case for row in first + second) == [case.id for case in cases]
    assert models.counts(cast.lin, posts)["waiting"] == listed[work] == 3
    assert [row.case for row in waiting(cast.mei)] == [case.id for case in cases]


def test_who_is_barred_from_one_of_two_posts_still_sees_the_paper(cast, memos):
    Grant.create(person=cast.lin, role="gm", starts=date(2020, 1, 1))
    case = memos.go(many(memos, cast.ann, 1)[0], (cast.hao, "endorse"))
    first, second = Task.select().where(Task.case == case, Task.closed.is_null()).order_by(Task.id)
    Task.update(barred=f",{cast.lin.id},").where(Task.id == first.id).execute()

    assert [row.task for row in waiting(cast.lin)] == [second.id]


@pytest.mark.parametrize("sort", models.SORTS)
def test_every_paper_is_on_exactly_one_page(cast, memos, clock, sort):
    now = clock.set("2026-03-02 09:00")
    Grant.create(person=cast.hao, role="gm", starts=date(2020, 1, 1))
    cases = many(memos, cast.ann, 7)
    for n, case in enumerate(cases):
        due(case, now + timedelta(hours=n % 3))
    memos.go(cases[0], (cast.hao, "endorse"))  # one of the seven waits in another of his posts

    seen, after = [], None
    for _page in range(6):
        rows = waiting(cast.hao, sort=sort, after=after, limit=3)
        seen += [row.case for row in rows[:2]]
        if len(rows) < 3:
            break
        after = models.read_place(models.place_of(rows[1], sort))

    assert sorted(seen) == sorted(case.id for case in cases)


def test_sorting_by_amount_puts_the_largest_first(cast, memos):
    small, large = (memos.go(memos.draft(cast.ann, f"t{fen}", fen=fen), (cast.ann, "submit")) for fen in (500, 90000))

    assert [row.case for row in waiting(cast.hao, sort="amount")] == [large.id, small.id]
    assert [row.case for row in waiting(cast.hao, sort="newest")] == [large.id, small.id]


def test_filters_narrow_the_list(cast, memos):
    small, large = (memos.go(memos.draft(cast.ann, f"t{fen}", fen=fen), (cast.ann, "submit")) for fen in (500, 90000))
    marketing, it = cast.department("Marketing").id, cast.department("IT").id

    def found(**chosen):
        return [row.case for row in waiting(cast.hao, chosen=Chosen(**chosen))]

    assert found(kind="memo") == [small.id, large.id]
    assert found(kind="claim") == []
    assert found(least=50000) == [large.id]
    assert found(department=marketing, state="submitted") == [small.id, large.id]
    assert found(department=it) == found(mark="over_budget") == []


def test_one_post_that_is_full_does_not_hide_another(cast, memos, clock):
    now = clock.set("2026-03-02 09:00")
    Grant.create(person=cast.hao, role="gm", starts=date(2020, 1, 1))
    urgent = memos.go(memos.draft(cast.sam), (cast.sam, "submit"))
    for n, case in enumerate(many(memos, cast.ann, 4)):
        due(case, now + timedelta(days=n + 1))
    Task.update(post="gm", due=now).where(Task.case == urgent, Task.closed.is_null()).execute()

    rows = waiting(cast.hao, limit=2)

    assert rows[0].case == urgent.id
    assert len(rows) == 2


def test_a_place_that_cannot_be_one_is_none():
    assert models.read_place("1763712000000-12") == (1763712000000, 12)
    for text in (None, "", "1", "-1-2", "1-2-3", "١-٢", "1e9-1", "9" * 16 + "-1", "1-" + "9" * 11):
        assert models.read_place(text) is None


def test_what_i_decided_is_kept_latest_first(cast, memos, clock):
    clock.set("2026-03-02 09:00")
    first, second = many(memos, cast.ann, 2)
    memos.go(first, (cast.hao, "endorse"))
    clock.forward(hours=1)
    memos.go(second, (cast.hao, "reject"), note="no")

    rows = decided(cast.hao)

    assert [row.case for row in rows] == [second.id, first.id]
    assert decided(cast.ann) == []
    assert [row.case for row in decided(cast.hao, after=(rows[0].closed, rows[0].task))] == [first.id]


def test_what_i_decided_and_may_not_read_any_more_is_not_listed(cast, memos):
    case = memos.go(many(memos, cast.ann, 1)[0], (cast.hao, "endorse"))
    db.run("DELETE FROM readers WHERE case_id = ? AND post <> ?", case.id, f"#{cast.ann.id}")

    assert decided(cast.hao) == []


def test_my_papers_say_in_whose_hands_they_are(cast, memos):
    draft = memos.draft(cast.ann, "t0")
    sent = memos.go(memos.draft(cast.ann, "t1"), (cast.ann, "submit"), (cast.hao, "endorse"))

    rows = models.mine(cast.ann)
    names = models.holders_by_name(row.post for row in rows)

    assert [(row.case, names[row.post]) for row in rows] == [
        (sent.id, [Name("梅", "Mei")]),
        (sent.id, [Name("林", "Lin")]),
        (draft.id, [Name("安妮", "Ann")]),
    ]
    assert models.mine(cast.bo) == []


def test_holders_by_name_agree_with_who_holds_the_post(cast):
    Grant.create(person=cast.sam, role="dept_manager", department=cast.department("Office"), starts=date(2020, 1, 1))
    posts = ["gm", "cashier", f"dept_manager@{cast.hao.department_id}", "office_manager", f"#{cast.bo.id}", "planner"]

    found = models.holders_by_name(posts)

    assert found == {post: [person.called for person in access.holders(post)] for post in posts}
    assert found["planner"] == []


def test_a_working_list_is_counted_from_tasks_for_its_posts_only(cast, memos):
    work = models.WorkingList(memos.flow.label, "memo", "submitted", access.any_of(access.dept_manager))
    models.WORKING_LISTS.append(work)
    many(memos, cast.ann, 3)

    found = {user: models.work(getattr(cast, user), access.posts_of(getattr(cast, user))) for user in ("hao", "mei")}
    models.WORKING_LISTS.remove(work)

    assert (work, 3) in found["hao"]
    assert work not in dict(found["mei"])


def test_counts_end_at_a_hundred(cast, memos):
    case = many(memos, cast.ann, 1)[0]
    task = Task.get(Task.case == case, Task.closed.is_null())
    told = case.__data__ | {"id": None, "number": None}
    for n in range(120):
        another = Case.create(**told | {"token": f"another {n}"})
        Task.add(case=another, state="submitted", wanted=task.wanted, post=task.post, opened=task.opened, due=task.due)

    assert models.counts(cast.hao, access.posts_of(cast.hao))["waiting"] == models.FULL
    assert len(waiting(cast.hao)) == MOST + 1


def test_the_way_forward_may_be_taken_together_only_where_it_is_marked_so(memos):
    assert [rules.at_once("memo", state) for state in memos.flow.states] == [None] * len(memos.flow.states)


def test_the_directory_finds_people_and_departments_whatever_is_typed(cast):
    assert [each.called.name_en for each in models.directory("ann")] == ["Ann"]
    assert [each.called.name for each in models.directory("市场")] == ["市场部"]
    assert [each.thing for each in models.directory("mei")] == ["person"]
    for text in ("%", "_", "!", "' OR 1=1 --"):
        assert models.directory(text) == []


def test_the_list_is_read_by_the_index_of_open_tasks():
    if db.is_postgres():
        pytest.skip("PostgreSQL plans small tables otherwise")
    sql, values = models._of_one_post(Chosen(), models.SORTS["deadline"], (0, 0))
    told = ["gm", "waiting", "%,1,%", *values, 51]

    plan = " ".join(row[3] for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", *told))

    assert "USING INDEX tasks_open (post=? AND tab=? AND due>?)" in plan
    assert "TEMP B-TREE" not in plan


def test_taken_tasks_leave_the_list(cast, memos):
    case = many(memos, cast.ann, 1)[0]

    steps.take(cast.hao, case.id, "endorse", ("submitted", 1))

    assert waiting(cast.hao) == []
