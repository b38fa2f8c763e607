"""Of whom a text says something of health; tests/corpus/test_clinical.py has the shares."""

from __future__ import annotations

import pytest

from gateway.detect import half_named, health_person
from gateway.detect import search as searching
from gateway.detect.fold import fold
from gateway.model import Likelihood, Medium, Place, Text


def found(text: str) -> dict[str, Likelihood]:
    return {match.value: match.likelihood for match in health_person.find(fold(text))}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("M. Henry, prothèse totale de hanche G à 8h", "henry"),
        ("Mme Dupont refuse son traitement depuis hier, propos délirants", "dupont"),
        ("Concernant M. Dupont : pas de diabète, pas d'HTA", "dupont"),  # negation counts
        ("Mme Dupont : sa mère avait un cancer du sein", "dupont"),  # so does the family
        ("Bonjour Mme Dupont, vos analyses montrent une hépatite C", "dupont"),
        (
            "le maire M. Dupont est suivi chez nous pour un myélome, il commence le Velcade",
            "dupont",
        ),
        ("Le dossier de M. Dupont. Il est sous méthadone depuis mars.", "dupont"),
        ("Madame Dupont, 82 ans, a vomi trois fois", "dupont"),
        ("Mme Dupont n'a plus de Tegretol, vous pouvez faxer une ordonnance ?", "dupont"),
        ("Pour Mlle Anne Dupont : pas d'antécédent de phlébite, TA 11/7", "anne dupont"),
        ("mon fils Paul Dupont a 40 de fièvre et des boutons partout", "dupont paul"),
        ("Place en SSR pour Mme Dupont ? 82 ans, fracture du col opérée il y a 5 jours", "dupont"),
        ("Lésion du dos chez M. Paul Dupont, bords flous. Mélanome ?", "dupont paul"),
        ("mme dupont vih+ mettre double gants ce matin", "dupont"),
        ("Bonjour docteur, Mme Anne Dupont se présente avec du Xarelto", "anne dupont"),
        ("Septicémie chez M. Dupont, E. coli BLSE, sous Tazocilline", "dupont"),
        ("Bonjour M. Dupont, votre appareil de PPC traite bien vos apnées", "dupont"),
        ("Les lombalgies dont souffre votre salarié M. Dupont sont anciennes", "dupont"),
        ("La petite Anne Dupont est absente, elle a la varicelle", "anne dupont"),
        ("bjr dr, ici paul dupont, je suis diabétique et la plaie du pied s'ouvre", "dupont paul"),
        (
            "Monsieur Paul Dupont,\n\nVous nous avez déclaré un arrêt de travail depuis mars pour"
            " dépression réactionnelle.",
            "dupont paul",
        ),
        (
            "Madame,\n\nUne révision pour M. et Mme Dupont, à Testville. Depuis l'AVC de Monsieur"
            " en novembre, hémiplégie droite, les 22 heures mensuelles ne suffisent plus : il faut"
            " deux personnes pour les transferts. Madame s'épuise.\n\n"
            "Nous demandons un lit médicalisé.",
            "dupont",
        ),
        ("notre adhérente Mme Dupont (n° adh. 0048812) : la sleeve prévue le 18/03", "dupont"),
        (
            "Les enfants Zoé et Hugo Dupont ont été vus : poux, impétigo pour le petit",
            "dupont hugo",
        ),
        (
            "Anne Dupont est en burn-out, son médecin l'arrête, on communique « absente »",
            "anne dupont",
        ),
        ("Mme Anne Dupont : culture positive à BK, enquête autour du cas", "anne dupont"),
        ("ambulance : prévoir brancard + O2 pour Monsieur Dupont, retour de l'onco", "dupont"),
        ("Fracture col du fémur - Mme DUPONT Anne - place en ortho ?", "anne dupont"),
        ("Mme Dupont, manipulatrice, vient de m'annoncer sa grossesse (terme mai)", "dupont"),
        (
            "Le juge a renouvelé le placement de Zoé Dupont. Le pédopsychiatre note des troubles"
            " de l'attachement et une énurésie.",
            "dupont zoe",
        ),
        (
            "Pour l'inscription de Paul Dupont : épilepsie, prend 3 comprimés matin et soir",
            "dupont paul",
        ),
        (
            "Vue : Mme DUPONT, aide-soignante. Compte tenu de sa hernie discale opérée, revoir",
            "dupont",
        ),
        (
            "bonjour monsieur\n\nPaul Dupont a refait une crise d'asthme, pas de sport",
            "dupont paul",
        ),
        ("M. Dupont ne peut plus conduire d'engins en raison de ses malaises", "dupont"),
        ("M. Dupont vit en foyer, il est stabilisé sous injection retard mensuelle", "dupont"),
        (
            "Cet été, Mme Anne Dupont : fausse couche tardive, voir le cadre cet après-midi",
            "anne dupont",
        ),
        ("Mme Dupont revue ce jour : lésion du dos, bords flous. Mélanome ?", "dupont"),
    ],
)
def test_something_is_said_of_the_health_of(text, who):
    assert found(text).get(who, 0) >= Likelihood.LIKELY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Le Dr Anne Dupont, opérée du genou gauche", "doctors are named for their work"),
        ("Cordialement,\nMme Dupont, service d'oncologie", "a signature"),
        ("atelier sur le diabète animé par Mme Dupont", "who gives it"),
        ("Mme Dupont, psychologue, parlera de la dépression", "a profession"),
        (
            "La mise en examen de M. Dupont : le greffe du tribunal a transmis les pièces.",
            "a court",
        ),
        ("M. Dupont gère la cellule de crise, le traitement des rejets est en cours.", "an office"),
        ("Anne Dupont est là. Voir qui ouvre la consultation de dermato le 2.", "a place"),
        ("Bonjour M. Dupont, merci de livrer les fauteuils roulants", "who is written to"),
        ("M. Dupont, l'opération est programmée lundi", "a word that says nothing alone"),
        ("Exemple : Mme Dupont, enceinte de 6 mois, est en congé", "somebody made up"),
        ("M. Hamon, J. Dupont. Un patient de 54 ans, diabétique, porteur d'un stent", "authors"),
        ("Anne Dupont1,2, Paul Test2. Un patient hospitalisé pour infarctus", "authors"),
        ("Bonjour M. Dupont, votre véhicule a été opéré ce matin, injection refaite", "a car"),
        ("Bonjour M. Dupont, votre visite est fixée au 12, apportez vos lunettes", "no illness"),
        ("Recrutement : M. Dupont reçoit les candidats infirmiers en psychiatrie", "a job"),
    ],
)
def test_nothing_is_said_of_the_health_of(text, why):
    assert not [sure for sure in found(text).values() if sure >= Likelihood.LIKELY], why


def test_one_whom_the_text_does_not_name_is_only_possible():
    text = "Patiente fébrile à 38,9 cette nuit, toujours sous Augmentin, souffre beaucoup"
    assert set(found(text).values()) == {Likelihood.POSSIBLE}


def test_what_stands_in_another_field_of_the_mail_is_not_said_of_the_person():
    apart = " " + "¤" * 40 + " "
    assert found("M. Dupont est là" + apart + "chimiothérapie, cancer du sein, sous morphine") == {}


def test_the_mask_tells_initials():
    assert health_person.mask("anne dupont") == "santé de A. D."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("M. Paul Dupont a perdu son badge du secrétariat d'oncologie", "where somebody works"),
        (
            "Référents par service : cardiologie, Anne Dupont ; psychiatrie, Paul Martin",
            "a list of staff",
        ),
        ("9 h 30 conduite à tenir devant une anémie (Anne Dupont) ; 12 h buffet", "who speaks"),
        ("Madame Dupont, la salle est réservée pour les aidants Alzheimer", "who is written to"),
        ("Bonjour M. Dupont, grâce à vous, Vivre avec le VIH a une salle", "an association"),
        ("M. Dupont, votre spot radio passera à 8 h", "a word that says nothing alone"),
        ("Anne Dupont, livre sur le VIH et la schizophrénie", "a work stands between"),
        ("Bonjour M. Dupont, nous vous commandons du trastuzumab, de la méthadone", "who delivers"),
        (
            "12 écrans | oncologie | 310 euros | Anne Dupont\n8 lits | dialyse | Paul Martin",
            "stock",
        ),
    ],
)
def test_places_of_care_and_works_on_illnesses_are_said_of_nobody(text, why):
    assert not [sure for sure in found(text).values() if sure >= Likelihood.LIKELY], why


@pytest.mark.parametrize(
    "text",
    [
        "Anne Dupont est hospitalisée en psychiatrie",
        "Bonjour Mme Dupont, votre rendez-vous d'oncologie est confirmé",
        "rdv oncologie pour Mme Dupont le 12",
    ],
)
def test_who_is_sent_or_admitted_to_a_place_of_care_is_told_of(text):
    assert max(found(text).values()) >= Likelihood.LIKELY


def test_where_somebody_is_named_what_is_said_of_nobody_is_not_even_possible():
    law = "L'assuré atteint d'un cancer du sein, hospitalisé, est exonéré. "
    assert set(found(law + law).values()) <= {Likelihood.POSSIBLE}
    named = "Rapport de la commission. " * 20 + "Le texte de Mme Anne Dupont est adopté."
    assert found(law + named) == {}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Mme D. ch 12 est toujours confuse, sous Loxapac", "d"),
        ("Kenza (14 ans) se scarifie à nouveau, elle est sous Seresta", "kenza"),
        ("J.M. 12/04/1951 : fièvre à 39 la veille, sous Augmentin depuis hier", "j.m"),
        ("Rayan B., né le 04/05/2015, est suivi au CMP pour un TDAH", "b rayan"),
        ("LEROY J (J2 césarienne, hémorragie 800 ml, sous antibiotiques)", "j leroy"),
        ("La patiente de la 12 a chuté cette nuit, elle est sous AVK", half_named.NOBODY),
        ("IPP 00998877 : patient fébrile à 39, sous Augmentin", half_named.NOBODY),
        ("Couple Martin : 3e FIV négative, madame est sous antidépresseurs", "martin"),
        (
            "pour lucas dupont la ritaline est finie, il a rien pris depuis 3 jours, l'ordonnance"
            " du neuropédiatre est périmée",
            "lucas dupont",
        ),
        ("maman (Lucienne) est fébrile à 39 ce matin, sous Augmentin depuis hier", "lucienne"),
    ],
)
def test_who_is_named_by_half_is_told_of_where_more_is_said(text, who):
    assert found(text).get(who, 0) >= Likelihood.LIKELY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Bravo Muriel ! Julie est en formation sur le diabète", "colleagues have first names"),
        ("Lot B, chambre 12 : lit à réparer avant la dialyse", "a room is no person"),
        ("Rendez-vous chez Christine à 20 h, on lit un livre sur le VIH", "nor is a reader ill"),
        (
            "OSTEITES\n(Venant s'ajouter aux autres éléments)"
            "\n- Fistule, nécrose, raideur du genou, amputation du pied",
            "a participle",
        ),
        ("Les dons de la famille Martin iront à la Ligue contre le cancer", "those who give"),
    ],
)
def test_half_a_name_beside_a_word_of_health_is_nobody(text, why):
    assert not [sure for sure in found(text).values() if sure >= Likelihood.LIKELY], why


@pytest.mark.parametrize(
    "text",
    [
        "Ma TSH est à 9 alors que je suis sous Lévothyrox.\nMerci\nAnne Dupont",
        "Docteur, j'ai une sclérose en plaques et j'ai encore des vertiges. Anne Dupont",
        "On m'opère d'une tumeur au sein le 12. Bises, Anne Dupont",
        "j'ai une prothèse aux 2 genoux et de l'artérite, je ne peux plus marcher. Anne Dupont",
    ],
)
def test_who_writes_of_their_own_health_and_signs_is_told_of(text):
    assert found(text).get("anne dupont", 0) >= Likelihood.LIKELY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Mon mémoire porte sur la contention. Anne Dupont", "a work"),
        ("Je suis en arrêt jusqu'au 14, voir avec Paul. Anne Dupont", "away, no more"),
        ("Mes patients diabétiques viennent le lundi. Anne Dupont", "a carer's patients"),
    ],
)
def test_what_is_one_s_own_is_not_always_one_s_health(text, why):
    assert not [sure for sure in found(text).values() if sure >= Likelihood.LIKELY], why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("40 Lovenox, 10 Loxapac, urgent pour demain. Pharmacie, Mme Dupont", "who orders signs"),
        ("« Vivre avec le diabète » est en ligne, textes d'Anne Dupont.", "an author"),
        ("Anne Dupont vérifiera les vaccins contre l'hépatite B.", "what she will do at work"),
        ("Mme Dupont (radiothérapie), M. Martin (psychiatrie) au comité", "where they work"),
    ],
)
def test_a_word_of_health_beside_a_name_is_not_said_of_it(text, why):
    assert not [sure for sure in found(text).values() if sure >= Likelihood.LIKELY], why


def test_subject_and_body_read_as_one_statement():
    seen, _ = searching.search(
        [
            Text(Place("", "header Subject"), "M. Dupont chambre 12", Medium.HEADER),
            Text(Place("1"), "sort demain, toujours sous héparine", Medium.BODY),
        ]
    )
    assert [hit.kind for hit in seen if hit.kind == "health.person" and hit.likelihood >= 2]


def test_a_mail_of_much_health_is_about_whom_its_subject_names():
    plan = "Allergie à l'œuf, éviction. Si gêne respiratoire : Anapen. La directrice a la trousse."
    for subject, said in (("PAI Paul Dupont", True), ("PAI de l'école", False)):
        seen, _ = searching.search(
            [
                Text(Place("", "header Subject"), subject, Medium.HEADER),
                Text(Place("1"), plan, Medium.BODY),
            ]
        )
        assert said == any(hit.kind == "health.person" and hit.likelihood >= 2 for hit in seen)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Mi-temps thérapeutique Mme Dupont Anne", True),
        ("Mme DUPONT Anne - accord cure thermale", True),
        ("Prolongation arrêt maladie Mme Dupont - cancer", True),
        ("Audit chimiothérapie - Mme Dupont", False),
        ("Article VIH - M. Dupont", False),
        ("Poste ASH soins palliatifs - M. Dupont", False),
    ],
)
def test_a_subject_alone_tells_of_whom_it_names(subject, said):
    seen, _ = searching.search(
        [
            Text(Place("", "header Subject"), subject, Medium.HEADER),
            Text(Place("1"), "Bonjour,\n\nC'est bon pour moi.\n\nCordialement", Medium.BODY),
        ]
    )
    assert said == any(hit.kind == "health.person" and hit.likelihood >= 2 for hit in seen)


def test_who_sends_a_mail_is_not_whom_it_is_about():
    seen, _ = searching.search(
        [
            Text(Place("", "header From"), "M. Paul Dupont <p@ch.example>", Medium.HEADER),
            Text(Place("1"), "sort demain, toujours sous héparine", Medium.BODY),
        ]
    )
    assert not [hit for hit in seen if hit.kind == "health.person" and hit.likelihood >= 2]


@pytest.mark.parametrize(
    "text",
    [
        "M. Paul Dupont, OD -6.25 (-1.50 à 170°) OG -5.75",
        "M. Paul Dupont\n36 : couronne\n46 : extraction, très édenté",
        "la tropo de M. Dupont est revenue à 412",
        "Anne Dupont, apprentie coiffeuse : eczéma des mains",
        "M. et Mme Paul Dupont. Monsieur ne travaille plus depuis son AVC",
        "L'agent Paul Dupont (services techniques) s'est piqué hier, source VHC+",
        "La prise en charge de votre époux, M. Paul Dupont : l'amputation était inévitable",
        "Pour Paul Dupont :\n- orthophoniste jeudi (retard de langage)\n- pose des drains le 3",
        "M. Paul Dupont : plombémie 412 µg/l, à convoquer pour contrôle",
        "Arrêt de travail de M. Paul Dupont (BPCO stade III), à prolonger",
        "Demandeur : DUPONT Paul\nÂge : 63 ans\nMotif : suite radiothérapie d'un cancer, devis",
        "Rejet du lot pour M. Paul Dupont (1 41 03 29 000 087 02) : ses trajets de dialyse, ALD 19",
        "M. Paul Dupont : adénocarcinome pT2N1M0 du côlon",
        "Congé longue maladie de Mme Dupont Anne, aide-soignante, en arrêt pour un cancer du sein",
        "Notre collègue Anne Dupont, agente de stérilisation. Elle est sourde depuis l'enfance",
        "Anne Dupont, infirmière de nuit. Elle reprend lundi après son cancer de la thyroïde",
        "Annonce diagnostique de Mme Dupont, cancer pancréas, mardi 15 h",
        "Paul Dupont ne jouera pas, le médecin a trouvé un souffle au cœur et attend l'écho. Anne",
        "Mme Dupont Anne 06 99 00 00 12. Saignements depuis ce matin, sous anticoagulants",
        "Paul Dupont progresse : moins de crises. La Ritaline a été remontée à 20",
        "Bonjour Mme Dupont, votre test de dépistage du cancer colorectal est positif.",
        "Mon cardiologue est d'accord, j'ai eu deux stents en mars. Merci, Paul Dupont",
        "Rejet pour M. Paul Dupont : prescription absente pour les séances de radiothérapie",
        "Pour Paul Dupont : penser à son Ventolin et au spray nasal, 2 bouffées avant l'effort",
        "J'ai attendu 9 heures aux urgences avec une fracture du poignet. Paul Dupont",
        "10h40 : Paul Dupont, atelier B, malaise vagal, TA 9/6, reparti à son poste",
        "Je m'appelle Paul Dupont, j'ai été diagnostiqué d'une spondylarthrite. Au congrès",
        "Cher Monsieur Dupont, l'examen du polype retiré est rassurant : adénome. Dans 3 ans.",
        "Je suis enceinte de 4 mois, à qui envoyer la déclaration ? Anne Dupont",
        "Je sors de l'hôpital avec un drain, pouvez-vous décaler ? Paul Dupont",
        "J'ai rendez-vous avec le chirurgien mardi pour mon genou. Paul Dupont",
        "Je vous joins mon arrêt, le docteur dit que c'est un zona. Anne Dupont",
        "Ma femme est dialysée, peut-on avoir un gîte près d'un centre ? Paul Dupont",
        "Bonjour, ma psychiatre me conseille de demander un mi-temps. Anne Dupont",
        "bjr c mme dupont je voudré avancer mon rdv jai très mal au sein et ya du pus",
        "M. Dupont n'a pas eu sa perfusion hier, la veine a claqué",
        "Merci de placer M. Dupont près des toilettes, il est sous Lasilix",
        "Prévoir un interprète LSF pour Mme Dupont, sourde de naissance",
        "Notre collègue Paul Dupont a fait un malaise cardiaque, il est en soins intensifs",
        "Hier Mme Dupont a menacé de se jeter par la fenêtre, surveillance rapprochée",
        "M. Dupont: appendicectomie J2, gaz +, sortie possible demain",
        "Accord pour transport assis professionnalisé de Mme Dupont (IVT mensuelles)",
        "Je fais une crise d'angoisse dès que je prends le métro. Anne Dupont",
        "jai rdv pour mon écho du sein ils ont vu un truc. tu prends ma garde ? Anne Dupont",
        "Pour Mme Dupont, j'ai une ordonnance : soins de stomie un jour sur deux",
        "Alors, M. Dupont... euh... on a une nouvelle prescription, perfusion sous-cutanée",
        "Pour M. Dupont... le docteur a prescrit un pansement complexe jusqu'à vendredi",
        "Mme Dupont... surveillance tension artérielle et pouls, une fois par jour",
        "M. Dupont présente une fièvre",
        "M. Dupont, 81 ans, refuse de prendre ses cachets, il dit aller bien",
        "M. Dupont, 86 ans, chutes matinales, trois psychotropes",
        "Mme Dupont rentre à domicile jeudi, convoquée en consultation pour réévaluation clinique",
        "Mme Anne Dupont a un indu de RSA de 1 240 euros, elle demande un échéancier",
        "M. Paul Dupont perçoit le RSA depuis 2023 et n'a plus droit à la prime d'activité",
        "La vie maritale de Mme Anne Dupont est retenue depuis janvier. Trop-perçu de 3 450 €.",
        "M. Paul Dupont a déposé un dossier de surendettement le 3 mars",
        "Pour Mme Anne Dupont : 12 séances AMK 8 et 2 IFD, non réglées par la caisse",
        "La facture de M. Paul Dupont est rejetée : AMI 4 + MCI du 12/03, ALD non ouverte",
        "Relevé de débours définitif, victime : M. Paul Dupont, accident du 12/03/2024",
        "Dupont Anne, née le 12/03/1961 : RT-PCR SARS-CoV-2. Résultat : DÉTECTÉ.",
        "M. Paul Dupont est en détention, son traitement substitutif doit être poursuivi",
        "Mme Anne Dupont porte un anneau gastrique depuis 2019, elle a reperdu 4 kg",
        "Ch 12 : Dupont Anne, EVA 7, à revoir",
        "M. Paul Dupont, infirmier en psychiatrie, né le 12/03/1985, a fait un infarctus hier",
        "Mme Anne Dupont, née le 12/03/1985, est suivie en psychiatrie depuis 2019",
    ],
)
def test_what_trades_write_for_short_is_told_of_whom_it_is_said(text):
    assert max(found(text).values(), default=0) >= Likelihood.LIKELY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("M. Dupont passe au bâtiment 36 : extraction d'air en panne", "works, with a number"),
        ("Mme Dupont, votre écran s'est cassé dans le transport", "a thing broke"),
        ("Rapporteure : Mme Dupont. Monsieur le directeur parle du diabète", "who speaks"),
        ("Tout arrêt de travail est transmis à Mme Anne Dupont, bureau 12", "an office"),
        ("Bonjour Anne,\nl'amoxicilline est en rupture, le Xarelto revient lundi", "a trade"),
        ("Salut Paul, tu confirmes que pour la cystite on reste sur fosfomycine ?", "a question"),
        ("L'arrivée de Mme Anne Dupont, médecin. Elle animera la consultation mémoire", "work"),
        ("Aux côtés de Paul Dupont, il a créé la consultation mémoire du CHU", "work"),
        ("Anne Dupont, infirmière. Elle animera lundi son atelier sur le cancer", "work"),
        ("Mme Dupont, le prix du Biktarvy baisse de 4 % : mets le livret à jour", "a price"),
        ("Mme Dupont, la salle de chimiothérapie sera repeinte mardi", "a room"),
        ("Accord pour le transport du piano de Mme Dupont vers la salle", "a piano"),
        ("Bonjour M. Dupont, comme vous êtes porteur du projet IRM, venez au COPIL", "affairs"),
        ("Anne Dupont ne reviendra pas avant septembre, elle part en disponibilité", "a leave"),
        ("Le compte de M. Dupont est bloqué sur le DPI depuis ce matin, il est de garde", "login"),
        ("La note d'analyse dit la crise ; Un dossier de Paul Dupont : un équilibre", "an author"),
        ("M. Dupont, voici votre attestation de droits et votre carte Vitale", "papers of all"),
        ("Mme Dupont, j'ai une ordonnance du tribunal à vous faire signer jeudi", "a court"),
        ("Pour M. Dupont, on a une prescription technique : couler la dalle lundi", "a building"),
        ("M. Dupont présente une offre... les pansements simples sont en annexe", "an offer"),
        ("Le sol de la cuisine chez M. Dupont est très glissant, risque de chute", "a floor"),
        ("Paul DUPONT, né le 12/03/1985\nInfirmier en psychiatrie au CH\nPermis B", "a CV"),
        ("Anne Dupont, née le 04/05/1990, aide-soignante en oncologie, postule", "a candidate"),
        ("M. Paul Dupont, cardiologue libéral, né le 12/03/1970, s'installe à Lyon", "a doctor"),
        ("Paul Dupont, né le 12/03/2001, effectuera un stage en psychiatrie en mai", "a stage"),
        ("M. Paul Dupont rappelle que le RSA est recentralisé depuis janvier", "a debate"),
        ("Merci de changer la clé RSA 2048. Anne Dupont a le droit de la déposer", "a key"),
        ("M. Paul Dupont recevra les salariés pour parler de l'allocation logement", "advice"),
        ("Mon ami Paul Dupont passera à 4 h, prévois un café", "a friend"),
    ],
)
def test_what_reads_like_it_is_said_of_nobody(text, why):
    assert not [sure for sure in found(text).values() if sure >= Likelihood.LIKELY], why
