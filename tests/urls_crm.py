"""Every address of the crm room and what each persona is answered (a plain GET)."""

from tests.url_table import Row


def office(name: str, *args: str, **told: int) -> Row:
    """A page of all staff, then what differs."""
    answers = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "dina": 403, "stranger": 200}
    return Row(name=f"crm:{name}", args=args, **(answers | told))


def of_a_coop(name: str, *args: str, **told: int) -> Row:
    """A page about one coop: it does not exist for a consultant who does not accompany it."""
    return office(name, *args, **({"stranger": 404} | told))


def written(name: str, *args: str, **told: int) -> Row:
    """A form about one coop, which the accountant reads and does not write."""
    return of_a_coop(name, *args, **({"chloe": 403} | told))


ROWS = [
    office("board"),
    office("table"),
    office("coop_new", chloe=403),
    office("take_over", ada=403, chloe=403, stranger=403),
    of_a_coop("coop", "coop"),
    written("move", "coop", "'pause"),
    written("move", "coop", "'advance"),
    written("move", "coop", "'go_back"),
    written("move", "coop", "'resume"),
    written("move", "coop", "'abandon", ada=403),
    written("move", "coop", "'release", ada=403),
    written("move", "coop", "'merge", ada=403),
    written("move", "coop", "'finish", ada=403),
    written("move", "coop", "'reopen", ada=403),
    written("move", "coop", "'reopen_closed", ada=403),
    of_a_coop("move", "coop", "'place", ada=400, basile=400, chloe=400, farid=400),
    of_a_coop("move", "coop", "'teleport", ada=400, basile=400, chloe=400, farid=400),
    written("coop_edit", "coop"),
    written("members", "coop"),
    written("milestone", "coop"),
    written("block", "coop"),
    written("unblock", "coop"),
    written("next_action", "coop"),
    written("assign", "coop", ada=403),
    written("offer", "coop"),
    written("kit_item", "coop", "requirement"),
    written("note_new", "coop"),
    # An internal note does not exist for the accountant.
    of_a_coop("note", "note", chloe=404),
    of_a_coop("note_edit", "note", chloe=404),
    office("tasks"),
    of_a_coop("task_new", "coop"),
    of_a_coop("task", "task"),
    of_a_coop("task_done", "task"),
    written("document_add", "coop"),
    of_a_coop("document", "document"),
    office("organisations"),
    office("organisation_new"),
    of_a_coop("organisation", "organisation"),
    of_a_coop("organisation_edit", "organisation"),
    of_a_coop("client_kind", "organisation", ada=403, basile=403, farid=403),
    of_a_coop("legal_form", "organisation"),
    of_a_coop("membership", "organisation"),
    office("contacts"),
    office("contact_new", chloe=403),
    of_a_coop("contact", "contact"),
    written("contact_edit", "contact"),
    office("kit", ada=403, chloe=403, stranger=403),
    office("kit_new", ada=403, chloe=403, stranger=403),
    office("kit_edit", "requirement", ada=403, chloe=403, stranger=403),
    office("paths", ada=403, chloe=403, stranger=403),
    office("path_edit", "path", ada=403, chloe=403, stranger=403),
    office("structure", ada=403, basile=403, stranger=403),
    office("issuer", ada=403, basile=403, stranger=403),
    office("issuer_new", ada=403, basile=403, farid=403, stranger=403),
]
