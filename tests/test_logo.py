"""Our logo is made safe before it is kept, and documents of before keep theirs."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from PIL import Image

from crm.actions import drop_logo, wear_logo, write_issuer_profile
from crm.models import IssuerProfile, Logo
from crm.pictures import MAX_BYTES, safe_picture
from essaim.workflow import Refused
from invoicing.models import FrozenFile
from tests.conftest import acting, signed_in
from tests.gates import packaging_failures, pdfa_failures
from tests.given_invoicing import given_invoice, given_issuer
from tests.pictures import SVG, raster

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    return acting(chloe, today)


# -- what is kept of a picture -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGB", "PNG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("RGB", "JPEG"),
     ("L", "JPEG"), ("CMYK", "JPEG")],
)  # fmt: skip
def test_pixels_become_rgb(mode, kind):
    safe = safe_picture(raster(mode, kind=kind))
    with Image.open(BytesIO(safe.content)) as kept:
        assert (safe.kind, kept.format, kept.mode) == ("png", "PNG", "RGB")
        assert kept.info.keys() <= {"dpi"}


def test_a_large_picture_is_made_smaller():
    with Image.open(BytesIO(safe_picture(raster(size=(3000, 600))).content)) as kept:
        assert kept.size == (900, 180)


def test_a_drawing_keeps_its_shapes():
    safe = safe_picture(SVG)
    assert safe.kind == "svg"
    assert b"circle" in safe.content
    assert b'fill="#1b5e40"' in safe.content


def svg(inside: str, attributes: str = 'viewBox="0 0 9 9"') -> bytes:
    shape = '<path d="M0 0h9v9z"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}{shape}</svg>'.encode()


XLINK = 'xmlns:x="http://www.w3.org/1999/xlink"'
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "event": '<rect width="1" height="1" onload="alert(1)"/>',
    "picture from outside": '<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>',
    "picture inside": '<image href="data:image/png;base64,AAAA" width="9" height="9"/>',
    "local file": '<image href="file:///etc/passwd" width="9" height="9"/>',
    "use of elsewhere": f'<use {XLINK} x:href="http://127.0.0.1:9/x.svg#a"/>',
    "style sheet": "<style>@import url(http://127.0.0.1:9/x.css)</style>",
    "fill of elsewhere": '<rect width="9" height="9" fill="url(http://127.0.0.1:9/x#a)"/>',
    "style attribute": '<rect style="fill:url(http://127.0.0.1:9/x)" width="9" height="9"/>',
    "foreign object": "<foreignObject><p>HTML</p></foreignObject>",
    "link": f'<a {XLINK} x:href="javascript:alert(1)"><rect width="9" height="9"/></a>',
    "animation": '<set attributeName="href" to="javascript:alert(1)"/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_drawing_runs_and_fetches_nothing(name):
    kept = safe_picture(svg(HOSTILE[name])).content.decode()
    for word in ("script", "alert", "127.0.0.1", "file:", "data:", "@import", "HTML", "onload"):
        assert word not in kept, kept
    assert "M0 0h9v9z" in kept


def test_what_is_styled_stays_coloured():
    kept = safe_picture(svg('<rect style="fill: #1b5e40; cursor: x" width="9" height="9"/>'))
    assert b'fill="#1b5e40"' in kept.content
    assert b"cursor" not in kept.content


@pytest.mark.parametrize(
    "d",
    ["M0 0h9v9z", "m1-1.5.5-.5", "M0,0 1,1 L1e1,-2E-1z m3 3", "M0 0a1 1 0 01.5.5 1 1 0 1 0 2 2"],
)
def test_a_path_as_drawing_tools_write_it_is_kept(d):
    assert d.encode() in safe_picture(svg(f'<path d="{d}"/>')).content


def test_a_copy_of_a_shape_is_kept_and_a_size_read_from_its_sides():
    copied = svg(
        '<g id="a"><rect width="1" height="1"/></g><use href="#a" x="3"/>',
        'width="40px" height="9"',
    )
    kept = safe_picture(copied).content
    assert b'href="#a"' in kept
    assert b'viewBox="0 0 40 9"' in kept


ENTITY = b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'
# What a few bytes of header promise: 20,000 by 20,000 pixels.
_SIZE = b"IHDR" + (20_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
BOMB = b"\x89PNG\r\n\x1a\n\x00\x00\x00\r" + _SIZE + crc32(_SIZE).to_bytes(4, "big")
WRONG = {
    "empty": b"",
    "PDF": b"%PDF-1.7",
    "GIF": b"GIF89a" + b"\x00" * 20,
    "HTML": b"<html><body>x</body></html>",
    "cut PNG": raster()[:40],
    "too heavy": b"\x89PNG\r\n\x1a\n" + b"\x00" * MAX_BYTES,
    "too many pixels": BOMB,
    "SVG too deep": svg("<g>" * 20_000 + "<path d='M0 0h9v9z'/>" + "</g>" * 20_000),
    "SVG with an entity": ENTITY,
    "SVG cut": SVG[:60],
    "SVG with text": svg("<text>Essaim</text>"),
    "SVG without a size": svg("", ""),
    "SVG of a size that is none": svg("", 'viewBox="0 0 a b" width="nan" height="1e999"'),
    "SVG of no width": svg("", 'viewBox="0 0 0 9"'),
    "path with words": svg('<path d="M0 0 zz 3"/>'),
    "path cut": svg('<path d="M0 0C1 2 3"/>'),
    "path without a start": svg('<path d="L1 1"/>'),
    "path of a bad flag": svg('<path d="M0 0a1 1 0 2 0 1 1"/>'),
    "groups without end": svg("<g>" * 3000 + "</g>" * 3000),
    "copies in a circle": svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
    "copies of copies": svg(
        '<g id="a0"><rect/></g>'
        + "".join(f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 9 + "</g>" for n in range(1, 9))
    ),
    "SVG that draws nothing": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_picture_is_refused_in_words(name):
    with pytest.raises(ValidationError) as refusal:
        safe_picture(WRONG[name])
    assert len(" ".join(refusal.value.messages)) > 15


# -- on documents ------------------------------------------------------------------------------
PICTURES = {"raster": raster(), "CMYK": raster("CMYK", kind="JPEG"), "drawing": SVG}


def test_an_invoice_wears_each_sort_and_stays_valid(chloe, act, tmp_path: Path):
    given_issuer()
    made = {}
    for name, content in PICTURES.items():
        wear_logo(content=content, **act)
        invoice = given_invoice(100, None, act["on"], by=chloe)
        kept = {f.kind: bytes(f.content) for f in FrozenFile.objects.filter(invoice=invoice)}
        assert packaging_failures(kept["pdf"], kept["xml"]) == []
        assert invoice.issuer_copy["logo"] == Logo.objects.first().sha256
        made[name] = kept["pdf"]
    assert pdfa_failures(made, tmp_path) == {}
    assert len({len(content) for content in made.values()}) == 3


def test_a_logo_makes_a_profile_of_its_day_and_the_next_one_keeps_it(chloe, act):
    first = given_issuer()
    profile = wear_logo(content=SVG, **act)
    assert (profile.effective_from, profile.legal_name) == (act["on"], first.legal_name)
    first.refresh_from_db()
    assert first.logo is None
    later = act["on"] + timedelta(days=10)
    known = {f.name: getattr(profile, f.name) for f in IssuerProfile._meta.concrete_fields}
    values = {k: v for k, v in known.items() if k not in ("id", "logo", "effective_from")}
    new = write_issuer_profile(effective_from=later, **values, **act)
    assert new.logo == profile.logo
    assert drop_logo(**act).logo is None
    assert Logo.objects.count() == 1


def test_the_same_picture_is_kept_once(act):
    given_issuer()
    assert wear_logo(content=SVG, **act).logo == wear_logo(content=SVG, **act).logo
    assert Logo.objects.count() == 1


def test_a_logo_wants_a_profile(act):
    with pytest.raises(Refused):
        wear_logo(content=SVG, **act)


@pytest.mark.parametrize("attack", ["update", "delete"])
def test_a_logo_is_kept_as_it_was(attack, act):
    given_issuer()
    logo = wear_logo(content=SVG, **act).logo
    rows = Logo.objects.filter(pk=logo.pk)
    IssuerProfile.objects.filter(logo=logo).update(logo=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(content=b"x") if attack == "update" else rows._raw_delete(rows.db)
    assert bytes(rows.get().content) == bytes(logo.content)


# -- the page ----------------------------------------------------------------------------------
def test_the_accountant_sends_a_logo_and_sees_it(chloe):
    given_issuer()
    browser = signed_in(chloe)
    page = browser.get("/coops/emetteur/logo/")
    assert "Pas de logo" in page.content.decode()
    sent = SimpleUploadedFile("logo.svg", SVG, "image/svg+xml")
    assert browser.post("/coops/emetteur/logo/", {"logo": sent}).status_code == 302
    page = browser.get("/coops/emetteur/logo/").content.decode()
    logo = Logo.objects.get()
    assert f"/coops/emetteur/logo/{logo.sha256}/" in page
    answer = browser.get(f"/coops/emetteur/logo/{logo.sha256}/")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert browser.post("/coops/emetteur/logo/", {"without": "on"}).status_code == 302
    assert IssuerProfile.objects.first().logo is None


def test_a_wrong_logo_is_answered_beside_its_field(chloe):
    given_issuer()
    browser = signed_in(chloe)
    sent = SimpleUploadedFile("logo.png", b"GIF89a", "image/png")
    answer = browser.post("/coops/emetteur/logo/", {"logo": sent})
    assert answer.status_code == 409
    assert "n’est pas une image acceptée" in answer.content.decode()
    assert browser.post("/coops/emetteur/logo/", {}).status_code == 422
