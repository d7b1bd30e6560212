"""The company's rules that this portal keeps, each under its number in the rulebook, in a sentence."""

from __future__ import annotations

from portal.words import Words, _

CHAPTERS: dict[str, Words] = {
    "GEN": _("For every paper"),
    "SUP": _("Office supplies"),
    "CON": _("Contract archive"),
    "FIN": _("Money"),
    "BEX": _("Business expenses"),
    "PRI": _("Pricing"),
    "SHF": _("On the shelf and off it"),
    "PRO": _("Promotions"),
    "INF": _("Information publishing"),
    "DBA": _("Accounts and passwords"),
}

RULES: dict[str, Words] = {
    "GEN-01": _("Who asks does not decide: two signatures on one paper come from two people."),
    "GEN-02": _("Every step is written down for good: who, in which role, when, from where to where, and why."),
    "GEN-03": _("One person may hold several roles; the roles of a department count for its own papers."),
    "GEN-04": _("Cashier and chief accountant are never the same person."),
    "GEN-05": _("Somebody may stand in for a post from a day until a day, for a reason; every signature then says so."),
    "GEN-06": _("Days and times are those of Shanghai; working days follow one calendar."),
    "GEN-07": _("Amounts are counted in whole fen, so nothing is lost by rounding."),
    "GEN-08": _("Whoever returns or rejects a paper says why."),
    "GEN-09": _("Nothing is erased: what is over is closed, cancelled or withdrawn, and can still be read."),
    "GEN-10": _("An attempt beyond one's rights is refused and recorded."),
    "SUP-02": _("The catalogue gives each item one specification, a unit, and a limit for each department and month."),
    "SUP-03": _("Each line shows stock and average consumption, and keeps the figures on which it was decided."),
    "SUP-05": _("Who approves may lower a quantity; what was asked and what was approved both stay on the paper."),
    "SUP-12": _("The office buys for all and hands out to the departments; the custodian confirms what was received."),
    "SUP-13": _("Departments draw sparingly: what they use in a month is set against their limit."),
    "SUP-16": _("Each department names one person for its supplies, and only that person files its draws."),
    "SUP-18": _("Goods in and out are booked at once, and the books match the goods: a balance is never typed, only counted."),
    "SUP-19": _("Nothing leaves the stock but by an approved draw, or by a difference that the manager of the office approved."),
    "SUP-20": _("Every item has its category and its place."),
    "CON-01": _("A contract's number is its year, the nature of its project and a sequence; it is never given twice."),
    "CON-02": _("Every half year each contract in the archive is looked for, and what was found is written down."),
    "CON-03": _("Loss and damage are looked into and dealt with, and who is responsible answers for them."),
    "CON-04": _("Statistics on contracts are counted from the register, never typed."),
    "CON-05": _("The contract statistics list can be printed and taken away by year, nature, party and department."),
    "CON-06": _("Contracts are found by number, year, nature, party, keyword, department, state and text."),
    "CON-07": _("Staff may read contracts at the archive; who read which, and when, is written down."),
    "CON-08": _("A contract is borrowed only where the work needs it."),
    "CON-09": _("Borrowing needs the consent of the borrower's own head or leader in charge."),
    "CON-10": _("After the consent only the archivist hands out and takes back."),
    "CON-11": _("What is lent is a numbered photocopy."),
    "CON-12": _("An original is lent in special circumstances only, with the general manager's consent, one at a time."),
    "CON-13": _("Contracts are kept safe from fire and damp."),
    "CON-14": _("A named person answers for the archive, and hands it over in writing."),
    "CON-15": _("Papers of partners that a department hands over are registered by the archivist."),
    "CON-16": _("A contract of a group tour names its group file."),
    "FIN-01": _(
        "The general manager approves spending only inside the annual budget: what is approved and not yet paid counts as used."
    ),
    "FIN-02": _(
        "Beyond the budget only the general manager approves, by a step of its own with a reason; the paper stays marked."
    ),
    "FIN-05": _("The cashier checks each claim: the approval is there, the sums agree, the receipts are valid and complete."),
    "FIN-03": _("Only the chief accountant posts to the books and draws up the statements, and keeps them up to date."),
    "FIN-06": _("Who pays does not keep the books, and who keeps the books does not pay."),
    "FIN-10": _("Spending begins with an estimate that the general manager signs; without it nothing is advanced or repaid."),
    "FIN-11": _(
        "Money is lent against one approved request, never above it, on a numbered slip; who is late with one borrows no more."
    ),
    "FIN-12": _("What was spent is repaid against invoices, one a line with number and file; no invoice is repaid twice."),
    "FIN-13": _("What was spent without an approval, before it or above it, is not repaid; who spent it bears it."),
    "FIN-14": _(
        "While the general manager is away consent is asked by telephone first, and somebody with no part in it records it."
    ),
    "FIN-15": _(
        "In haste consent by telephone comes first; the signature follows in a few days, and until then no claim is paid."
    ),
    "FIN-16": _("A claim is brought in good time: the general manager signs it, then the cashier pays; its age is shown."),
    "FIN-17": _("A claim goes on one sheet with its receipts numbered, neat and complete, or the cashier returns it."),
    "BEX-01": _("Business spending needs the general manager's consent before the day of spending."),
    "BEX-02": _("Business spending is for guests, gifts, fares or something else; something else is described."),
    "BEX-03": _("The general manager can see all business spending by person, kind, client and month."),
    "BEX-04": _("The rules of the budget and of keeping money and books apart hold for business spending too."),
    "PRI-01": _("A price rests on what competitors ask, or on a written note about the market."),
    "PRI-02": _("Only the e-commerce planner proposes prices."),
    "PRI-03": _("The marketing director agrees to a price, never who proposed it."),
    "PRI-04": _("The section specialist publishes the price that was agreed to, and no other."),
    "PRI-05": _(
        "A new price is a new proposal, with its reason: season, purchasing, the same category, the same brand or stock."
    ),
    "PRI-06": _("What is agreed to and not published yet is listed with its age; the planner watches over it."),
    "PRI-08": _("Prices in the real shop are compared with those agreed to, and what differs is listed."),
    "SHF-01": _("Planner or section specialist asks for a product to go on the shelf."),
    "SHF-02": _("Nothing is shown in the shop before the marketing director agrees."),
    "SHF-03": _("What is sold out comes off the shelf at once, by itself."),
    "SHF-04": _("Taking off for another reason is asked for in writing, with the reason."),
    "SHF-05": _("The marketing director or the head of the department agrees to it."),
    "SHF-06": _("The section specialist takes it off."),
    "SHF-07": _("What goes up has its texts, a picture, a published price and stock, checked by a person."),
    "SHF-08": _("Pictures are made and descriptions written before a product goes up; designer and copywriter are asked."),
    "SHF-09": _("The section specialist publishes contents; the copywriter and the designer write new versions of them."),
    "SHF-10": _("What is agreed to and not done yet is listed with its age."),
    "SHF-11": _("The specialist moves products between categories and archives them; the planner looks at each change."),
    "SHF-13": _("Planner and specialist choose what is promoted first in a season."),
    "SHF-12": _("Products are counted every two days; the warehouse confirms the count."),
    "SHF-14": _("The planner may plan the moment at which a product goes up."),
    "SHF-15": _("A picture, a video and a document of a product may each be only so large."),
    "SHF-16": _("Somebody vouches by name that all that is said of a product is right, before it goes up."),
    "SHF-17": _("The order of goods in the shop follows stock and sales; every change of it is written down."),
    "PRO-01": _("The e-commerce planner plans promotions."),
    "PRO-02": _("A plan passes before anything else is done for it."),
    "PRO-03": _(
        "After that the section specialist proposes how single goods are treated: a price or a gift, from when until when."
    ),
    "PRO-04": _("The marketing director agrees to the treatment."),
    "PRO-05": _("The section specialist applies it; when it is over the old price is back, and the specialist verifies that."),
    "PRO-06": _("Topic and festival campaigns are planned for the shop and for distribution customers."),
    "PRO-07": _("What is said of a campaign is published only after it has passed."),
    "PRO-08": _("Posters and pages are final once the marketing director has seen them."),
    "PRO-09": _("A plan says strategy, goods and resources."),
    "PRO-10": _("Official campaigns and brand authorisations are filed with the mall by the marketing director."),
    "PRO-11": _("A shop whose after-sales figures are below the mall's bar joins no official campaign."),
    "PRO-12": _("Customer service reads a summary of every campaign, and how to stand by it."),
    "PRO-13": _("Design makes festival pages and changes the goods on them by the start of the campaign."),
    "PRO-14": _("Advertisements stand from a day until a day, in a display plan by place and week."),
    "INF-01": _("Product content is collected, sorted and published by the section specialist."),
    "INF-02": _("The marketing department supplies major affairs, foreign-affairs events and the company profile."),
    "INF-03": _("Company information is published by the designer or the section specialist."),
    "INF-04": _("What is confidential or copyrighted needs the marketing director's consent first."),
    "INF-05": _("The general manager then consents to it as well, and nobody else does."),
    "INF-06": _("Somebody vouches for the facts, and for the right to show words and pictures."),
    "INF-07": _("Material from all channels is classified, compiled into a manuscript, approved, and then published."),
    "INF-08": _("News and important information are prepared in good time; every version is kept."),
    "INF-09": _("News and important information are approved by the marketing director, never by the author."),
    "INF-10": _("What is approved is published within 48 hours, day and night; what is late is told."),
    "INF-11": _("Nothing is published or changed without approval: a change after approval goes the whole way again."),
    "INF-12": _("Nothing against the law, the interest of the state, the image of the site or good morals is published."),
    "INF-13": _("Nothing reactionary, obscene or otherwise unlawful is published."),
    "INF-14": _("Nothing false is published, nor what hurts the company or gives away a secret."),
    "INF-15": _("Whoever keeps the section takes such content down at once; it stays on record, and somebody answers for it."),
    "INF-16": _("What is done to keep the site in order is written down."),
    "INF-17": _("What is published keeps the same limits for pictures, videos and documents."),
    "INF-18": _("Headlines and advertisements are renewed as needed; they need an approval as well."),
    "INF-19": _("Advertising articles are written by copywriter or section specialist and published by the specialist."),
    "DBA-02": _("There are three levels of users: ordinary, back office and database administrator."),
    "DBA-03": _("An ordinary user reads what is published and writes papers of his own."),
    "DBA-04": _("Entering and changing data needs the back-office level and a role for it."),
    "DBA-05": _("Copies are made and restored at the level of the database administrator."),
    "DBA-08": _(
        "Roles and levels are given, changed and withdrawn by the system administrator, as approved; every change is recorded."
    ),
    "DBA-10": _("A password has at least six characters, does not begin with a digit and is not easily guessed."),
    "DBA-11": _("Passwords are changed regularly."),
    "DBA-12": _("A user name and its password belong to one person and are told to nobody."),
    "DBA-14": _("Nobody reads or changes what is beyond the own rights; attempts are recorded."),
}


def chapter(rule: str) -> str:
    return rule.partition("-")[0]
