"""The law of the house: who imports whom, how long a file may be, and by which door state moves."""

import ast
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from essaim import hooks

ROOT = Path(__file__).resolve().parent.parent
# A room, and the rooms it may import.
MAY_IMPORT = {
    "essaim": {"essaim"},
    "crm": {"essaim", "crm"},
    "missions": {"essaim", "crm", "missions"},
    "grants": {"essaim", "crm", "grants"},
    "invoicing": {"essaim", "crm", "missions", "grants", "invoicing"},
}
ROOMS = tuple(MAY_IMPORT)
FILE_CEILING, TEST_CEILING, FUNCTION_CEILING = 400, 600, 40
REGISTRIES = {
    "guards", "loose_ends", "timeline", "work_reasons", "reactions", "frozen_tables",
    "search", "person_data", "reattach", "hand_overs", "daily", "kept_shares", "importers",
}  # fmt: skip
CHANGES = {"append", "extend", "insert", "setdefault", "update", "clear", "pop", "remove"}
# Seconds to import, or impossible without Pango: only where a document is made.
HEAVY = {"weasyprint", "facturx", "pikepdf"}
CLOCKS = {
    "timezone": {"now", "localdate", "localtime"},
    "date": {"today"},
    "datetime": {"now", "today", "utcnow"},
    "time": {"time", "localtime", "gmtime"},
}
# With an argument these two only convert a moment that was passed in.
CONVERTERS = {"localdate", "localtime"}
CLOCK_KEYWORDS = {"auto_now", "auto_now_add"}
DATABASE_CLOCKS = {"Now", "TransactionNow"}
# Where the day and the hour come in.
AT_THE_EDGE = ("views", "commands", "tasks", "templatetags", "middleware", "context_processors")


@dataclass(frozen=True)
class Source:
    """One file of Python, by its path from the project's root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def parts(self) -> tuple[str, ...]:
        return Path(self.path).with_suffix("").parts

    @property
    def room(self) -> str:
        return self.parts[0]

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.parts

    @property
    def module(self) -> str:
        return ".".join(part for part in self.parts if part != "__init__")

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


@dataclass(frozen=True)
class Facts:
    """What the rules know of the whole tree."""

    modules: frozenset[str] = frozenset()
    transitions: frozenset[str] = frozenset()
    state_fields: frozenset[str] = frozenset()


Rule = Callable[[Source, Facts], list[str]]


def gather() -> list[Source]:
    folders = (*ROOMS, "tests", "script")
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [Source(p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in paths]


def facts_of(sources: list[Source]) -> Facts:
    product = [s for s in sources if s.room in ROOMS and not s.is_migration]
    return Facts(
        modules=frozenset(s.module for s in sources),
        transitions=frozenset(name for s in product for name in transitions_in(s)),
        state_fields=frozenset(name for s in product for name in state_fields_in(s)),
    )


def transitions_in(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and last_name(decorator.func) == "transition":
                    yield node.name


def state_fields_in(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        if last_name(node.value.func).startswith("FSM"):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def last_name(node: ast.AST) -> str:
    """`b` of both `b` and `a.b`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported(node: ast.AST, modules: frozenset[str] = frozenset()) -> list[str]:
    """The modules an import statement names, `from a import b` being a.b when that is a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        whole = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in modules else node.module for name in whole]
    return []


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def module_names(source: Source) -> set[str]:
    """Names in this file that stand for a first-party module (or for a whole library)."""
    names: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "") in ROOMS:
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def imported_names(source: Source, module: str) -> dict[str, str]:
    """Local name -> its name in `module`, for what is imported from there."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }


# --- The rules --------------------------------------------------------------------------------


def rooms_look_down(source: Source, facts: Facts) -> list[str]:
    allowed = MAY_IMPORT.get(source.room)
    if allowed is None:
        return []
    found = (name for node in ast.walk(source.tree) for name in imported(node))
    rooms = (name.split(".")[0] for name in found)
    return [
        f"{source.room} imports {room}" for room in rooms if room in ROOMS and room not in allowed
    ]


def imports_are_absolute(source: Source, facts: Facts) -> list[str]:
    nodes = (n for n in ast.walk(source.tree) if isinstance(n, ast.ImportFrom) and n.level)
    return [f"relative import, line {node.lineno}" for node in nodes]


def no_lazy_import_of_our_own(source: Source, facts: Facts) -> list[str]:
    if source.room not in ROOMS:
        return []
    return [
        f"{function.name} imports {name}, line {node.lineno}"
        for function in functions(source)
        for node in ast.walk(function)
        for name in imported(node)
        if name.split(".")[0] in ROOMS
    ]


def heavy_libraries_come_late(source: Source, facts: Facts) -> list[str]:
    if source.room not in ROOMS:
        return []
    late = {id(node) for function in functions(source) for node in ast.walk(function)}
    return [
        f"{name} is imported at module level"
        for node in ast.walk(source.tree)
        if id(node) not in late
        for name in imported(node)
        if name.split(".")[0] in HEAVY
    ]


def files_are_short(source: Source, facts: Facts) -> list[str]:
    ceiling = TEST_CEILING if source.room == "tests" else FILE_CEILING
    lines = source.text.count("\n")
    return [f"{lines} lines"] if lines > ceiling and not source.is_migration else []


def functions_are_short(source: Source, facts: Facts) -> list[str]:
    if source.is_migration or source.room == "tests":
        return []
    return [
        f"{f.name} has {(f.end_lineno or 0) - f.lineno + 1} lines"
        for f in functions(source)
        if (f.end_lineno or 0) - f.lineno >= FUNCTION_CEILING
    ]


def is_of_hooks(source: Source) -> bool:
    """hooks.py of a room, or a file of its package `hooks`."""
    return source.parts[1:2] == ("hooks",)


def only_hooks_register(source: Source, facts: Facts) -> list[str]:
    if source.room not in ROOMS or is_of_hooks(source):
        return []
    own = {k for k, v in imported_names(source, "essaim.hooks").items() if v in REGISTRIES}

    def is_registry(node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute) and last_name(node.value) == "hooks":
            return node.attr in REGISTRIES
        return isinstance(node, ast.Name) and node.id in own

    # `register` anywhere (called or as a decorator), or a change of the rows behind its back.
    registering = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == "register" and is_registry(node.value)
    ]
    changing = [
        node
        for node in source.calls()
        if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES
        for inner in ast.walk(node.func.value)
        if isinstance(inner, ast.Attribute) and inner.attr == "rows" and is_registry(inner.value)
    ]
    return [f"registers an answer, line {node.lineno}" for node in (*registering, *changing)]


def nobody_imports_hooks(source: Source, facts: Facts) -> list[str]:
    ours = {f"{room}.hooks" for room in ROOMS if room != "essaim"}
    if source.room not in ROOMS or is_of_hooks(source):
        return []
    whole = (
        name
        for node in ast.walk(source.tree)
        for name in imported(node, frozenset(ours))
    )  # fmt: skip
    return [
        f"imports {name}" for name in whole if any(f"{name}.".startswith(f"{o}.") for o in ours)
    ]


def no_signals_between_rooms(source: Source, facts: Facts) -> list[str]:
    if source.room not in ROOMS or source.room == "essaim":
        return []
    signals = ("django.dispatch", "django.db.models.signals", "django_fsm.signals")
    after_migrations = {"pre_migrate", "post_migrate"}
    return [
        f"imports {name}, line {node.lineno}"
        for node in ast.walk(source.tree)
        for name in imported(node)
        if name.startswith(signals) and not {alias.name for alias in node.names} <= after_migrations
    ]


def state_moves_through_the_door(source: Source, facts: Facts) -> list[str]:
    """A transition method takes only keywords (by, on, at, data): so is a call of it known."""
    if source.room not in ROOMS or source.path == "essaim/workflow.py":
        return []
    modules = module_names(source)
    found = []
    for call in source.calls():
        if call.args or not {k.arg for k in call.keywords} & {"on", "at", "data", None}:
            continue
        called = call.func
        if isinstance(called, ast.Call) and last_name(called.func) == "getattr":
            found.append(f"getattr(...)(...), line {call.lineno}")
        if not isinstance(called, ast.Attribute) or called.attr not in facts.transitions:
            continue
        if not (isinstance(called.value, ast.Name) and called.value.id in modules):
            found.append(f".{called.attr}(...), line {call.lineno}")
    return found


def no_state_in_an_update(source: Source, facts: Facts) -> list[str]:
    if source.room not in ROOMS or source.path == "essaim/workflow.py":
        return []
    found = []
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"update", "bulk_update"}:
            named = {k.arg for k in call.keywords}
            listed = {
                n.value for a in call.args for n in ast.walk(a) if isinstance(n, ast.Constant)
            }
            if (named | listed) & facts.state_fields:
                found.append(f".{call.func.attr} of a state, line {call.lineno}")
    return found


def guards_not_conditions(source: Source, facts: Facts) -> list[str]:
    return [
        f"conditions= in @transition, line {call.lineno}"
        for call in source.calls()
        if last_name(call.func) == "transition" and "conditions" in {k.arg for k in call.keywords}
    ]


def no_mixin_that_unprotects(source: Source, facts: Facts) -> list[str]:
    banned = {"FSMModelMixin", "ConcurrentTransitionMixin"}
    return [f"uses {n}" for n in imported_names(source, "django_fsm").values() if n in banned]


def no_clock_below_the_views(source: Source, facts: Facts) -> list[str]:
    if source.room not in ROOMS or set(source.parts) & set(AT_THE_EDGE):
        return []
    converting = {id(c.func) for c in source.calls() if c.args and last_name(c.func) in CONVERTERS}
    return [
        f"{found}, line {node.lineno}"
        for node in ast.walk(source.tree)
        if id(node) not in converting and (found := clock_in(node))
    ]


def clock_in(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and node.attr in CLOCKS.get(last_name(node.value), ()):
        return f"{last_name(node.value)}.{node.attr}"
    if isinstance(node, ast.ImportFrom) and node.module == "django.utils.timezone":
        return "now" if "now" in {alias.name for alias in node.names} else ""
    if isinstance(node, ast.Name) and node.id in CONVERTERS:
        return node.id
    if isinstance(node, ast.keyword) and node.arg in CLOCK_KEYWORDS:
        return str(node.arg)
    if isinstance(node, ast.Call) and last_name(node.func) in DATABASE_CLOCKS:
        return last_name(node.func)
    return ""


RULES: list[Rule] = [
    rooms_look_down,
    imports_are_absolute,
    no_lazy_import_of_our_own,
    heavy_libraries_come_late,
    files_are_short,
    functions_are_short,
    only_hooks_register,
    nobody_imports_hooks,
    no_signals_between_rooms,
    state_moves_through_the_door,
    no_state_in_an_update,
    guards_not_conditions,
    no_mixin_that_unprotects,
    no_clock_below_the_views,
]


def circle_in(edges: Mapping[str, set[str]]) -> list[str]:
    """One circle of modules, or nothing."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(edges.get(name, ())):
            if found := walk(other, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(edges) if (found := walk(name, []))), [])


def edges_of(sources: list[Source]) -> dict[str, set[str]]:
    """Which module imports which; what a package's own `from . import` names is the module."""
    modules = frozenset(s.module for s in sources)
    return {
        source.module: {
            name
            for node in ast.walk(source.tree)
            for name in imported(node, modules)
            if name in modules and name != source.module
        }
        for source in sources
        if source.room in ROOMS
    }


# --- The tests --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return gather()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_whole_tree_obeys(rule: Rule, sources: list[Source]) -> None:
    facts = facts_of(sources)
    broken = [f"{source.path}: {fault}" for source in sources for fault in rule(source, facts)]
    assert not broken, "\n".join(broken)


def test_no_module_imports_itself_by_a_detour(sources: list[Source]) -> None:
    assert circle_in(edges_of(sources)) == []


BAD: list[tuple[Rule, str, str]] = [
    (rooms_look_down, "crm/x.py", "from invoicing.models import Invoice"),
    (rooms_look_down, "essaim/x.py", "import crm.models"),
    (rooms_look_down, "grants/x.py", "def f():\n    from missions import rules"),
    (imports_are_absolute, "tests/x.py", "from .base import y"),
    (no_lazy_import_of_our_own, "crm/x.py", "def f():\n    from essaim import money"),
    (heavy_libraries_come_late, "essaim/x.py", "from weasyprint import HTML"),
    (files_are_short, "crm/x.py", "x = 1\n" * 401),
    (files_are_short, "tests/x.py", "x = 1\n" * 601),
    (functions_are_short, "crm/x.py", "def f():\n" + "    x = 1\n" * 40),
    (only_hooks_register, "crm/x.py", "from essaim import hooks\nhooks.timeline.register('x')(f)"),
    (
        only_hooks_register,
        "crm/x.py",
        "from essaim.hooks import guards as g\n@g.register(1)\ndef f(): 0",
    ),
    (only_hooks_register, "crm/x.py", "from essaim import hooks\nhooks.guards.rows[1].append(f)"),
    (nobody_imports_hooks, "crm/x.py", "from crm import hooks"),
    (nobody_imports_hooks, "crm/x.py", "from crm.hooks import work"),
    (no_signals_between_rooms, "crm/x.py", "from django.dispatch import receiver"),
    (state_moves_through_the_door, "crm/x.py", "invoice.issue(by=by, on=on, at=at, data=data)"),
    (state_moves_through_the_door, "crm/x.py", "self.origin.issue(**acting)"),
    (state_moves_through_the_door, "crm/x.py", "getattr(obj, name)(by=by, on=on)"),
    (no_state_in_an_update, "crm/x.py", "Invoice.objects.filter(pk=1).update(state='issued')"),
    (no_state_in_an_update, "crm/x.py", "Invoice.objects.bulk_update(rows, ['state'])"),
    (guards_not_conditions, "crm/x.py", "@transition(state, conditions=[f])\ndef go(self): 0"),
    (no_mixin_that_unprotects, "crm/x.py", "from django_fsm import FSMModelMixin"),
    (no_clock_below_the_views, "crm/actions.py", "today = timezone.localdate()"),
    (no_clock_below_the_views, "crm/models.py", "at = DateTimeField(default=timezone.now)"),
    (no_clock_below_the_views, "crm/models.py", "at = DateTimeField(auto_now_add=True)"),
    (no_clock_below_the_views, "crm/rules.py", "from django.utils.timezone import now"),
    (no_clock_below_the_views, "crm/models.py", "rows.filter(due__lt=Now())"),
    (no_clock_below_the_views, "crm/rules.py", "from x import localdate\ntoday = localdate()"),
    (no_clock_below_the_views, "crm/rules.py", "late = due < datetime.date.today()"),
]
GOOD: list[tuple[Rule, str, str]] = [
    (rooms_look_down, "invoicing/x.py", "from grants.models import Programme"),
    (heavy_libraries_come_late, "essaim/pdf.py", "def f():\n    import weasyprint"),
    (functions_are_short, "crm/x.py", "def f():\n" + "    x = 1\n" * 39),
    (only_hooks_register, "crm/hooks.py", "from essaim import hooks\nhooks.loose_ends.register(f)"),
    (
        only_hooks_register,
        "crm/hooks/x.py",
        "from essaim import hooks\nhooks.timeline.register(1)(f)",
    ),
    (
        only_hooks_register,
        "crm/x.py",
        "from essaim import hooks\nkinds = sorted(hooks.timeline.rows)",
    ),
    (only_hooks_register, "crm/x.py", "register = template.Library()\nregister.filter(f)"),
    (state_moves_through_the_door, "crm/x.py", "from crm import actions\nactions.issue(x, on=on)"),
    (state_moves_through_the_door, "crm/x.py", "import crm\nhandle.issue()"),
    (no_clock_below_the_views, "crm/models.py", "shown = timezone.localtime(self.at)"),
    (no_signals_between_rooms, "crm/apps.py", "from django.db.models.signals import post_migrate"),
    (no_clock_below_the_views, "crm/views.py", "today = timezone.localdate()"),
    (no_clock_below_the_views, "crm/management/commands/x.py", "at = timezone.now()"),
]
KNOWN = Facts(transitions=frozenset({"issue"}), state_fields=frozenset({"state"}))


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_rule_bites(rule: Rule, path: str, text: str) -> None:
    assert rule(Source(path, text), KNOWN)


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_a_rule_leaves_good_code_alone(rule: Rule, path: str, text: str) -> None:
    assert rule(Source(path, text), KNOWN) == []


def test_transitions_and_states_are_recognised() -> None:
    text = "state = FSMField(default=1)\n@transition(state, source=1)\ndef issue(self): 0"
    facts = facts_of([Source("crm/models.py", text)])
    assert facts.transitions == {"issue"}
    assert facts.state_fields == {"state"}


def test_a_circle_is_seen() -> None:
    pair = [Source("crm/a.py", "from crm import b"), Source("crm/b.py", "from crm.a import f")]
    assert circle_in(edges_of(pair)) == ["crm.a", "crm.b", "crm.a"]


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    told = StringIO()
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, stdout=told)
    except SystemExit:
        pytest.fail(told.getvalue())


def test_every_text_has_its_french() -> None:
    done = subprocess.run(
        [ROOT / "script" / "messages", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def rooms_answering(answers: object) -> set[str]:
    """The rooms whose code answers, from the module each answer was written in."""
    listed = answers.rows if isinstance(answers, hooks.Listed) else []
    if isinstance(answers, hooks.Keyed):
        listed = [answer for rows in answers.rows.values() for answer in rows]
    modules = (getattr(a, "__module__", None) or type(a).__module__ for a in listed)
    return {module.split(".")[0] for module in modules}


@pytest.mark.parametrize(
    ("registry", "rooms"),
    [
        ("guards", {"missions", "invoicing"}),
        ("loose_ends", {"missions", "grants", "invoicing"}),
        ("timeline", {"crm", "missions", "grants", "invoicing"}),
        ("work_reasons", {"crm", "missions", "grants", "invoicing"}),
    ],
)
def test_each_question_upward_has_its_answers(registry: str, rooms: set[str]) -> None:
    assert rooms <= rooms_answering(getattr(hooks, registry))


def test_a_move_sets_off_work_in_its_transaction() -> None:
    assert rooms_answering(hooks.reactions)


def test_finishing_asks_missions_and_invoicing() -> None:
    guards = hooks.guards.of(("crm.Accompaniment", "finish"))
    assert {"missions", "invoicing"} <= {guard.__module__.split(".")[0] for guard in guards}
