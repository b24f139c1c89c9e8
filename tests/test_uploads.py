"""Uploads: what a file is comes from its bytes, and a name that lies is refused."""

import hashlib
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from essaim.uploads import CONTENT_TYPES, check_upload, shown_name, storage_name

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20)


def zipped(**members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def office(part):
    return zipped(**{"[Content_Types].xml": "<Types/>", part: "<x/>"})


def open_document(kind):
    return zipped(mimetype=CONTENT_TYPES[kind], **{"content.xml": "<x/>"})


SAMPLES = {
    "statuts.pdf": ("pdf", PDF),
    "photo.PNG": ("png", PNG),
    "photo.jpg": ("jpeg", JPEG),
    "photo.jpeg": ("jpeg", JPEG),
    "lettre.docx": ("docx", office("word/document.xml")),
    "budget.xlsx": ("xlsx", office("xl/workbook.xml")),
    "lettre.odt": ("odt", open_document("odt")),
    "budget.ods": ("ods", open_document("ods")),
    "membres.csv": ("csv", "nom;dû\r\nÉlan;12,50\r\n".encode("utf-8-sig")),
    "membres-windows.csv": ("csv", "nom;dû\r\nÉlan;12,50 €\r\n".encode("cp1252")),
    "notes.txt": ("txt", "Réunion du soir".encode()),
}


def sent(name, content):
    return SimpleUploadedFile(name, content)


def refusal(name, content, **options):
    with pytest.raises(ValidationError) as caught:
        check_upload(sent(name, content), **options)
    return caught.value.code


@pytest.mark.parametrize("name", SAMPLES)
def test_an_honest_file_is_taken_with_its_fingerprint(name):
    kind, content = SAMPLES[name]
    file = sent(name, content)
    upload = check_upload(file)
    assert upload.kind == kind
    assert upload.content_type == CONTENT_TYPES[kind]
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert upload.size == len(content)
    assert file.read() == content


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_a_file_that_is_not_what_its_name_says_is_refused(name, kind):
    true_kind, content = SAMPLES[name]
    if kind == true_kind or {kind, true_kind} == {"csv", "txt"}:
        return
    assert refusal(f"document.{kind}", content, kinds=tuple(CONTENT_TYPES)) == "not_what_it_says"


def test_a_calendar_is_taken_where_one_is_asked_and_nowhere_else():
    content = "\ufeffBEGIN:VCALENDAR\r\nSUMMARY:Été\r\nEND:VCALENDAR\r\n".encode()
    assert check_upload(sent("agenda.ics", content), ("ics",)).content_type == "text/calendar"
    assert refusal("agenda.ics", content) == "kind_not_accepted"
    assert refusal("agenda.ics", content + b"\x00", kinds=("ics",)) == "not_what_it_says"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("facture.pdf", b"MZ\x90\x00 a program"),
        ("facture.pdf", b"\n%PDF-1.7"),
        ("notes.txt", b"\x7fELF\x00\x00"),
        ("notes.txt", b"a\x00b"),
        ("notes.csv", "nom".encode("utf-16")),
        ("lettre.docx", b"PK\x03\x04 broken"),
        ("lettre.docx", zipped(**{"word/document.xml": "<x/>"})),
        ("lettre.docx", zipped(**{"evil.exe": "MZ"})),
        ("lettre.odt", zipped(mimetype="application/zip")),
    ],
)
def test_what_only_looks_right_is_refused(name, content):
    assert refusal(name, content) == "not_what_it_says"


def test_other_kinds_are_refused_by_name():
    for name in ("page.html", "image.svg", "archive.zip", "script.pdf.exe", "sans-extension", ""):
        with pytest.raises(ValidationError) as caught:
            check_upload(io_file(name, PDF))
        assert caught.value.code == "kind_not_accepted"
    assert refusal("photo.png", PNG, kinds=("pdf",)) == "kind_not_accepted"


def io_file(name, content):
    file = sent("x.pdf", content)
    file._name = name
    return file


def test_size_is_counted_and_not_believed():
    file = sent("notes.txt", b"a" * 2_000_000)
    file.size = 3
    with pytest.raises(ValidationError) as caught:
        check_upload(file, max_bytes=1_048_576)
    assert caught.value.code == "too_large"
    assert "1" in caught.value.messages[0]
    assert refusal("notes.txt", b"") == "empty"


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = zipped(
        **{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": b"\x00" * (60 * 1024 * 1024)}
    )
    assert len(bomb) < 100_000
    assert refusal("budget.xlsx", bomb) == "bomb"


def test_macros_are_refused():
    content = zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": "", "xl/vbaProject.bin": "x"})
    assert refusal("budget.xlsx", content) == "macros"


def test_a_file_is_kept_under_a_random_name():
    first, second = storage_name("pdf", "documents/"), storage_name("pdf", "documents/")
    assert first != second
    assert first.startswith("documents/")
    assert first.endswith(".pdf")
    assert len(first.rsplit("/", 1)[1]) == 36
    with pytest.raises(ValueError, match="unknown kind"):
        storage_name("../../etc/passwd")


def test_the_name_shown_is_safe_in_a_page_and_in_a_header():
    assert shown_name("C:\\Users\\Ada\\Statuts signés.pdf") == "Statuts signés.pdf"
    assert shown_name("../../etc/passwd") == "passwd"
    assert shown_name('a"\r\nX: 1<b>.pdf') == "aX 1b.pdf"
    assert shown_name("...") == "document"
    assert len(shown_name("é" * 500 + ".pdf")) == 120
