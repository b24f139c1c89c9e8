"""French identifiers, normalised or refused in clear words, and keys to search and sort names."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import stdnum.bic
import stdnum.eu.vat
import stdnum.fr.siren
import stdnum.fr.siret
import stdnum.fr.tva
import stdnum.iban
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as NotValid

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_RNA: Final = re.compile(r"W[0-9]{9}")
_AMALIA: Final = re.compile(r"AMALIA(?=[A-Z]*[0-9])([A-Z0-9]{4,20})")
_REGISTER: Final = re.compile(
    r"(?P<court>[^\W\d_][^\d]*?)[\s,;]*"
    r"\bvol(?:ume)?\b\.?\s*(?P<volume>[0-9]{1,4}|[IVXLCDM]{1,9})[\s,;]*(?:et\s+)?"
    r"\b(?:fol(?:io)?|f|n[o°]?)(?:\b|(?<=°))\.?\s*(?P<folio>[0-9]{1,6}(?:\s?[A-Z])?)",
    re.IGNORECASE,
)
_COURT_WORDS: Final = re.compile(
    r"^(?:(?:association\s+)?(?:inscrite?\s+au\s+)?registre\s+des\s+associations\s+(?:du|au|près\s+le)\s+)?"
    r"(?:(?:tribunal(?:\s+(?:judiciaire|d[’']instance|de\s+proximité))?|T\.?\s?J\.?|T\.?\s?I\.?"
    r"|T\.?\s?P(?:rx)?\.?)\s+)?(?:(?:de|du|d[’'])\s*\b)?",
    re.IGNORECASE,
)
# Letters that Unicode does not take apart into a base letter and an accent.
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


def siren(value: str) -> str:
    """Give the nine digits of a SIREN (Luhn key checked), or raise ValidationError."""
    return _checked(
        value,
        stdnum.fr.siren.validate,
        "siren",
        _("This SIREN is not valid: nine digits whose last one is a check digit."),
    )


def siret(value: str, *, of_siren: str = "") -> str:
    """Give the fourteen digits of a SIRET; with `of_siren`, it must start with that SIREN."""
    number = _checked(
        value,
        stdnum.fr.siret.validate,
        "siret",
        _("This SIRET is not valid: fourteen digits, the SIREN first, the last a check digit."),
    )
    if of_siren and not number.startswith(siren(of_siren)):
        raise ValidationError(
            _("This SIRET does not start with the SIREN %(siren)s."),
            code="siret_of_another",
            params={"siren": of_siren},
        )
    return number


def vat_number(value: str, *, of_siren: str = "") -> str:
    """Give a VAT number without spaces; French keys by (12 + 3 x (SIREN mod 97)) mod 97.

    Numbers of the other Union countries are checked by their own key. With `of_siren`, a
    French number must be that of the SIREN.
    """
    bare = _bare(value)
    if not bare.startswith("FR"):
        message = _("This VAT number is not valid: country code, then the number and its key.")
        return _checked(bare, stdnum.eu.vat.validate, "vat_number", message)
    message = _("This VAT number is not valid: FR, a key of two digits, then the SIREN.")
    number = "FR" + _checked(bare, stdnum.fr.tva.validate, "vat_number", message)
    if of_siren and number != vat_of(of_siren):
        raise ValidationError(
            _("This VAT number is not that of the SIREN %(siren)s."),
            code="vat_of_another",
            params={"siren": of_siren},
        )
    return number


def vat_of(value: str) -> str:
    """Compute the French VAT number of a SIREN."""
    number = siren(value)
    return f"FR{(12 + 3 * (int(number) % 97)) % 97:02d}{number}"


def rna(value: str) -> str:
    """Give an RNA number (W and nine digits), which associations of loi 1901 have."""
    bare = _bare(value)
    if not _RNA.fullmatch(bare):
        raise ValidationError(
            _("This RNA number is not valid: the letter W, then nine digits."), code="rna"
        )
    return bare


def iban(value: str) -> str:
    """Give an IBAN without spaces (mod 97, and the country's own account key)."""
    return _checked(
        value,
        stdnum.iban.validate,
        "iban",
        _("This IBAN is not valid: check it against the bank’s document."),
    )


def bic(value: str) -> str:
    """Give a BIC of 8 or 11 characters."""
    return _checked(
        value, stdnum.bic.validate, "bic", _("This BIC is not valid: 8 or 11 letters and digits.")
    )


@dataclass(frozen=True)
class CourtRegister:
    """An entry in the register of associations kept by a court of Alsace-Moselle."""

    court: str
    volume: str
    folio: str

    def __str__(self) -> str:
        return f"{self.court} vol. {self.volume} fol. {self.folio}"


def court_register(value: str) -> CourtRegister | None:
    """Read "TJ de Strasbourg, volume 92, folio 214"; None when it is no such entry."""
    found = _REGISTER.fullmatch(" ".join(value.split()).rstrip(" ."))
    if not found:
        return None
    court = _COURT_WORDS.sub("", found["court"]).strip(" ,;-")
    if not court:
        return None
    return CourtRegister(
        court=court[0].upper() + court[1:],
        volume=found["volume"].upper(),
        folio=found["folio"].replace(" ", "").upper(),
    )


def alsace_register(value: str) -> str:
    """Give a register entry of local law: "Strasbourg vol. 92 fol. 214", or "AMALIA ...".

    The courts of Alsace-Moselle keep a register by volume and folio; since 2023 the entry
    bears an AMALIA number instead (civil code of local law, art. 55 and following).
    """
    if entry := court_register(value):
        return str(entry)
    bare = _bare(value).replace("°", "").replace(":", "")
    bare = re.sub(r"^(?:N|NO|NUMERO|NUMÉRO)?(?=AMALIA)", "", bare)
    bare = re.sub(r"^AMALIA(?:N|NO|NUMERO|NUMÉRO)(?=[A-Z]?[0-9])", "AMALIA", bare)
    if found := _AMALIA.fullmatch(bare):
        return f"AMALIA {found[1]}"
    raise ValidationError(
        _(
            "This entry is not valid: write the court, the volume and the folio "
            "(“Strasbourg vol. 92 fol. 214”), or “AMALIA” and its number."
        ),
        code="alsace_register",
    )


def register_mention(value: str) -> str:
    """Give the sentence documents print for an association of local law.

    It is legal wording, French whatever the language of the screen.
    """
    entry = court_register(value)
    if entry is None:
        return f"Association inscrite au registre des associations sous le numéro {value}"
    link = "d’" if search_key(entry.court)[:1] in set("aeiouy") else "de "
    return (
        "Association inscrite au registre des associations du tribunal "
        f"{link}{entry.court} vol. {entry.volume} fol. {entry.folio}"
    )


def grouped(value: str, *sizes: int) -> str:
    """Group characters for the eye, the last size repeating: grouped(siret, 3, 3, 3, 5)."""
    groups, rest, pattern = [], value, list(sizes or (4,))
    while rest:
        size = pattern.pop(0) if len(pattern) > 1 else pattern[0]
        groups.append(rest[:size])
        rest = rest[size:]
    return " ".join(groups)


def search_key(text: str) -> str:
    """Fold accents, case and punctuation, so that "epicerie" finds "L’Épicerie"."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    folded = unicodedata.normalize("NFKD", plain).casefold().translate(_LIGATURES)
    letters = (c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


def sort_key(text: str) -> str:
    """Give a key that sorts as a French reader expects, whatever the engine's collation.

    Digits are padded so that "Coop 2" comes before "Coop 10".
    """
    return re.sub(r"[0-9]{1,8}", lambda run: run[0].zfill(8), search_key(text))


def _bare(value: str) -> str:
    """Drop spaces, dots, dashes and slashes; upper case."""
    return re.sub(r"[\s.\-‐‑–/_]", "", value).upper()


def _checked(value: str, validate: Callable[[str], str], code: str, message: "StrOrPromise") -> str:
    bare = _bare(value)
    if not bare.isascii():
        raise ValidationError(message, code=code)
    try:
        return str(validate(bare))
    except NotValid as error:
        raise ValidationError(message, code=code) from error
