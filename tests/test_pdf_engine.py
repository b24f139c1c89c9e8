"""The PDF engine repeats itself to the byte, fetches nothing, and says what it lacks."""

import hashlib
import os
import subprocess
import sys
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core import checks
from pypdf import PdfReader

from essaim import fonts, pdf

EPOCH = 1_795_340_000
PAGE = "<html lang=fr><title>Essai</title><body><h1>Épicerie « L’Œuf »</h1><p>1 200,00 €</p>"
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
    "GAWjR9awAAAABJRU5ErkJggg=="
)


def read(made: bytes) -> PdfReader:
    return PdfReader(BytesIO(made))


@pytest.fixture
def listener():
    """A web server on this machine that notes every request it gets."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


def python(code: str) -> str:
    """Run code in a process of its own, with the project's settings."""
    run = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "essaim.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_the_same_input_gives_the_same_bytes():
    assert pdf.render(PAGE, epoch=EPOCH) == pdf.render(PAGE, epoch=EPOCH)


def test_another_process_gives_the_same_bytes():
    here = hashlib.sha256(pdf.render(PAGE, epoch=EPOCH)).hexdigest()
    code = (
        "import hashlib; from essaim import pdf\n"
        f"print(hashlib.sha256(pdf.render({PAGE!r}, epoch={EPOCH})).hexdigest())"
    )
    assert python(code) == here


def test_threads_at_once_give_the_same_bytes():
    alone = pdf.render(PAGE, epoch=EPOCH)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: pdf.render(PAGE, epoch=EPOCH), range(4)))
    assert set(made) == {alone}


def test_an_archive_file_with_an_attachment_is_reproducible_too():
    item = pdf.Attachment("factur-x.xml", b"<a/>", "Facture")

    def once():
        return pdf.render(PAGE, epoch=EPOCH, variant="pdf/a-3a", attachments=[item])

    made = once()
    assert made == once()
    assert {k: v[0] for k, v in read(made).attachments.items()} == {"factur-x.xml": b"<a/>"}


def test_the_file_is_dated_by_the_epoch_and_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    made = read(pdf.render(PAGE, epoch=EPOCH))
    assert made.metadata.creation_date.timestamp() == EPOCH
    assert os.environ["SOURCE_DATE_EPOCH"] == "7"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    pdf.render(PAGE, epoch=EPOCH)
    assert "SOURCE_DATE_EPOCH" not in os.environ


def test_hostile_markup_makes_no_request_and_embeds_nothing(listener, tmp_path, caplog):
    address, seen = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("le secret", "utf-8")
    targets = [f"{address}/x", secret.as_uri(), str(secret), "ftp://127.0.0.1/x", "//127.0.0.1/x"]
    traps = "".join(
        f'<link rel=stylesheet href="{url}"><link rel=attachment href="{url}">'
        f"<style>@import url('{url}');@font-face{{font-family:z;src:url('{url}')}}"
        f"p{{font-family:z;background:url('{url}')}}li{{list-style-image:url('{url}')}}</style>"
        f'<img src="{url}"><object data="{url}"></object><embed src="{url}">'
        f'<iframe src="{url}"></iframe><a rel=attachment href="{url}">x</a>'
        f'<svg><image href="{url}"/><use href="{url}#a"/></svg><ul><li>x</ul>'
        for url in [*targets, "data:text/plain,piege", "static:essaim/print.css"]
    )
    made = pdf.render(f'<base href="{address}/">{PAGE}{traps}<img src="relative.png">', epoch=EPOCH)
    document = read(made)
    assert seen == []
    assert document.attachments == {}
    assert not [
        note
        for page in document.pages
        for note in page.get("/Annots") or []
        if note.get_object().get("/Subtype") == "/FileAttachment"
    ]
    assert "refused to fetch" in caplog.text


def test_an_image_inside_the_page_is_printed():
    made = read(pdf.render(f'{PAGE}<img src="{PIXEL}">', epoch=EPOCH))
    assert len(made.pages[0].images) == 1


def test_a_static_image_is_printed_only_when_it_was_named(monkeypatch, tmp_path):
    picture = tmp_path / "logo.svg"
    picture.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/>'
        "</svg>",
        "utf-8",
    )
    real = pdf._static
    monkeypatch.setattr(pdf, "_static", lambda n: picture if n == "logo.svg" else real(n))
    page = f'{PAGE}<img src="static:logo.svg">'
    without = pdf.render(page, epoch=EPOCH)
    assert pdf.render(page, epoch=EPOCH, images=["logo.svg"]) != without
    assert pdf.render(page, epoch=EPOCH, images=["other.svg"]) == without


def test_stylesheets_and_fonts_are_read_once():
    pdf.render(PAGE, epoch=EPOCH)
    before = pdf._parsed.cache_info().misses
    pdf.render(PAGE, epoch=EPOCH)
    assert pdf._parsed.cache_info().misses == before
    assert pdf._font_configuration() is pdf._font_configuration()


def test_a_page_longer_than_anything_we_print_is_refused():
    with pytest.raises(pdf.TooLarge):
        pdf.render("x" * (pdf.MAX_HTML + 1), epoch=EPOCH)


def test_an_unknown_stylesheet_is_an_error():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.css"):
        pdf.render(PAGE, css=["nowhere.css"], epoch=EPOCH)


def test_nothing_loads_the_pdf_engine_before_the_first_page():
    loaded = python(
        "import sys, essaim.pdf, invoicing.printing\n"
        "from django.core.management import call_command\n"
        "call_command('check', tags=['pdf'])\n"
        "print('weasyprint' in sys.modules)"
    )
    assert loaded.splitlines()[-1] == "False"


# Before a number is taken


def test_preflight_has_nothing_to_say_on_this_machine():
    assert pdf.preflight() == []


def test_preflight_names_the_packages_when_pango_is_absent(monkeypatch):
    def absent(_name):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "import_module", absent)
    (trouble,) = pdf.preflight()
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in trouble


def test_preflight_names_the_characters_that_no_font_has(monkeypatch):
    monkeypatch.setattr(pdf, "missing_glyphs", lambda text: "œŒ" if "œ" in text else "")
    (trouble,) = pdf.preflight()
    assert "œŒ" in trouble


def test_preflight_sees_a_full_disk_and_a_closed_folder(monkeypatch, tmp_path, settings):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(pdf.tempfile, "gettempdir", lambda: str(tmp_path))
    usage = namedtuple("usage", "total used free")(10**12, 10**12, 10)
    with monkeypatch.context() as patch:
        patch.setattr(pdf.shutil, "disk_usage", lambda _folder: usage)
        assert len(pdf.preflight()) == 1
    settings.VAR_DIR = tmp_path / "gone"
    (trouble,) = pdf.preflight()
    assert str(tmp_path / "gone") in trouble


def test_the_system_check_names_the_missing_library(monkeypatch):
    monkeypatch.setattr(pdf, "_loads", lambda _name: True)
    assert checks.run_checks(tags=["pdf"]) == []
    monkeypatch.setattr(pdf, "_loads", lambda name: "subset" not in name)
    (slow,) = checks.run_checks(tags=["pdf"])
    assert (slow.id, slow.level) == ("essaim.W102", checks.WARNING)
    monkeypatch.setattr(pdf, "_loads", lambda _name: False)
    (absent,) = checks.run_checks(tags=["pdf"])
    assert absent.id == "essaim.W101"
    assert "apt-get install libpango-1.0-0" in absent.hint


def test_a_library_that_is_not_there_does_not_load():
    assert not pdf._loads("libnowhere-1.0.so.0")


def test_fonts_draw_every_french_character_and_say_which_they_cannot():
    assert fonts.missing_glyphs(fonts.FRENCH) == ""
    private = "\U0010fffd"
    assert fonts.missing_glyphs(f"é{private}à{private}\n") == private


def test_the_fonts_that_are_checked_are_those_of_the_stylesheet():
    css = Path(pdf._static(pdf.PRINT_CSS)).read_text("utf-8")
    assert ", ".join(f'"{family}"' for family in fonts.FAMILIES) in css
