"""The whole graph of an application as one table: states, edges, and the roles that take them."""

BEFORE = {
    "spotted",
    "eligibility",
    "drafting",
    "submitted",
    "incomplete",
    "complete",
    "review",
    "committee",
    "waiting_list",
    "adjourned",
}
AT_FUNDER = BEFORE - {"spotted", "eligibility", "drafting"}

# The whole graph: move -> (the states it leaves, the state it reaches).
GRAPH: dict[str, tuple[set[str], str]] = {
    "check_eligibility": ({"spotted"}, "eligibility"),
    "draft": ({"spotted", "eligibility"}, "drafting"),
    "deposit": ({"drafting"}, "submitted"),
    "rewrite": ({"submitted"}, "drafting"),
    "declare_incomplete": ({"submitted", "complete"}, "incomplete"),
    "declare_complete": ({"submitted", "incomplete"}, "complete"),
    "review": ({"submitted", "complete"}, "review"),
    "to_committee": ({"submitted", "complete", "review", "waiting_list", "adjourned"}, "committee"),
    "award": (
        {"submitted", "complete", "review", "committee", "waiting_list", "no_answer"},
        "awarded",
    ),
    "wait": ({"review", "committee"}, "waiting_list"),
    "adjourn": ({"review", "committee"}, "adjourned"),
    "refuse": (AT_FUNDER | {"no_answer"}, "refused"),
    "give_up_waiting": (AT_FUNDER, "no_answer"),
    "withdraw": (BEFORE, "withdrawn"),
    "agree": ({"awarded"}, "agreed"),
    "start": ({"awarded", "agreed"}, "running"),
    "report": ({"running"}, "reported"),
    "report_sent_back": ({"reported"}, "running"),
    "settle": ({"reported"}, "settled"),
    "close_file": ({"settled", "clawback"}, "closed"),
    "renounce": ({"awarded", "agreed", "running"}, "renounced"),
    "lapse": ({"awarded", "agreed", "running"}, "lapsed"),
    "claw_back": (
        {
            "awarded",
            "agreed",
            "running",
            "reported",
            "settled",
            "closed",
            "renounced",
            "lapsed",
        },
        "clawback",
    ),
}

_OFFICE = frozenset({"coordinator", "administrator"})

# Who may take each edge; a new edge without a row fails (tests/test_grant_roles.py).
ROLES: dict[str, frozenset[str]] = {
    "check_eligibility": _OFFICE,
    "draft": _OFFICE,
    "deposit": _OFFICE,
    "rewrite": _OFFICE,
    "declare_incomplete": _OFFICE,
    "declare_complete": _OFFICE,
    "review": _OFFICE,
    "to_committee": _OFFICE,
    "award": _OFFICE,
    "wait": _OFFICE,
    "adjourn": _OFFICE,
    "refuse": _OFFICE,
    "give_up_waiting": _OFFICE,
    "withdraw": _OFFICE,
    "agree": _OFFICE,
    "start": _OFFICE,
    "report": _OFFICE,
    "report_sent_back": _OFFICE,
    "settle": _OFFICE,
    "close_file": _OFFICE,
    "renounce": _OFFICE,
    "lapse": _OFFICE,
    "claw_back": _OFFICE,
}
