"""The guards of purchases nearby, for `tests/guards.py`: in a file the text, what it becomes, the tests that turn red."""

RULES, PAGES = "test_nearby.py", "test_nearby_pages.py"

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/purchasing/rules_nearby.py": [
        ('content.department, content.detail["away"]):', 'content.department, "away") and False:', f"{RULES} sup_16"),
        ("if line is not None and line.department_id != content.department.id:", "if False:", f"{RULES} own_department"),
        ("unless=[not_who_writes, incomplete, foreign_line]", "unless=[incomplete, foreign_line]", f"{RULES} custodian_no_more"),
        ("unless=[not_who_writes, incomplete, foreign_line]", "unless=[not_who_writes, foreign_line]", f"{RULES} draft_may_lack"),
        ("known(line_id).left < act.case.amount:", "False:", f"{RULES} even_without"),
        ("return not supplies_need_gm() or", "return True or", f"{RULES} managers_signature"),
        ("gm.key in act.posts and not", "False and not", f"{RULES} once_more"),
        ("and not is_managers_own(act.case)", "", f"{RULES} stands_in_as_manager"),
        ("unless=[over_budget], then=[hold_now,", "then=[hold_now,", f"{RULES} even_without"),
        ("WITHDRAW, apart=[managers_apart]", "WITHDRAW, apart=[]", f"{RULES} stands_in_as_manager"),
        ('"unless": [receipt_missing]', '"unless": []', f"{RULES} without_its_receipt"),
        ("each.at >= approved_at for", "True for", f"{RULES} without_its_receipt"),
        ('"buy", "answer"}, case)', '"answer"}, case)', f"{RULES} gen_01_who_entered"),
        ('{"approve", "approve_over_budget", "buy"', '{"buy"', f"{RULES} gen_01"),
        ("unless=[paid_already], ", "", f"{RULES} objects_no_more"),
        ("UNUSED = [in_use, supplement_open]", "UNUSED = [supplement_open]", f"{RULES} while_it_is_claimed"),
        ("UNUSED = [in_use, supplement_open]", "UNUSED = [in_use]", f"{RULES} a_supplement_waits"),
        ('    if case.state == "approved":\n', "    if False:\n", f"{RULES} once_it_is_bought"),
        ("if case.state in OPEN and claimed > spent:", "if False:", f"{RULES} was_spent"),
        ("claimed_by_line(case.id, act.case.id).values()", "()", f"{RULES} several_claims"),
        ('    if case.state == "bought":\n', "    if False:\n", f"{RULES} signed_before"),
        ('    if case.state == "objected":\n', "    if False:\n", f"{RULES} objection_blocks"),
        ('lends=("approved",)', "lends=OPEN", f"{RULES} nothing_is_lent"),
        ("during=(during(", "during=() and (during(", f"{RULES} holds_the_estimate"),
    ],
    "portal/purchasing/models_nearby.py": [
        ("    if filed and day < filed:", "    if False:", f"{RULES} before_the_application"),
        ("    if approved and day < approved:", "    if False:", f"{RULES} before_the_application"),
        ("    if approved and day < approved:", "    if approved and day <= approved:", f"{RULES} counts_as_after"),
        ("self.bought_on > clock.today()", "False", f"{RULES} makes_sense"),
        ("not 0 <= quantity <= asked[n].quantity", "False", f"{RULES} makes_sense"),
        ("        if self.spent > approved:", "        if False:", f"{RULES} supplementary"),
        ("a.post IN (%s)) %s", "a.post IN (%s) OR 1 = 1) %s", f"{PAGES} own_department_only"),
    ],
    "portal/expenses/rules_claims.py": [
        ("    too_soon, no_approved_request,", "    no_approved_request,", f"{RULES} once_it_is_bought"),
        ("consent_not_confirmed, held_up, above_approved]", "consent_not_confirmed, above_approved]", f"{RULES} signed_before"),
        ("consent_not_confirmed, held_up, sums_differ]", "consent_not_confirmed, sums_differ]", f"{RULES} objection_blocks"),
        ("consent_not_confirmed, held_up, recorded", "consent_not_confirmed, recorded", f"{RULES} run_of_payments"),
    ],
    "portal/expenses/rules_lapsing.py": [
        ("AND r.state NOT IN ('approved', 'provisional'))", "AND 1 = 0)", f"{RULES} was_bought_does_not"),
    ],
}  # fmt: skip
