"""Whom a text names at work, and whom it does not."""

from __future__ import annotations

import pytest

from gateway.detect import at_work, person
from gateway.detect.fold import fold

AT_WORK = (
    "Présents : Anne MARTIN, Paul DURAND. Ordre du jour :",
    "Modérateurs : Anne MARTIN et Paul DURAND",
    "d'après Anne MARTIN et collègues",
    "Merci à Anne MARTIN pour l'accueil.",
    "Anne MARTIN animera l'atelier sur le diabète.",
    "Anne MARTIN a dirigé l'unité de soins palliatifs.",
    "Anne MARTIN rappelle que le délai court.",
    "L'équipe mobile de psychiatrie (Anne MARTIN) se déplace.",
    "De : Anne MARTIN\nEnvoyé : lundi",
    "Date | Thème | Formateur\n12/03/2026 | soins palliatifs | Anne MARTIN",
    "Inventaire Matériel Référent\n12 électrodes ECG Anne MARTIN",
    "Matériel | Date | Référent\nlits | 3/2026 | Paul\nMARTIN\nvannes | 4/2026 | Anne MARTIN",
    "Hygiène : avis favorable d'Anne MARTIN",
    "la directrice, Anne MARTIN",
    "la psychologue du travail, Anne MARTIN",
    "Éditorial d'Anne MARTIN",
    "Anne MARTIN vérifiera les carnets de vaccination",
    "Anne MARTIN fait la consultation d'annonce",
    "Relais : CSAPA, Anne MARTIN",
    "La personne qui vous recevra : Anne MARTIN",
    "Anne MARTIN1,2, Paul DURAND2",
    "Anne MARTIN rappelle l'importance du dépistage",
    "Anne MARTIN remplace Paul DURAND",
    "Anne MARTIN : « la santé des salariés se dégrade »",
    "Anne MARTIN rappelle : portez un masque",
    "Anne MARTIN présente notre algorithme",
    "Anne MARTIN joue une patiente dans la vidéo",
    "Anne MARTIN, auditeur : douleur tracée à 62 %",
    "Rupture d'amoxicilline. Voir Mme Anne MARTIN pour les équivalents.",
)
NOT_AT_WORK = (  # of each, something may be said of the person's health
    "Anne MARTIN présente une hémiplégie droite.",
    "Anne MARTIN rappelle, elle saigne toujours.",
    "Anne MARTIN a rappelé, elle a de la fièvre",
    "Anne MARTIN se présente avec une fièvre à 39",
    "Anne MARTIN remplace son patch toutes les 72 heures",
    "Anne MARTIN rappelle : elle a de la fièvre",
    "Contrôle médical d'Anne MARTIN : le médecin conclut à une dépression",
    "Toilette refusée par Mme Anne MARTIN, agressive",
    "Fauteuil roulant pour Anne MARTIN, myopathe",
    "Voir Anne MARTIN pour sa plaie",
    "Anne MARTIN sortira demain, elle devra revenir pour la chimiothérapie",
    "Prise en charge refusée pour Anne MARTIN : la chirurgie attendra",
    "Dans le cadre de son obligation de soins, Anne MARTIN est suivie",
    "Coloscopie pour Anne MARTIN le 17.",
    "Résultats d'Anne MARTIN : diabète.",
    "Anne MARTIN (ch 12) : fièvre",
    "la patiente du lit 3 (Mme Anne MARTIN) saigne",
    "Date | Motif | Patient\n12/03/2026 | soins palliatifs | Anne MARTIN",
    "Bureau des transports\nPrévoir un VSL pour Mme Anne MARTIN",
    "Point de l'équipe\nVisite chez Mme Anne MARTIN ce matin",
    "inaptitude au travail de Mme Anne MARTIN",
    "rendez-vous pour Anne MARTIN :\n- orthophoniste jeudi",
)


def named(text: str) -> tuple[int, int]:
    """Where the first name stands that is Anne's."""
    return next(
        (match.start, match.end) for match in person.found(fold(text)) if "anne" in match.value
    )


@pytest.mark.parametrize("text", AT_WORK)
def test_somebody_at_work_is_told_by_what_stands_around_the_name(text):
    assert at_work.works(fold(text), *named(text))


@pytest.mark.parametrize("text", NOT_AT_WORK)
def test_somebody_of_whom_something_is_said_is_not_at_work(text):
    assert not at_work.works(fold(text), *named(text))


@pytest.mark.parametrize(
    "after",
    [
        ", psychiatre",
        " (Inserm)",
        ", cheffe du pôle",
        ", ancienne infirmière",
        " et al.",
        ", bureau 12",
    ],
)
def test_a_profession_or_an_employer_follows_the_name(after):
    text = f"Anne MARTIN{after}"
    assert at_work.works(fold(text), *named(text))


@pytest.mark.parametrize("after", [", diabétique", " (diabète)", ", 54 ans", " est hospitalisée"])
def test_what_somebody_suffers_from_is_no_profession(after):
    text = f"Anne MARTIN{after}"
    assert not at_work.works(fold(text), *named(text))


@pytest.mark.parametrize("text", ["Madame Martin,\nvoici", "Mme Martin, pourriez-vous relire ?"])
def test_who_is_written_to_is_addressed(text):
    start = text.index("Martin")
    assert at_work.addressed(fold(text), start, start + len("Martin"))


def test_who_is_spoken_of_is_not_addressed():
    text = "Hier Mme Martin, hospitalisée, allait mieux."
    start = text.index("Martin")
    assert not at_work.addressed(fold(text), start, start + len("Martin"))
