"""The guards of requests, consents, advances and stand-ins on one paper, for `tests/guards.py`: in a file the text, what it
becomes, the tests that turn red."""

CONSENTS, ADVANCES = "test_expenses_consents.py", "test_expenses_advances.py"
SUPPLEMENTS, STAND_INS = "test_expenses_supplements.py", "test_stand_ins_on_papers.py"

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/expenses/rules_instead.py": [
        ('set(access.holder_ids("gm")) - deciders', "set()", "test_stand_ins_on_papers.py who_stands_in_as_general"),
        ("if act.post != gm.key or is_managers_own(act.case):", "if False:", "test_claims.py managers_own_claim"),
    ],
    "portal/expenses/rules_consents.py": [
        ('if set(access.holder_ids("gm")) <= concerned(act.case):', "if False:", f"{CONSENTS} managers_own"),
        ("return bool(act.paper.urgent) or manager_is_away()", "return True", f"{CONSENTS} without_haste"),
        ("if cashier.key in act.posts else None", "if False else None", f"{CONSENTS} a_cashier_records"),
        ("if gm.key in act.posts else None", "if False else None", f"{CONSENTS} approves_instead"),
        ("away >= set(managers)", "bool(away)", f"{CONSENTS} stands_in_as_manager"),
        ("recalled = recall_advances(request_id)", "pass", f"{CONSENTS} due_at_once"),
        ("goes_back = act.paper.supplements_id is None or", "goes_back = True or", f"{CONSENTS} of_a_supplement"),
        ("        if consent.told_late is None:", "        if True:", f"{CONSENTS} red_list"),
        ("    if by.id != person.id:", "    if False:", f"{CONSENTS} office_enters"),
    ],
    "portal/expenses/rules.py": [
        ("then=[hold_now, consent_given]", "then=[consent_given]", f"{CONSENTS} came_free"),
        ("over_budget, is_cashier", "is_cashier", f"{CONSENTS} beyond_the_budget"),
        ("when=[is_business],", "", f"{SUPPLEMENTS} no_invoice"),
        ("UNUSED = [in_use, ", "UNUSED = [", f"{SUPPLEMENTS} money_is_out"),
        ("supplement_open, rests_on_it]", "rests_on_it]", f"{SUPPLEMENTS} supplement_waits"),
        ("supplement_open, rests_on_it]", "supplement_open]", f"{SUPPLEMENTS} rest_on_it"),
    ],
    "portal/expenses/rules_claims.py": [
        (
            "if open_consent := unconfirmed_part(request.id):",
            "if open_consent := None:",
            f"{CONSENTS} claim_waits",
        ),
    ],
    "portal/expenses/rules_supplements.py": [
        ("or not is_for(request, person)", "", f"{SUPPLEMENTS} of_ones_own"),
        ("if request is None or is_open(request):", "if True:", f"{SUPPLEMENTS} request_is_over"),
    ],
    "portal/expenses/rules_advances.py": [
        (
            "(request_not_approved, above_approved, owes_unlifted, recorded_the_consent)",
            "(recorded_the_consent,)",
            f"{CONSENTS} the_last",
        ),
        ("owes_unlifted, recorded_the_consent)", "owes_unlifted)", f"{CONSENTS} became_cashier"),
        ("    if act.case.amount <= room:", "    if True:", f"{ADVANCES} above_the_approved"),
        ("    if not late:", "    if True:", f"{ADVANCES} blocks_a_new_one"),
        ("AND supplements_id IS NOT NULL", "AND 1 = 0", f"{ADVANCES} borrowed_on_by"),
        ("APART = [concerned, decided]", "APART = [concerned]", f"{STAND_INS} posts_nothing"),
        ("APART = [concerned, decided]", "APART = [decided]", f"{STAND_INS} second_holder"),
    ],
    "portal/tasks.py": [
        ("or _unfit(named.person, wanted)", "", f"{STAND_INS} became_the_other"),
        ("named is None or named.person_id in barred", "named is None", f"{STAND_INS} then_paid"),
        ("not _free(wanted, barred) and named_for", "named_for", f"{STAND_INS} takes_the_step_once"),
        ('    if "gm" not in access.posts_of(person):', "    if False:", f"{STAND_INS} only_the_general"),
        ("if person.id in barred and not", "if False and not", f"{STAND_INS} names_nobody"),
        ("    if stand_in.id in barred:", "    if False:", f"{STAND_INS} as_both"),
        ("    if list(LEVELS).index(person.level) <", "    if 99 <", f"{STAND_INS} lacks_the_level"),
        ("person.id in access.holder_ids(key)), None)", "False), None)", f"{STAND_INS} named_as"),
    ],
}
