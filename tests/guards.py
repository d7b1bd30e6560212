"""Each guard switched off in turn must turn a test red: `python -m tests.guards [word …]` tries those that have the words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests import (
    guards_allowances,
    guards_books,
    guards_buying,
    guards_claims,
    guards_contracts,
    guards_listings,
    guards_nearby,
    guards_payments,
    guards_quotes,
    guards_requests,
    guards_waiting,
)

HOUSE = Path(__file__).parent.parent
COPIED = ("portal", "migrations", "templates", "static", "tests", "pyproject.toml", "requirements.in", "wsgi.py")
RED = 1  # pytest's answer when a test failed; anything else is no proof


@dataclass(frozen=True)
class Guard:
    """In `file` the text `guard` becomes `without`; `tests` is what pytest is asked to run: a file and the words of `-k`."""

    file: str
    guard: str
    without: str
    tests: str
    on: str = "sqlite"


GUARDS = [
    # one writer
    Guard("portal/db.py", 'lock_type="IMMEDIATE"', 'lock_type="DEFERRED"', "test_races.py decides_on"),
    Guard(
        "portal/db.py",
        "if is_postgres():\n                    db.exec",
        "if 0:\n                    db.exec",
        "test_races.py decides_on",
        "postgres",
    ),
    Guard("portal/db.py", '{"40001", "40P01", "23505"}', "set()", "test_db.py repeated_whole", "postgres"),
    Guard("portal/db.py", '"recursive_triggers": 1', '"recursive_triggers": 0', "test_history.py replacing or refuses"),
    Guard("portal/db.py", '"synchronous": 2', '"synchronous": 1', "test_db.py pragmas"),
    Guard("portal/db.py", "        _current.after.append(work)", "        work()", "test_db.py after_commit"),
    # history
    Guard("migrations/0001_core.py", '("events", "entries", "refusals")', '("entries", "refusals")', "test_history.py refuses"),
    Guard("migrations/0001_core.py", '("events", "entries", "refusals")', '("events", "refusals")', "test_history.py refuses"),
    Guard("portal/db.py", '("UPDATE OR DELETE", "TRUNCATE")', '("UPDATE OR DELETE",)', "test_history.py refuses", "postgres"),
    Guard("portal/history.py", "if digest != stored:", "if False:", "test_history.py changed"),
    Guard("portal/history.py", "if event[2] != n:", "if False:", "test_history.py missing_inner"),
    Guard("portal/history.py", "if (count, kept) != (n, digest):", "if False:", "test_history.py missing_last"),
    Guard(
        "portal/history.py",
        "for key, (count, _digest) in sorted(heads.items()):",
        "for key, (count, _digest) in ():",
        "test_history.py missing_history",
    ),
    # files
    Guard("portal/contained.py", "        scans.look(content)", "        pass", "test_attachments.py not_what_it_says"),
    Guard("portal/attachments.py", "    _refuse_path(name, label)\n", "", "test_attachments.py is_a_path"),
    Guard("portal/imports.py", "or not 1949 <= day.year <= 2100:", ":", "test_imports.py days_are_read"),
    Guard("portal/opening.py", "if pages < told or not all", "if not all", "test_scans.py whole_only"),
    Guard("portal/opening.py", "(resource.RLIMIT_AS, most_memory), ", "", "test_scans.py memory"),
    Guard("portal/opening.py", "min(pages, most_pages)", "pages", "test_scans.py pages_are_read"),
    Guard("portal/scans.py", "min(scan_seconds(), LOOK_SECONDS)", "scan_seconds()", "test_scans.py a_look"),
    Guard("portal/serving.py", "    server.channel_class = Channel\n", "", "test_server_faults.py far_too_large"),
    Guard(
        "portal/gate.py",
        "    app.register_error_handler(RequestEntityTooLarge, _say_too_large)\n",
        "",
        "test_papers_input.py far_too_large",
    ),
    # whose step, and when
    Guard("portal/flow.py", "(state is not None and state != case.state) or ", "", "test_steps.py state_that_was_shown"),
    Guard("portal/flow.py", "(version is not None and version != case.version)", "False", "test_steps.py version_that_was_shown"),
    Guard(
        "portal/steps.py",
        "if each.post in posts and not each.bars(act.person)",
        "if each.post in posts",
        "test_separation.py nobody_decides",
    ),
    Guard(
        "portal/steps.py",
        "if each.post in posts and not each.bars(act.person)",
        "if not each.bars(act.person)",
        "test_flow.py wrong_person",
    ),
    Guard("portal/steps.py", "        if act.person is not None:\n            raise NotYours()\n", "", "test_flow.py own_steps"),
    Guard(
        "portal/steps.py",
        "if (wanted := access.wanted_post(who, case)) in posts), None)",
        "if (wanted := access.wanted_post(who, case))), None)",
        "test_steps.py only_who_asked",
    ),
    Guard(
        "portal/flow.py",
        "{case.requester_id, case.preparer_id, case.beneficiary_id}",
        "{case.requester_id}",
        "test_separation.py nobody_decides",
    ),
    Guard(
        "portal/tasks.py",
        "return barred | signed(apart, case) if apart else barred",
        "return barred",
        "test_separation.py stands_apart",
    ),
    Guard("portal/tasks.py", "if place < order.index(after)", "if False", "test_steps.py bars_as_long"),
    Guard("portal/tasks.py", "if place < order.index(after)", "", "test_steps.py bars_no_more"),
    Guard(
        "portal/tasks.py",
        "        if stuck:\n            tell_stuck(case, wanted)\n    return posts",
        "    return posts",
        "test_separation.py gets_stuck",
    ),
    Guard(
        "migrations/0001_core.py",
        "closed_by_id IS NULL OR barred NOT",
        "closed_by_id IS NULL OR '' NOT",
        "test_separation.py schema_itself",
    ),
    Guard(
        "migrations/0001_core.py",
        "on_behalf_of_id IS NULL OR barred NOT",
        "on_behalf_of_id IS NULL OR '' NOT",
        "test_separation.py schema_itself",
    ),
    Guard("portal/access.py", "if isinstance(who, Role) and not stands_fast", "if isinstance(who, Role)", "test_access.py climb"),
    Guard(
        "portal/access.py",
        "WHERE g.person_id = ? AND g.revoked_at IS NULL AND",
        "WHERE g.person_id = ? AND",
        "test_access.py revoked",
    ),
    Guard("portal/access.py", "    if not person.active:\n        return {}\n", "", "test_access.py has_left"),
    Guard("portal/access.py", "and posts.get(each, True)", "", "test_access.py stand"),
    Guard("portal/access.py", "Reader.post.in_(list(posts))", "Reader.post != ''", "test_access.py seen_by"),
    Guard(
        "portal/steps.py",
        "OWN_PART if decides and person.id in",
        "OWN_PART if False and person.id in",
        "test_separation.py of_its_own",
    ),
    # the road
    Guard("portal/steps.py", "    if way.note and not act.note:", "    if False:", "test_steps.py need_a_note"),
    Guard("portal/steps.py", "    if chosen not in been_in(act.case):", "    if False:", "test_steps.py only_to_where"),
    Guard("portal/steps.py", "        if why := objection(act):", "        if False:", "test_steps.py objection_stops"),
    Guard("portal/steps.py", "            each.end(act)", "            pass", "test_steps.py every_road"),
    Guard("portal/steps.py", "if way.each and any(", "if False and any(", "test_steps.py each_post"),
    # contents
    Guard(
        "portal/contents.py", 'if before := Case.find("token = ?", token):', "if before := None:", "test_contents.py same_form"
    ),
    Guard("portal/contents.py", 'or made.facts()["content"] != content.digest()', "", "test_contents.py other_contents"),
    Guard(
        "portal/contents.py",
        "(case.requester_id, case.preparer_id) and",
        "(person.id,) and",
        "test_contents.py only_by_who",
    ),
    Guard("portal/contents.py", "if not flow.state_of(case).editable:", "if False:", "test_contents.py only_where"),
    Guard(
        "portal/contents.py",
        "as_shown(case_id, None, version)",
        "as_shown(case_id, None, None)",
        "test_contents.py against_the_version",
    ),
    # what is counted
    Guard("portal/ledger.py", "AND put - held - taken + ? >= 0", "AND ? = ?3", "test_ledger.py any_order"),
    Guard(
        "portal/ledger.py",
        'if db.row("SELECT 1 FROM entries WHERE settles_id = ?", hold.id):',
        "if False:",
        "test_ledger.py any_order",
    ),
    Guard("portal/ledger.py", "if not 0 < amount <= hold.amount:", "if False:", "test_ledger.py more_than_was_held"),
    Guard("migrations/0001_core.py", "CHECK (put - held - taken >= 0)", "CHECK (1 = 1)", "test_ledger.py schema_itself"),
    Guard("migrations/0001_core.py", "settles_id bigint UNIQUE", "settles_id bigint", "test_ledger.py settled_once"),
    # the rest of the core
    Guard("portal/policies.py", "    if why := why_not(policy, value):", "    if why := None:", "test_policies.py limits"),
    Guard("portal/policies.py", "    db.after_commit(forget)", "    forget()", "test_policies.py not_committed"),
    Guard(
        "portal/search.py", "words : ({words}) AND readers : (", "words : ({words}) AND words : (", "test_search.py may_not_read"
    ),
    Guard("portal/notices.py", "chosen = (Notice.person == person) & ", "chosen = ", "test_notices.py only_their_own"),
    # stock and counting
    Guard(
        "portal/stock/rules_counts.py", "if case.preparer_id != person.id:", "if False:", "test_stock_counts.py only_the_counter"
    ),
    Guard("portal/stock/rules_counts.py", '"unless": [uncounted], ', "", "test_stock_counts.py not_zero"),
    Guard(
        "portal/stock/rules_counts.py",
        "unless=[nothing_to_count, counted_already],",
        "unless=[nothing_to_count],",
        "test_stock_counts.py counted_twice",
    ),
    Guard("portal/stock/rules_counts.py", "unless=[shortage_is_held],", "", "test_stock_counts.py shortage"),
    Guard(
        "portal/stock/rules_counts.py",
        "if any(movement.entry > self.seen",
        "if 0 and (movement.entry",
        "test_stock_counts.py looked_at",
    ),
    Guard(
        "portal/stock/rules_counts.py", "if each.difference and not reason:", "if False:", "test_stock_counts.py needs_a_reason"
    ),
    Guard("portal/stock/rules_counts.py", '["hand_in", "verify"]', '["hand_in"]', "test_stock_counts.py verified_does_not"),
    Guard("portal/stock/rules_items.py", "if day < counted:", "if False:", "test_stock_counts.py before_a_closed"),
    Guard("portal/stock/views_list.py", "hidden=frozenset(hidden_from(me())),", "", "test_stock_pages.py counter"),
    Guard("portal/stock/views_list.py", "[found.id] if runs and runs", "[found.id] if 0 and runs", "test_stock_pages.py counter"),
    # the catalogue, its limits and its custodians; goods in
    Guard("portal/supplies/rules_goods.py", "STANDS = [counted_since, ", "STANDS = [", "test_supplies_goods.py closed_count"),
    Guard(
        "portal/supplies/rules_goods.py",
        "STANDS = [counted_since, has_moved]",
        "STANDS = [counted_since]",
        "test_supplies_goods.py opening",
    ),
    Guard(
        "portal/supplies/rules_goods.py",
        "    refuse_back_dated(items,",
        "    isinstance(items,",
        "test_supplies_goods.py closed_count",
    ),
    Guard("portal/supplies/rules_goods.py", "if not ENTERS.allows(", "if 0 and (", "test_supplies_goods.py buyer"),
    Guard("portal/supplies/rules_goods.py", "    stock_comes(accounts)\n", "", "test_supplies_goods.py wait"),
    Guard("portal/supplies/rules_limits.py", "STANDS = [limits_changed, ", "STANDS = [", "test_supplies_limits.py meanwhile"),
    Guard("portal/supplies/rules_limits.py", ", month_is_past]", "]", "test_supplies_limits.py past"),
    Guard("portal/supplies/rules_limits.py", "if not PROPOSES.allows(", "if 0 and (", "test_supplies_limits.py nobody_else"),
    Guard(
        "portal/supplies/rules_catalogue.py", "if not KEEPS.allows(", "if 0 and (", "test_supplies_catalogue.py only_the_office"
    ),
    Guard("portal/supplies/rules_custodians.py", "if not may_name(", "if 0 and (", "test_supplies_catalogue.py own_head"),
    Guard(
        "portal/people/rules_grants.py", "    _check_one_custodian(terms)\n", "", "test_supplies_catalogue.py second_custodian"
    ),
    Guard("portal/supplies/views_reports.py", "low_stock(hidden, ", "low_stock((), ", "test_supplies_reports.py counts_an_item"),
    Guard("portal/stock/views_list.py", "if found.id in hidden_from(me())", "if False", "test_stock_pages.py counter"),
    Guard("portal/stock/views_counts.py", "blind = is_blind(case, person)", "blind = False", "test_stock_pages.py counter"),
    Guard("portal/stock/views_counts.py", 'if offers.get("verify", _("No")):', "if False:", "test_stock_pages.py by_address"),
    Guard("portal/stock/models_lists.py", "if self.hidden:", "if False:", "test_stock_pages.py no_filter"),
    Guard("migrations/0006_stock.py", "ON entries WHEN {BACK_DATED}", "ON entries WHEN 0", "test_stock_counts.py itself_refuses"),
    Guard("migrations/0006_stock.py", 'make_append_only(db, "tallies")', "", "test_stock_counts.py append_only"),
    # budget and spending
    Guard(
        "portal/expenses/rules.py",
        "then=[hold_now, mark_in_stead]",
        "then=[write_approval, mark_in_stead]",
        "test_spending_rules.py came_free_first",
    ),
    Guard(
        "portal/expenses/rules.py",
        "unless=[spent_before_consent, nothing_to_supplement, over_budget]",
        "unless=[spent_before_consent, nothing_to_supplement]",
        "test_spending_rules.py refusal_names",
    ),
    Guard(
        "portal/expenses/rules.py",
        "unless=[spent_before_consent, nothing_to_supplement, over_budget]",
        "unless=[nothing_to_supplement, over_budget]",
        "test_spending_rules.py bex_01",
    ),
    Guard(
        "portal/expenses/rules.py",
        "within_budget, not_the_general_manager]",
        "within_budget]",
        "test_spending_rules.py does_not_go_beyond",
    ),
    Guard(
        "portal/expenses/rules.py",
        "within_budget, not_the_general_manager]",
        "not_the_general_manager]",
        "test_spending_rules.py what_fits_is_not",
    ),
    Guard(
        "portal/expenses/rules.py",
        "    if line.department_id != person.department_id:",
        "    if False:",
        "test_spending_rules.py another_departments or foreign",
    ),
    Guard(
        "portal/expenses/rules.py",
        '"unless": [incomplete, foreign_line, nothing',
        '"unless": [incomplete, nothing',
        "test_spending_rules.py requester_moved",
    ),
    Guard(
        "portal/expenses/rules.py",
        '"unless": [incomplete, foreign_line, nothing',
        '"unless": [foreign_line, nothing',
        "test_spending_rules.py draft_may_lack",
    ),
    Guard("portal/expenses/rules.py", "then=[go_over]", "then=[hold_now]", "test_spending_rules.py exactly_the_excess"),
    Guard(
        "portal/expenses/rules.py", "write_approval(act, flagged=True)", "write_approval(act)", "test_spending_rules.py flagged"
    ),
    Guard(
        "portal/expenses/rules_lapsing.py",
        "OR x.expires < ?",
        "OR x.expires < ? AND 1 = 0",
        "test_spending_rules.py not_used_is_cut",
    ),
    Guard("portal/expenses/models.py", "    if line.year != day.year:", "    if False:", "test_spending_rules.py another_years"),
    Guard("portal/expenses/models.py", "    if day < clock.today():", "    if False:", "test_spending_rules.py beside_its_field"),
    Guard(
        "portal/budget/rules.py",
        "unused = min(exception.amount, released)",
        "unused = 0",
        "test_spending_rules.py not_used_is_cut",
    ),
    Guard(
        "portal/budget/rules.py",
        "unused = min(exception.amount, released)",
        "unused = exception.amount",
        "test_spending_rules.py what_was_taken",
    ),
    Guard(
        "portal/budget/rules.py",
        "STANDS = [allotted_changed, cuts_what_is_used]",
        "STANDS = [cuts_what_is_used]",
        "test_budget_rules.py changed_meanwhile",
    ),
    Guard(
        "portal/budget/rules.py",
        "STANDS = [allotted_changed, cuts_what_is_used]",
        "STANDS = [allotted_changed]",
        "test_budget_rules.py cannot_be_taken_away",
    ),
    Guard(
        "portal/budget/rules.py",
        'raise NotYours(_("You may propose',
        'NotYours(_("You may propose',
        "test_budget_rules.py own_department_only or others_propose",
    ),
    Guard(
        "portal/budget/rules.py",
        "unless=[giver_lacks], then=[transfer]",
        "then=[transfer]",
        "test_budget_rules.py not_free_is_refused",
    ),
    Guard("portal/budget/rules.py", "    if category.events != events:", "    if False:", "test_budget_rules.py at_once"),
    Guard("portal/budget/rules_imports.py", "    if found.errors:", "    if False:", "test_budget_imports.py nothing_is_written"),
    Guard(
        "portal/budget/rules_imports.py", "    if row.year != year:", "    if False:", "test_budget_imports.py every_rows_error"
    ),
    Guard(
        "portal/budget/rules_imports.py", "here.allotted - row.amount > here.left", "False", "test_budget_imports.py not_lowered"
    ),
    Guard(
        "portal/budget/views.py",
        "    if not may_see(my_posts(), found.department_id):",
        "    if False:",
        "test_budget_pages.py line_of_others",
    ),
    Guard("portal/expenses/rules.py", 'act.case.mark != "over_budget" or ', "", "test_spending_rules.py last_money"),
    Guard(
        "portal/expenses/rules.py",
        'return act.case.mark != "over_budget" or known(act.paper.line_id).left >= act.case.amount',
        "return True",
        "test_spending_rules.py fin_02",
    ),
    # people
    Guard("portal/people/rules.py", "    _tell_of_reset(by, here)\n", "", "test_people_rules.py dba_12"),
    Guard(
        "portal/people/rules_calendar.py",
        "    only_administrators(by)\n    if clock",
        "    if clock",
        "test_people_calendar.py only_the_administrator",
    ),
    # the door, the gate and the pages
    Guard(
        "portal/gate.py", "    if not right.allows(my_posts()):\n        raise NotYours()\n", "", "test_access_matrix.py planner"
    ),
    Guard(
        "portal/gate.py",
        "        return _sign_in_first()\n    if passwords",
        "        pass\n    if passwords",
        "test_access_matrix.py nobody",
    ),
    Guard("portal/gate.py", "    csrf.init_app(app)\n", "", "test_bad_input.py own_token"),
    Guard("portal/gate.py", 'request.headers.get("Sec-Fetch-Site") == "cross-site"', "False", "test_door.py another_site"),
    Guard("portal/gate.py", "object-src 'none'; base-uri 'none'; ", "", "test_pages.py req_16"),
    Guard(
        "portal/gate.py",
        "    except peewee.OperationalError:\n        if request",
        "    except ZeroDivisionError:\n        if request",
        "test_server_faults.py locked",
    ),
    Guard("portal/pages.py", "with suppress(OSError):", "with suppress():", "test_server_faults.py disk_is_full"),
    Guard("portal/gate.py", "    app.register_error_handler(OSError, _say_full)\n", "", "test_server_faults.py disk_is_full"),
    Guard(
        "portal/web.py",
        "    if not access.may_read(my_posts(), case):\n        raise NotThere()\n",
        "",
        "test_access_matrix.py planner",
    ),
    Guard("portal/web.py", " or not 0 < int(text) <= MOST_ID", "", "test_bad_input.py req_21"),
    Guard("portal/web.py", 'return path if ok else "/"', "return path", "test_door.py stays_on_this_site"),
    Guard(
        "portal/web.py", 'if my_session().must_confirm() and not g.get("confirmed"):', "if False:", "test_door.py signature_asks"
    ),
    Guard("portal/sessions.py", "together >= MOST_TOGETHER or ", "", "test_door.py ten_wrong_tries"),
    Guard("portal/sessions.py", "of_address >= MOST_OF_ADDRESS or ", "", "test_door.py hundred_wrong_tries"),
    Guard("portal/passwords.py", "    argon2.get_backend()", "    pass", "test_bad_input.py whatever and nul"),
    Guard("portal/papers/rules.py", "refusal.why, refusal.status)", "refusal.why, 409)", "test_access_matrix.py requester"),
    Guard(
        "portal/people/views_people.py",
        'export", may=any_of(it_admin, dept_manager)',
        'export", may=everyone',
        "test_access_matrix.py planner",
    ),
    Guard(
        "portal/people/views_people.py",
        "if chosen.department in (None, *own) else None",
        "",
        "test_people_exports.py of_another_department",
    ),
    Guard(
        "portal/people/models.py",
        "        if self.within is not None:",
        "        if False:",
        "test_people_exports.py own_department",
    ),
    Guard(
        "portal/people/rules_grants.py",
        "    if terms.acting:\n        check_stand_in(person, terms)\n",
        "",
        "test_people_stand_ins.py gen_05",
    ),
    Guard(
        "portal/people/rules_stand_ins.py",
        "if not grant.acting and grant.is_in_force(terms.begin())",
        "if grant.is_in_force(terms.begin())",
        "test_people_stand_ins.py only_what_is_held_by_right",
    ),
    Guard(
        "portal/people/views_rules.py",
        "    if policy.owner not in {split_post",
        "    if False and policy.owner not in {split_post",
        "test_access_matrix.py planner",
    ),
    Guard(
        "portal/people/rules_departments.py",
        "    if by is not None and not access.any_of(it_admin).allows",
        "    if False and not access.any_of(it_admin).allows",
        "test_people_rules.py only_the_administrator",
    ),
    Guard(
        "portal/people/rules_grants.py",
        "if frozenset({terms.role, other.role}) in CLASHES:",
        "if False:",
        "test_people_grants.py gen_04",
    ),
    Guard(
        "portal/people/rules_grants.py",
        "if by is not None and by.id == person.id:",
        "if False:",
        "test_people_grants.py own_roles",
    ),
    Guard(
        "portal/people/rules_grants.py",
        "    if not terms.of.needs_gm:",
        "    if True:",
        "test_people_grants.py weighty_role_counts",
    ),
    # wishes and draws
    Guard(
        "portal/supplies/rules_draws.py",
        "        raise NotYours(why)\n    if len(away)",
        "    if len(away)",
        "test_supplies_draws.py sup_16",
    ),
    Guard(
        "portal/supplies/rules_draws.py", "STANDS = [not_who_files, ", "STANDS = [", "test_supplies_draws.py custodian_no_more"
    ),
    Guard("portal/supplies/rules_draws.py", "wish_is_gone, above", "above", "test_supplies_wishes.py taken_back"),
    Guard(
        "portal/supplies/rules_draws.py",
        "wish_is_gone, above_limit_unsaid]",
        "wish_is_gone]",
        "test_supplies_draws.py above_the_limit",
    ),
    Guard("portal/supplies/rules_draws.py", "unless=[waiting.not_all_held],", "", "test_supplies_draws.py not_held"),
    Guard(
        "portal/supplies/rules_draws.py",
        'WHO_ISSUED = ["issue"]',
        "WHO_ISSUED = []",
        "test_supplies_draws.py who_issued",
    ),
    Guard(
        "portal/supplies/rules_waiting.py",
        "for line in lines) and not _spoken_for(act.case, lines)",
        "for line in lines)",
        "test_supplies_draws.py oldest",
    ),
    Guard("portal/supplies/rules_waiting.py", "        if line.item_id not in closed:\n", "", "test_supplies_draws.py oldest"),
    Guard(
        "portal/supplies/rules_waiting.py",
        "            closed.add(each.item)",
        "            pass",
        "test_supplies_draws.py oldest",
    ),
    Guard(
        "portal/supplies/rules_waiting.py",
        '    if released or act.case.state == "waiting":',
        "    if False:",
        "test_supplies_draws.py waits_for_the_rest",
    ),
    Guard("portal/supplies/rules_issuing.py", "    stock_comes(declined)\n", "", "test_supplies_draws.py serve_who_waits"),
    Guard(
        "portal/supplies/rules_issuing.py",
        "        if counted != written:",
        "        if False:",
        "test_supplies_draws.py typed_past",
    ),
    Guard(
        "portal/supplies/rules_wishes.py",
        "    if not MAY_ANSWER.allows(access.posts_of(person)):",
        "    if False:",
        "test_supplies_wishes.py how_a_suggestion",
    ),
    Guard("portal/supplies/rules_wishes.py", "OPEN = [taken_over]", "OPEN = []", "test_supplies_wishes.py in_part"),
    # publishing
    Guard("portal/publishing/rules_flow.py", "unless=[signs_last], ", "", "test_publishing_rules.py never_twice"),
    Guard(
        "portal/publishing/rules_flow.py",
        'then=[publish], apart_from=["approve"],',
        "then=[publish],",
        "test_publishing_rules.py who_approved",
    ),
    Guard(
        "portal/publishing/rules_flow.py", '"with_gm", gm.or_else(),', '"with_gm", gm,', "test_publishing_rules.py in_place_of"
    ),
    Guard(
        "portal/publishing/rules_flow.py",
        "bool(act.paper and act.paper.is_guarded)",
        "False",
        "test_publishing_rules.py case_24",
    ),
    Guard(
        "portal/publishing/rules_flow.py",
        "unless=[incomplete, plan_not_agreed]",
        "unless=[plan_not_agreed]",
        "test_publishing_rules.py what_is_missing",
    ),
    Guard(
        "portal/publishing/rules_flow.py",
        "unless=[incomplete, plan_not_agreed]",
        "unless=[incomplete]",
        "test_publishing_rules.py pro_07",
    ),
    Guard(
        "portal/publishing/rules_flow.py",
        "unless=[file_too_large, plan_not_agreed]",
        "unless=[plan_not_agreed]",
        "test_publishing_rules.py inf_17",
    ),
    Guard("portal/publishing/models_papers.py", "if name not in self.ticked:", "if False:", "test_publishing_rules.py inf_12_to"),
    Guard("portal/publishing/models_papers.py", "if not getattr(self, name):", "if False:", "test_publishing_rules.py facts"),
    Guard(
        "portal/publishing/rules_manuscripts.py",
        'if not WRITERS[detail["kind"]].allows(posts):',
        "if False:",
        "test_publishing_rules.py nobody_writes",
    ),
    Guard(
        "portal/publishing/rules_manuscripts.py",
        "        narrow(act.case)\n    _note_version",
        "        pass\n    _note_version",
        "test_publishing_rules.py ticked_later",
    ),
    Guard(
        "portal/publishing/rules_manuscripts.py",
        "    if not act.paper.confidential:\n        let_read",
        "    if True:\n        let_read",
        "test_publishing_rules.py author_director",
    ),
    Guard(
        "portal/publishing/rules_manuscripts.py",
        "FLOWS[case.kind].state_of(case).editable and ",
        "",
        "test_publishing_rules.py a_picture_is_part",
    ),
    Guard("portal/publishing/rules_manuscripts.py", "    case.version += 1\n", "", "test_publishing_rules.py a_picture_is_part"),
    Guard(
        "portal/publishing/models_shown.py",
        "(m.kind <> 'slot' OR (",
        "(1 = 1 OR (",
        "test_publishing_rules.py inf_18",
    ),
    Guard("portal/publishing/models_shown.py", " AND a.state IN ('approved', 'ended')", "", "test_publishing_rules.py pro_07"),
    Guard(
        "portal/publishing/models_desk.py",
        "AND EXISTS (SELECT 1 FROM readers e WHERE e.case_id = k.id AND e.post IN ({posts}))",
        "AND (1 = 1 OR 'x' IN ({posts}))",
        "test_publishing_rules.py author_director",
    ),
    Guard(
        "portal/publishing/rules_published.py",
        'yield f"manuscript {number} is published without its approvals"',
        "pass",
        "test_publishing_rules.py without_its",
    ),
    Guard(
        "portal/publishing/rules_take_downs.py",
        "if not TAKES_DOWN.allows(access.posts_of(person)):",
        "if False:",
        "test_publishing_rules.py leaves_the_shelf",
    ),
    Guard(
        "portal/publishing/views_take_downs.py",
        "    if not access.may_read(my_posts(), case):\n        raise NotThere()\n",
        "",
        "test_publishing_pages.py nowhere",
    ),
    Guard(
        "portal/markup.py",
        'return value if value.startswith(("http://", "https://")) else None',
        "return value",
        "test_publishing_pages.py hostile",
    ),
    # products
    Guard("portal/contained.py", "content[8:12] not in _BRANDS", "False", "test_products.py shf_15"),
    Guard("portal/contained.py", 'at != len(content) or not {b"moov", b"mdat"} <= found', "False", "test_products.py shf_15"),
    Guard("portal/contained.py", "if _DOCTYPE not in content[:64]:", "if False:", "test_products.py shf_15"),
    Guard("portal/contained.py", "begins + segment > len(content)", "False", "test_products.py shf_15"),
    Guard("portal/listings/rules_files.py", "return SEES.allows(posts)", "return True", "test_products_pages.py sent_in_parts"),
    Guard("portal/listings/rules_files.py", "return not stands and", "return", "test_products_pages.py in_no_version"),
    Guard(
        "portal/listings/rules_products.py",
        "and not COSTS.allows(access.posts_of(person))",
        "and False",
        "test_products.py costs",
    ),
    Guard("portal/listings/rules_products.py", "AND t.id <= ?", "AND ? > 0", "test_products.py written_since"),
    Guard("portal/listings/rules_products.py", ", ~Product.is_archived).execute()", ").execute()", "test_products.py undone"),
    Guard("portal/listings/models_contents.py", '(name != "cost" or sees_costs)', "True", "test_products.py costs"),
    Guard("portal/listings/models_contents.py", "AND p.shown_version = c.n", "", "test_products.py for_everybody"),
    Guard(
        "portal/listings/models_contents.py",
        "f.attachment_id = ? AND {UP_IN_ORDER}",
        "f.attachment_id = ? AND (1=1 OR {UP_IN_ORDER})",
        "test_products.py for_everybody",
    ),
    Guard(
        "portal/listings/views_register.py", "field not in COSTLY or COSTS.allows(posts)", "True", "test_products_pages.py costs"
    ),
    Guard("portal/listings/views_register.py", "if row.item in hidden:", "if False:", "test_products_pages.py who_counts"),
    Guard(
        "portal/listings/views_register.py",
        "if not STARTS[n].may.allows(my_posts()):",
        "if False:",
        "test_products_pages.py ticked",
    ),
    Guard("portal/listings/rules_arrangements.py", "if was.id != before:", "if False:", "test_products.py shf_11"),
    Guard("portal/listings/rules_arrangements.py", ", Product.position == before)", ")", "test_products.py shf_17"),
    Guard("portal/listings/rules_arrangements.py", "if not 0 <= after <= LAST_PLACE:", "if False:", "test_products.py shf_17"),
    Guard(
        "portal/listings/rules_arrangements.py",
        "    if why := why_not_archived(product):\n        raise Refused(why)\n",
        "",
        "test_products.py not_archived",
    ),
    Guard(
        "portal/listings/rules_arrangements.py",
        "[stands_on_the_shelf, stands_in_a_paper,",
        "[stands_on_the_shelf,",
        "test_products.py not_archived",
    ),
    Guard(
        "portal/listings/rules_arrangements.py",
        "stands_in_a_paper, has_a_price_to_come]",
        "stands_in_a_paper]",
        "test_products.py not_archived",
    ),
    Guard("portal/listings/rules_arrangements.py", ", Arrangement.by != person)", ")", "test_products.py own_arrangements"),
    Guard(
        "portal/listings/rules_arrangements.py",
        '"id = ? AND kind = ?", category_id, KIND',
        '"id = ?", category_id',
        "test_products.py supplies",
    ),
    Guard("portal/listings/rules_tasks.py", "unless=[nothing_new], ", "", "test_products.py shf_08 or pro_13"),
    Guard(
        "portal/listings/rules_tasks.py",
        "[wants_a_designer], unless=[incomplete]",
        "[wants_a_designer]",
        "test_products.py what_for",
    ),
    Guard(
        "portal/listings/rules_tasks.py",
        "    if not ENTERS.allows(access.posts_of(person)):",
        "    if False:",
        "test_products.py what_for",
    ),
    # what became confidential
    Guard(
        "portal/web.py",
        "return find_case(last).id if last else None",
        "return last",
        "test_contracts_confidential.py goes_on_behind",
    ),
    Guard(
        "portal/contracts/rules_confidential.py",
        "if now.confidential and not contract.confidential:",
        "if False:",
        "test_contracts_confidential.py begun_before",
    ),
    Guard(
        "portal/contracts/rules_register.py",
        'if written.confidential != contract.confidential or (written.confidential and "department" in differing):',
        "if False:",
        "test_contracts_confidential.py called_read_and_found",
    ),
    Guard(
        "portal/contracts/rules_register.py",
        '(written.confidential and "department" in differing)',
        "False",
        "test_contracts_confidential.py another_owner",
    ),
    Guard(
        "portal/contracts/rules_confidential.py",
        "    for post in gone - waiting:",
        "    for post in ():",
        "test_contracts_confidential.py called_read_and_found",
    ),
    Guard(
        "portal/contracts/rules_confidential.py",
        'if "withhold" in offered and',
        "if False and",
        "test_contracts_confidential.py only_asked_for",
    ),
    Guard(
        "portal/contracts/rules_confidential.py",
        'steps.take(None, case.id, "pass_on") if "pass_on" in offered else case',
        "case",
        "test_contracts_confidential.py general_manager",
    ),
    Guard(
        "portal/contracts/rules_intake.py",
        "    if contract.confidential:\n        conceal_now",
        "    if False:\n        conceal_now",
        "test_contracts_confidential.py handed_them_over",
    ),
    Guard(
        "portal/contracts/rules_retention.py",
        "SIGNED = [may_not_know, must_be_kept]",
        "SIGNED = [must_be_kept]",
        "test_contracts_confidential.py nobody_signs_for",
    ),
    Guard(
        "portal/contracts/rules_copies.py",
        " or not is_seen(loan.contract, posts)",
        "",
        "test_contracts_confidential.py goes_on_until",
    ),
    Guard(
        "portal/contracts/models_loans.py",
        'seen_by(posts, "contracts")',
        '("1 = 1", [])',
        "test_contracts_confidential.py former_number",
    ),
    Guard(
        "portal/contracts/models_checks.py",
        "l.case_id = ? AND l.id > ? AND {sees}",
        "l.case_id = ? AND l.id > ? AND (1 = 1 OR {sees})",
        "test_contracts_confidential.py check_says",
    ),
    Guard(
        "portal/contracts/models_custody.py",
        "WHERE l.case_id = k.id AND {})",
        "WHERE l.case_id = k.id AND (1 = 1 OR {}))",
        "test_contracts_confidential.py list_of_custody",
    ),
    Guard(
        "portal/contracts/models_register.py",
        "tied - known(posts, tied) if tied else set()",
        "set()",
        "test_contracts_confidential.py tells_no_tie",
    ),
    Guard(
        "portal/access.py",
        "may_read(posts, case) and not withheld(posts, [case])",
        "may_read(posts, case)",
        "test_contracts_confidential.py handed_them_over",
    ),
    Guard("portal/attachments.py", " or access.withheld(posts, [case])", "", "test_contracts_confidential.py adds_nothing"),
    Guard(
        "portal/flow.py",
        "if not access.withheld((), [case]):",
        "if True:",
        "test_contracts_confidential.py called_read_and_found",
    ),
    Guard(
        "portal/steps.py", "    if case.kind in access.WITHHELD:", "    if False:", "test_contracts_confidential.py hidden_where"
    ),
    Guard(
        "portal/timeline.py",
        " if is_withheld else events",
        " if False else events",
        "test_contracts_confidential.py called_read_and_found",
    ),
    Guard("portal/timeline.py", ' if name != "title" or name in labels', "", "test_contracts_confidential.py which_contract"),
    Guard(
        "portal/notices.py",
        " if case else {}\n    return",
        " if False else {}\n    return",
        "test_contracts_confidential.py by_the_title",
    ),
    Guard("portal/notices.py", "        words[key] = HIDDEN", "        pass", "test_contracts_confidential.py that_it_ends"),
    Guard("portal/notices.py", "case if is_readable else None", "case", "test_contracts_confidential.py by_the_title"),
    Guard(
        "portal/people/models_audit.py",
        'if "file" in facts and not says_all:',
        "if False:",
        "test_contracts_confidential.py audit_trail",
    ),
    Guard(
        "portal/people/models_audit.py",
        "there - access.withheld(posts, cases.values())",
        "there",
        "test_contracts_confidential.py audit_trail",
    ),
    Guard(
        "portal/papers/views_forms.py",
        " or access.withheld(my_posts(), [case])",
        "",
        "test_contracts_confidential.py handed_them_over",
    ),
    # what a check found, and who keeps the archive
    Guard(
        "portal/contracts/rules_differences.py",
        "counting(person, case_id)",
        '__import__("portal.cases").cases.Case.get_by_id(case_id)',
        "test_contracts_differences.py only_the_archivist",
    ),
    Guard(
        "portal/contracts/rules_differences.py",
        "or seen_as(found) != seen",
        "",
        "test_contracts_differences.py since_it_was_shown",
    ),
    Guard(
        "portal/contracts/models_checks.py",
        "c.state IN ('in_archive', 'flagged') AND (",
        "(",
        "test_contracts_differences.py left_the",
    ),
    Guard(
        "portal/contracts/rules_checks.py",
        "if self.found == line.kept:",
        "if False:",
        "test_contracts_differences.py no_wrong_place",
    ),
    Guard(
        "portal/people/rules_grants.py", "    _check_followed(terms)\n", "", "test_contracts_custody.py only_archivist_for_a_time"
    ),
    Guard(
        "portal/people/rules_grants.py",
        "return _nobody_from(after, role) if role in NEVER_ENDING else None",
        "return None",
        "test_contracts_custody.py without_a_last_day",
    ),
]
for apart in (
    guards_allowances,
    guards_books,
    guards_buying,
    guards_claims,
    guards_contracts,
    guards_listings,
    guards_nearby,
    guards_payments,
    guards_quotes,
    guards_requests,
    guards_waiting,
):
    GUARDS += [Guard(file, *row) for file, rows in apart.ROWS.items() for row in rows]


def main(words: list[str]) -> int:
    chosen = [guard for guard in GUARDS if all(word in f"{guard.file} {guard.tests}" for word in words)]
    weak = [guard for guard in chosen if not holds(guard)]
    print(f"{len(chosen) - len(weak)} of {len(chosen)} guards are held by a test.")
    return bool(weak)


def holds(guard: Guard) -> bool:
    """Whether a test turns red without it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy_house(copy)
        file = copy / guard.file
        text = file.read_text()
        assert guard.guard in text, f"{guard.file} has no more: {guard.guard}"
        file.write_text(text.replace(guard.guard, guard.without, 1))
        answer, last = _run(copy, guard)
    print(f"{'held' if answer == RED else 'WEAK'}  {guard.file}: {guard.guard.strip().splitlines()[0]}  ({last})", flush=True)
    return answer == RED


def _copy_house(copy: Path) -> None:
    """With what Python compiled of it, which holds for every file that is as it was."""
    for name in COPIED:
        if (HOUSE / name).is_dir():
            shutil.copytree(HOUSE / name, copy / name)
        elif (HOUSE / name).exists():
            shutil.copyfile(HOUSE / name, copy / name)


def _run(copy: Path, guard: Guard) -> tuple[int, str]:
    name, _blank, words = guard.tests.partition(" ")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"tests/{name}", "-k", words]
    environ = os.environ | {"PORTAL_TEST_DATABASE": guard.on, "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd=copy, env=environ, capture_output=True, text=True)
    return ended.returncode, (ended.stdout.strip().splitlines() or ["nothing said"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
