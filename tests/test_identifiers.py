"""French identifiers: normalised when right, refused in clear words when wrong; search keys."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from essaim.identifiers import (
    CourtRegister,
    alsace_register,
    bic,
    court_register,
    grouped,
    iban,
    register_mention,
    rna,
    search_key,
    siren,
    siret,
    sort_key,
    vat_number,
    vat_of,
)

SIREN, SIRET, VAT = "732829320", "73282932000074", "FR44732829320"


def code_of(check, *args, **options):
    with pytest.raises(ValidationError) as caught:
        check(*args, **options)
    return caught.value.code


@pytest.mark.parametrize("typed", ["732 829 320", "732.829.320", "732\u202f829\u202f320", SIREN])
def test_a_siren_is_kept_as_nine_digits(typed):
    assert siren(typed) == SIREN


@pytest.mark.parametrize("typed", ["732829321", "73282932", "", "SIREN", "٧٣٢٨٢٩٣٢٠", SIRET])
def test_a_wrong_siren_is_refused(typed):
    assert code_of(siren, typed) == "siren"


def test_a_siret_starts_with_its_siren():
    assert siret("732 829 320 00074", of_siren="732 829 320") == SIRET
    assert code_of(siret, SIRET, of_siren="443061841") == "siret_of_another"
    assert code_of(siret, "73282932000075") == "siret"
    assert code_of(siret, SIREN) == "siret"


def test_the_vat_number_has_the_key_of_its_siren():
    assert vat_number("FR 44 732 829 320") == VAT == vat_of(SIREN)
    assert vat_number(VAT, of_siren=SIREN) == VAT
    assert code_of(vat_number, "FR45732829320") == "vat_number"
    assert code_of(vat_number, SIREN) == "vat_number"
    assert code_of(vat_number, VAT, of_siren="443061841") == "vat_of_another"


def test_a_neighbour_across_the_rhine_has_a_vat_number_too():
    assert vat_number("DE 136 695 976") == "DE136695976"
    assert code_of(vat_number, "DE136695978") == "vat_number"
    assert code_of(vat_number, "XX12345") == "vat_number"


def test_an_rna_number_is_w_and_nine_digits():
    assert rna(" w 751 000 123 ") == "W751000123"
    for wrong in ("751000123", "W75100012", "W7510001234", "WABCDEFGHI"):
        assert code_of(rna, wrong) == "rna"


def test_bank_identifiers_are_checked_by_their_keys():
    assert iban("FR76 3000 6000 0112 3456 7890 189") == "FR7630006000011234567890189"
    assert code_of(iban, "FR7630006000011234567890188") == "iban"
    assert code_of(iban, "") == "iban"
    assert bic("agrifrpp") == "AGRIFRPP"
    assert bic("AGRI FR PP 872") == "AGRIFRPP872"
    assert code_of(bic, "AGRIFR") == "bic"


@pytest.mark.parametrize(
    "typed",
    [
        "Strasbourg vol. 92 fol. 214",
        "strasbourg, volume 92, folio 214",
        "TJ de Strasbourg vol 92 n° 214",
        "Tribunal judiciaire de Strasbourg, Vol. 92 Fol. 214.",
        "Registre des associations du tribunal d’instance de Strasbourg volume 92 folio 214",
        "Association inscrite au registre des associations du tribunal de Strasbourg"
        " vol. 92 fol. 214",
    ],
)
def test_an_entry_of_the_local_register_is_read_however_it_is_written(typed):
    assert alsace_register(typed) == "Strasbourg vol. 92 fol. 214"
    assert court_register(typed) == CourtRegister("Strasbourg", "92", "214")


def test_old_entries_have_roman_volumes_and_lettered_folios():
    assert alsace_register("Saint-Avold vol. xxix f. 12 a") == "Saint-Avold vol. XXIX fol. 12A"


@pytest.mark.parametrize("typed", ["AMALIA A2023STR000123", "n° amalia : A2023STR000123"])
def test_an_amalia_number_stands_for_volume_and_folio(typed):
    assert alsace_register(typed) == "AMALIA A2023STR000123"
    assert court_register(typed) is None


@pytest.mark.parametrize("typed", ["", "loi 1901", "W751000123", "AMALIA", "Metz volume 3", SIREN])
def test_anything_else_is_no_entry_of_the_local_register(typed):
    assert code_of(alsace_register, typed) == "alsace_register"


def test_the_mention_names_the_court_and_never_the_law_of_1901():
    strasbourg = register_mention("Strasbourg vol. 92 fol. 214")
    assert strasbourg == (
        "Association inscrite au registre des associations du tribunal "
        "de Strasbourg vol. 92 fol. 214"
    )
    assert "tribunal d’Altkirch vol. 3" in register_mention("Altkirch vol. 3 fol. 4")
    amalia = register_mention("AMALIA A2023STR000123")
    assert amalia.endswith("sous le numéro AMALIA A2023STR000123")
    assert "1901" not in strasbourg + amalia


def test_the_law_vectors_hold():
    vectors = json.loads(
        (Path(__file__).parent / "data" / "law_vectors_ground.json").read_text("utf-8")
    )["T17"]
    assert siren(vectors["siren"]) == vectors["siren"]
    assert siret(vectors["siret"], of_siren=vectors["siren"]) == vectors["siret"]
    assert vat_of(vectors["siren"]) == vectors["vat"]


def test_identifiers_are_grouped_for_the_eye():
    assert grouped(SIRET, 3, 3, 3, 5) == "732 829 320 00074"
    assert grouped("FR7630006000011234567890189") == "FR76 3000 6000 0112 3456 7890 189"
    assert grouped("") == ""


def test_a_search_finds_an_accented_name_from_plain_letters():
    assert search_key("L’Épicerie du Cœur-d’Île (n° 2)") == "l epicerie du coeur d ile n 2"
    assert search_key("EPICERIE") in search_key("L'Épicerie")
    assert search_key("Strauß") == "strauss"
    assert search_key("… !") == ""


@given(st.text())
def test_a_search_key_is_its_own_key(text):
    assert search_key(search_key(text)) == search_key(text)


def test_names_sort_as_a_reader_expects():
    names = ["Zèbre", "Élan", "Coop 10", "Coop 2", "eau", "coop 2 bis"]
    assert sorted(names, key=sort_key) == [
        "Coop 2",
        "coop 2 bis",
        "Coop 10",
        "eau",
        "Élan",
        "Zèbre",
    ]


def test_the_refusal_is_told_in_french():
    with translation.override("fr"), pytest.raises(ValidationError) as caught:
        siren("12")
    with translation.override("fr"):
        assert caught.value.messages[0].startswith("Ce SIREN n’est pas valide")
