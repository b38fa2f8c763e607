"""Headings of columns as exports write them: payroll, hospital systems, national data, by hand."""

import pytest

from gateway.detect import labels

HEADINGS = {
    "nir": (
        "N° SS", "N°SS", "NUM_SECU", "NIR_BENEF", "NIR", "N.I.R.", "N° S.S. du patient", "NoSS",
        "numSecuriteSociale", "NUM_SECU_SOC", "N° Séc. Soc.", "SS", "Sécurité sociale", "BEN_NIR",
        "BEN_NIR_PSA", "NIR ouvrant droit", "Matricule INS", "INS-NIR", "Immat. assuré", "NumInsee",
        "Numéro de sécurité sociale du salarié", "NIR (15 caractères)", "NIR + clé", "NIA",
        "Identifiant national de santé", "n° s?cu",
    ),
    "birth": (
        "Date naiss", "DDN", "né(e) le", "Née/Né le", "Né(e)", "D.N.", "DATNAIS", "DT_NAISS",
        "DATE_NAI", "BEN_NAI_DTE", "PAT_DDN", "dateNaissance", "dateOfBirth", "GBDAT", "DOB",
        "Date de naissance (jj/mm/aaaa)",
    ),
    "family": (
        "Nom", "NOM_USUEL", "nomNaissance", "Nom patronymique", "NOMPAT", "BEN_NOM", "NOM_BENEF",
        "NACHN", "Nom d'usage", "last_name",
    ),
    "given": (
        "Prénom", "PRENOM1", "1er prénom", "BEN_PRN", "PRENOM_PATIENT", "VORNA", "firstName",
        "Pr?nom",
    ),
    "both": ("Nom Prénom", "NomPrenom", "Nom / Prénom", "Patient", "Identité patient"),
    "sex": ("Sexe", "BEN_SEX_COD", "PAT_SEXE", "Civ.", "M/F"),
    "postcode": ("CP", "C.P.", "CODPOS", "cp_patient", "codePostal"),
    "bank": ("Code banque", "codeBanque", "CD_BANQUE", "ETAB", "Etablissement"),
    "branch": ("Code guichet", "CD_GUICHET", "codeGuichet"),
    "account": ("N° de compte", "NUM_COMPTE", "N° cpte", "COMPTE_BANCAIRE"),
    "key": ("Clé RIB", "cleRib", "Clef RIB", "CLE"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "heading"), [(role, one) for role, many in HEADINGS.items() for one in many]
)
def test_headings_of_real_exports_say_what_the_column_holds(role, heading):
    assert labels.role(labels.plain(heading)) == role


@pytest.mark.parametrize(
    "heading",
    [
        "DN 50",
        "Désignation",
        "Quantité",
        "Prix HT",
        "Lieu",
        "Date de livraison",
        "Rang",
        "Nombre",
        "Essai",
    ],
)
def test_headings_of_other_things_say_nothing_of_persons(heading):
    assert labels.role(labels.plain(heading)) == ""
