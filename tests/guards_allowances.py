"""The guards of allowances, bills, penalties and consents, for `tests/guards.py`: a text, what it becomes, the tests."""

ALLOWANCES, PENALTIES, CONSENTS, MONTHS = (
    "test_allowances.py",
    "test_penalties.py",
    "test_expenses_consents.py",
    "test_books_months.py",
)

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/contents.py": [
        (" and not _waits_for(person, flow, case):", ":", f"{ALLOWANCES} another_began"),
    ],
    "portal/expenses/rules_allowances.py": [
        ("    if office_clerk.key not in posts_of(person):", "    if False:", f"{ALLOWANCES} only_the_office"),
        ('content.detail["month"] >= month_of(clock.today())', "False", f"{ALLOWANCES} month_is_over"),
        ('    if content.detail["month"] > month_of(clock.today()):', "    if False:", f"{ALLOWANCES} not_come"),
        ("    if before.state == ALLOWANCE.first:", "    if True:", f"{ALLOWANCES} one_batch_a_month"),
        ("unless=[pays_nothing, standards_changed]", "unless=[standards_changed]", f"{ALLOWANCES} nothing_is_to_be_paid"),
        ("fresh[line.person_id] != line.amount", "False", f"{ALLOWANCES} bill_again"),
        ("if fresh != {line.person_id: line.amount for line in act.lines}:", "if False:", f"{ALLOWANCES} meals_changed"),
        ("frozenset(apart & {line.person_id})", "frozenset()", f"{ALLOWANCES} hand_in_it"),
        ("return acted | holders | {case.requester_id}", "return holders", f"{ALLOWANCES} hand_in_it"),
        ('apart_from=("check",)', "apart_from=()", f"{ALLOWANCES} checked_it"),
        ('"gm", "dept_manager", "sales_staff"', '"gm", "sales_staff"', f"{ALLOWANCES} until_the_office"),
        ("    if active and not reason.strip():", "    if False:", f"{ALLOWANCES} told_why"),
        ("    elif kept.events != events:", "    elif False:", f"{ALLOWANCES} as_it_was_shown"),
    ],
    "portal/expenses/rules_bills.py": [
        ("        if person.id in seen:", "        if False:", f"{ALLOWANCES} every_mistake"),
        ("if user.casefold() not in self.users:", "if False:", f"{ALLOWANCES} every_mistake"),
        ("        if not 0 <= actual < HIGHEST:", "        if False:", f"{ALLOWANCES} below_nothing"),
        ("        if len(found) != 1:", "        if not found:", f"{ALLOWANCES} by_a_name"),
    ],
    "portal/expenses/rules_penalties.py": [
        ('    if detail["person"].id == person.id:', "    if False:", f"{PENALTIES} about_himself"),
        ('    if not may_record(posts, detail["person"], detail["rule"]):', "    if False:", f"{PENALTIES} record_nothing"),
        ("not least <= content.amount <= most", "False", f"{PENALTIES} range_of_the_rule"),
        ('    if detail["day"] > clock.today():', "    if False:", f"{PENALTIES} day_to_come"),
        ("unless=[no_file]", "unless=[]", f"{PENALTIES} without_a_file"),
        ("unless=[answered]", "unless=[]", f"{PENALTIES} answered_once"),
        ('    let_read(act.case, {f"#{person.id}"})\n', "", f"{PENALTIES} head_records"),
        ("who=beneficiary, unless", "who=requester, unless", f"{PENALTIES} head_records"),
        ("act.case.beneficiary_id != act.paper.person_id", "False", f"{PENALTIES} same_person"),
        ("if act.case.number and act.case", "if act.case", f"{PENALTIES} named_last"),
    ],
    "portal/expenses/rules_months.py": [
        ("WHERE v.due_on <= ? AND a.put", "WHERE v.due_on > ? AND a.put", f"{MONTHS} advance_that_was_due"),
        ("        may_be_noted=True,\n", "", f"{MONTHS} advance_that_was_due"),
        ("(e.post <> 'gm' OR k.mark = 'in_stead')", "e.post = 'gm'", "test_claims.py signed_by_another_who"),
    ],
    "portal/expenses/models_consents.py": [
        ("or self.asked_at > clock.now()", "", f"{CONSENTS} is_looked_at"),
        ("if submitted and self.asked_at < submitted", "if False and self.asked_at < submitted", f"{CONSENTS} is_looked_at"),
        ("        if self.way not in WAYS:", "        if False:", f"{CONSENTS} is_looked_at"),
        ("        if not self.words.strip():", "        if False:", f"{CONSENTS} is_looked_at"),
    ],
    "portal/expenses/rules_advances.py": [
        (
            "for case in (request, *supplements_of(request.id))",
            "for case in (request,)",
            "test_money_bent.py approved_a_supplement",
        ),
        ('| tasks.signed({"lift"}, case)', "", "test_expenses_advances.py lifted_the_block"),
        ("above_approved, owes_unlifted, recorded", "above_approved, recorded", "test_expenses_advances.py stops_its_payment"),
        ('None if tasks.signed({"lift"}, act.case) else owes', "owes", "test_expenses_advances.py stops_its_payment"),
        ("if each.id != act.case.id]", "]", "test_expenses_advances.py its_own_rest"),
    ],
}
