"""French prose: mail that must pass untouched, and clinical mail about a fictitious person."""

from __future__ import annotations

from random import Random

from tests.makers import persons

# By what makes each look like health data without being anybody's.
INNOCENT: dict[str, str] = {
    "an invoice with the IBAN of the house": (
        "Bonjour,\n\nVeuillez trouver ci-joint la facture F2024-0312 d'un montant de 1 "
        "234,56 € TTC, payable à 30 jours. SIRET 99999999800019, TVA FR11999999998.\n\n"
        "Cordialement,\nLe service comptable\nTél. 01 99 00 12 34\n"
    ),
    "numbers that look like a social-security number": (
        "Commande n° 185057599999723, colis 1751234567890, CIP 3400930000120, EAN "
        "3010512345678. Livraison prévue le 12/03/2024 avant 18 h. Réf. client 00012345.\n"
    ),
    "a newsletter on screening": (
        "Mars bleu : le dépistage du cancer colorectal sauve des vies. Ce mois-ci, nos "
        "équipes répondent à vos questions sur le VIH, l'IVG, les addictions : où "
        "consulter ? Retrouvez les numéros verts sur notre site, et la conférence du 21 "
        "mars à l'hôpital Robert Debré. Diabète, hypertension artérielle, asthme : bougez "
        "trente minutes par jour. Dépression, schizophrénie : en parler sans tabou. Grippe "
        ": pensez à la vaccination.\n"
    ),
    "minutes of a meeting": (
        "Compte rendu du comité du 14 mai. Présents : direction, achats, informatique. Le "
        "bilan carbone est adopté. La tension sur les effectifs reste forte ; le "
        "traitement des dossiers en souffrance reprendra lundi. Un diagnostic immobilier "
        "est demandé pour le bâtiment B, ainsi qu'une injection de résine sous la dalle. "
        "La consultation publique est prolongée.\n"
    ),
    "law": (
        "Vu l'ordonnance du juge des référés, la prescription quinquennale et la mise en "
        "examen du gérant, le greffe du tribunal constate la rupture conventionnelle et "
        "l'absence de lésion des droits de la défense. La cour d'appel rend son arrêt le 3 "
        "juin.\n"
    ),
    "computing": (
        "Le virus a été mis en quarantaine ; l'analyse des journaux montre une injection "
        "SQL et une clé RSA faible. Le scanner de vulnérabilités signale une dépendance "
        "obsolète. Le traitement par lots reprend à 2 h, le serveur SSR est en bonne "
        'santé. {"timestamp": 1751234567890}\n'
    ),
    "works and figures": (
        "Dose de béton : 350 kg/m3. Classe énergétique A+, fracture du réseau d'eau, purge "
        "de la vanne. Chute de pression à 3,5 bars. Quantités : 12 450 1 780 23 905 118 2 "
        "045 33 612.\n"
    ),
    "a blood drive": (
        "Collecte de sang le 12 avril de 14 h à 19 h à la salle des fêtes : donneurs O- "
        "recherchés. Venez nombreux, une collation vous attend.\n"
    ),
    "human resources": (
        "La direction rappelle que les entretiens annuels se tiennent avant la fin du "
        "mois. Le plan de formation, la mutuelle d'entreprise et la prime de transport "
        "seront présentés au CSE. Le régime de retraite complémentaire reste inchangé.\n"
    ),
    "the press": (
        "La crise est chronique et l'opération séduction du ministre n'y change rien : le "
        "marché a la fièvre, la bourse chute, l'opposition est au chevet d'un parti en "
        "réanimation.\n"
    ),
}

# Ordinary correspondence, which makes up most of what a mail server sees.
LETTERS = (
    "Bonjour,\n\nSuite à notre échange téléphonique de ce matin, je vous confirme que la "
    "réunion de préparation est avancée à jeudi, à dix heures, dans la salle du premier "
    "étage. Vous trouverez en pièce jointe l'ordre du jour ainsi que la dernière version "
    "du document de travail ; merci de me faire part de vos remarques avant mercredi soir. "
    "Ceux qui ne pourraient pas se déplacer sont invités à se joindre à nous à distance, "
    "le lien habituel reste valable.\n\nBien à vous,\n",
    "Madame, Monsieur,\n\nNous accusons réception de votre demande et vous remercions de "
    "votre confiance. Un conseiller l'examinera dans les meilleurs délais et reviendra "
    "vers vous si une pièce venait à manquer. Nous vous rappelons que notre accueil est "
    "ouvert du lundi au vendredi, sans interruption, et que la plupart des démarches "
    "peuvent être faites en ligne. Nous vous prions d'agréer, Madame, Monsieur, "
    "l'expression de nos salutations distinguées.\n",
    "Bonjour à tous,\n\nLe déménagement des bureaux aura lieu la semaine prochaine. Chacun "
    "est prié de vider ses armoires, d'étiqueter ses cartons et de débrancher son matériel "
    "la veille au soir. Les véhicules de service ne seront pas disponibles ce jour-là. Un "
    "café vous sera offert à l'arrivée dans les nouveaux locaux, et le plan d'occupation "
    "est affiché près de l'ascenseur. Merci à celles et ceux qui ont proposé leur aide "
    "pour l'organisation de cette journée.\n",
    "Cher collègue,\n\nJ'ai bien relu ta note et je la trouve claire. Deux points "
    "mériteraient d'être précisés : le calendrier, qui me paraît optimiste compte tenu des "
    "congés d'été, et la répartition des tâches entre les deux équipes. Peut-être "
    "pourrions-nous en parler de vive voix avant de l'envoyer à la direction ? Je suis "
    "disponible mardi après-midi, ou bien en fin de semaine si cela t'arrange davantage. "
    "Dis-moi ce que tu préfères.\n\nAmicalement,\n",
    "Bonjour,\n\nComme convenu, voici le récapitulatif des livraisons attendues ce "
    "trimestre. Le fournisseur a annoncé un retard de deux semaines sur le mobilier, le "
    "reste devrait arriver à la date prévue. Pourriez-vous prévenir les services concernés "
    "et vérifier que le quai de déchargement sera libre ? Il faudra aussi prévoir une "
    "personne pour contrôler l'état des colis et signer les bons. Je reste à votre "
    "disposition pour toute précision.\n\nCordialement,\n",
)

_CLINICAL = (
    "Cher confrère,\n\nJe vous adresse {civility} {first} {last}, {born}, pour avis. "
    "Antécédents médicaux : hypertension artérielle, diabète de type 2 sous metformine "
    "1000 mg matin et soir. Le bilan biologique montre une créatinine à 14 mg/l. Bien "
    "confraternellement.\n",
    "Bonjour {civility} {last}, votre rendez-vous de psychiatrie est confirmé le 12/03 à 14 h.\n",
    "Compte rendu d'hospitalisation\nPatient : {last} {first}, {born}\nMotif "
    "d'hospitalisation : pneumopathie. Évolution dans le service favorable sous "
    "amoxicilline 1 g x 3 / jour.\n",
    "{civility} {last} {first}, {born}, NIR {nir}, a été opérée d'un cancer du sein ; la "
    "chimiothérapie commence lundi. Merci de transmettre l'accord de prise en charge.\n",
    "Résultats du scanner de {civility} {last} : nodule pulmonaire, suspicion de métastase.\n",
    "IRM de {civility} {last}, {born} : rupture du ligament croisé du genou droit.\n",
)


def innocent(rng: Random) -> str:
    return rng.choice(list(INNOCENT.values()))


def clinical(rng: Random) -> str:
    """A text on the health of one named person."""
    someone = persons.person(rng)
    return rng.choice(_CLINICAL).format(
        civility=someone.civility,
        first=someone.first,
        last=someone.last,
        born=someone.born_on,
        nir=someone.nir,
    )


def mixture(rng: Random, characters: int, *, share: float = 0.05, tricky: float = 0.15) -> str:
    """Ordinary correspondence of this length; of its paragraphs, a `share` is clinical, and
    another is innocent but `tricky`."""
    out: list[str] = []
    length = 0
    while length < characters:
        drawn = rng.random()
        if drawn < share:
            paragraph = clinical(rng)
        else:
            paragraph = innocent(rng) if drawn < share + tricky else rng.choice(LETTERS)
        out.append(paragraph)
        length += len(paragraph)
    return "\r\n".join(out)[:characters]
