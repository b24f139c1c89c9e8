"""The scripts a newcomer meets: what they lock, what they say, what they leave behind."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | environment
    )


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text(encoding="utf-8")))


def bash_scripts() -> list[Path]:
    files = [p for p in (*(ROOT / "script").iterdir(), ROOT / ".ci" / "run") if p.is_file()]
    return [p for p in files if p.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash")]


def test_the_development_lock_holds_the_products_own_pins() -> None:
    # script/bootstrap counts on it: one environment serves to run and to test.
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_its_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) == len(pins(name))
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "index-url" not in text


def test_every_script_can_be_started_and_read_by_bash() -> None:
    scripts = bash_scripts()
    assert {"bootstrap", "demo", "server", "test", "check", "run"} <= {p.name for p in scripts}
    for script in (*scripts, ROOT / "script" / "messages"):
        assert os.access(script, os.X_OK), script
    for script in scripts:
        assert run("bash", "-n", script).returncode == 0, script


def test_without_rights_bootstrap_names_the_command_and_stops(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "script", tmp_path / "script")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, says in {"id": "echo 1000", "apt-get": f"touch {tmp_path}/installed"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{says}\n")
        (tools / name).chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    done = run(tmp_path / "script" / "bootstrap", PATH=path, PYTHON="no-such-python")
    assert done.returncode == 1
    assert "sudo apt-get update && sudo apt-get install" in done.stderr
    assert "python3 python3-venv" in done.stderr
    assert done.stderr.count("bootstrap:") == 1
    assert not (tmp_path / "installed").exists()
    assert not (tmp_path / ".venv").exists()


def test_a_bench_that_does_not_exist_is_refused() -> None:
    for name in ("../bench", "nothing", ""):
        done = run(ROOT / "script" / "bench", name)
        assert done.returncode == 2
        assert "usage: script/bench NAME" in done.stderr


def test_the_throwaway_postgresql_serves_one_command_and_goes() -> None:
    script = ROOT / "script" / "postgresql"
    if run(script, "--find").returncode:
        pytest.skip("PostgreSQL's binaries are not here")
    psql = 'psql -Atd essaim -h "${DATABASE_URL#*host=}" -U essaim -c "$1"'
    query = f'echo "$DATABASE_URL"; {psql}; exit 7'
    done = run(script, "bash", "-c", query, "query", "SHOW listen_addresses; SELECT 6*7")
    assert done.returncode == 7, done.stderr
    url, addresses, answer = done.stdout.splitlines()
    assert (addresses, answer) == ("", "42")
    assert not Path(url.partition("host=")[2]).exists()


# --- The catalogue ----------------------------------------------------------------------------


class Texts:
    """A small tree with its own catalogue."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "essaim" / "locale" / "fr" / "LC_MESSAGES"
        (self.folder / "parts").mkdir(parents=True)
        (root / "templates").mkdir()
        self.catalogue = self.folder / "django.po"

    def messages(self, *options: str) -> subprocess.CompletedProcess[str]:
        script = ROOT / "script" / "messages"
        return run(sys.executable, script, *options, ESSAIM_MESSAGES_ROOT=str(self.root))

    def part(self, name: str, body: str) -> None:
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        (self.folder / "parts" / name).write_text(head + body, encoding="utf-8")

    def code(self, text: str) -> None:
        (self.root / "essaim" / "x.py").write_text(text, encoding="utf-8")

    def template(self, text: str) -> None:
        (self.root / "templates" / "x.html").write_text(text, encoding="utf-8")


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    return Texts(tmp_path)


def test_texts_of_code_and_templates_are_all_asked(texts: Texts) -> None:
    texts.code('_("Coop")\nngettext("%(n)s day", "%(n)s days", n)\npgettext("month", "May")\n')
    texts.template(
        '<p title="{% translate "Title" %}">{{ _("Shown") }}</p>\n   <b>\n'
        "  {% blocktranslate count n=n trimmed %}\n one {{ n }}\n{% plural %}\nmany {{ n }}\n"
        "{% endblocktranslate %}\n{% block x %}don't (stop{% endblock %}"
    )
    asked = texts.messages("--check").stdout
    for msgid in ("Coop", "%(n)s day", "May", "Title", "Shown", "one %(n)s"):
        assert f"no French text: '{msgid}'" in asked


def test_fragments_become_a_catalogue_that_django_reads(texts: Texts) -> None:
    texts.code('_("Day")\nngettext("%(n)s day", "%(n)s days", n)\n')
    texts.part(
        "a.po",
        'msgid "Day"\nmsgstr "Journée"\n\nmsgid "Gone"\nmsgstr "Parti"\n\n'
        'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'
        'msgstr[0] "%(n)s jour"\nmsgstr[1] "%(n)s jours"\n',
    )
    assert texts.messages().returncode == 0
    first = texts.catalogue.read_bytes()
    assert b"Gone" not in first
    assert texts.messages("--check").returncode == 0
    assert texts.messages().returncode == 0
    assert texts.catalogue.read_bytes() == first
    with texts.catalogue.with_suffix(".mo").open("rb") as compiled:
        french = gettext.GNUTranslations(compiled)
    assert french.gettext("Day") == "Journée"
    assert french.ngettext("%(n)s day", "%(n)s days", 2) == "%(n)s jours"


def test_a_catalogue_behind_its_fragments_is_refused(texts: Texts) -> None:
    texts.code('_("Day")\n')
    texts.part("a.po", 'msgid "Day"\nmsgstr "Jour"\n')
    texts.messages()
    texts.part("a.po", 'msgid "Day"\nmsgstr "Journée"\n')
    done = texts.messages("--check")
    assert done.returncode == 1
    assert "run script/messages" in done.stdout


def test_two_fragments_that_disagree_are_told_and_the_first_is_kept(texts: Texts) -> None:
    texts.code('_("Grant")\n')
    texts.part("a.po", 'msgid "Grant"\nmsgstr "Subvention"\n')
    texts.part("b.po", 'msgid "Grant"\nmsgstr "Aide"\n')
    done = texts.messages()
    assert "warning: b.po" in done.stdout
    assert "Subvention" in texts.catalogue.read_text(encoding="utf-8")


def test_a_text_may_only_use_what_its_msgid_offers(texts: Texts) -> None:
    texts.code('_("Late by %(days)s days")\n')
    texts.part("a.po", 'msgid "Late by %(days)s days"\nmsgstr "En retard de %(jours)s jours"\n')
    done = texts.messages("--check")
    assert done.returncode == 1
    assert "%(jours)s" in done.stdout
