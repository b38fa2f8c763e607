"""Whom a text names at work: who speaks, writes, attends, is appointed, sells, gives or is greeted.

Health words stand around such names in every programme, minutes and press release, and are not
said of them. Told by what stands right around a name:

    Présents : Anne TEST, M. EXEMPLE         a heading that lists people at work, and the list
    Anne TEST, psychiatre / (CFDT) / du CHU  what they are
    Anne TEST dirige, rappelle, animera      what they do
    d'après Anne TEST, merci à Anne TEST     what others do with them
    Mme TEST, pourriez-vous                  to whom one writes

A patient may have a profession as well: callers ask first whether the person is called ill.
"""

from __future__ import annotations

import re

from gateway.detect.fold import Folded

_BEFORE, _AFTER = 240, 60  # bytes looked at: a line of names, and a few words
_ASKED_WITHIN = 24
_TITLE = (
    rb"(?:m\.|mm\.|mr\.?|mme\.?|mmes|mlle\.?|monsieur|madame|dr\.?|dre|pr\.?|docteur|professeure?)"
)

# A heading, then nothing but names and what parts them, up to the name itself.
_HEADINGS = (
    rb"(?:(?:(?:etaient|sont|membres) )?presents?|presentes|participants?|participantes|excusee?s?"
    rb"|ont (?:egalement )?participe|membres?|jury|rapporteure?s?|assesseurs|moderat(?:eurs?"
    rb"|rices?)"
    rb"|(?:co-?)?direct(?:eurs?|rices?)|sous la direction de|comites?|groupe|bureau|redact(?:eurs?"
    rb"|ion)|verification|approbation|relecture|referente?s?|personnes ressources|contacts?"
    rb"|renseignements|intervenante?s?|formateurs?|formatrices?|animat(?:eurs?|rices?|ion)|internes"
    rb"|nouveaux internes|table ronde|debat|conference|orateurs?|oratrices?|secretaires?"
    rb"|secretariat"
    rb"|coordinat(?:eurs?|rices?|ion)|publication|responsables?|interim|remplacement|atelier|stand"
    rb"|candidatures?|nommes|elus|recus|arrivees|departs|bienvenue|chefs?|cheffes?|cadres?"
    rb"|adjointe?s?"
    rb"|interne de garde|senior|(?:tour de )?gardes?|astreintes?|correspondance"
    rb"|remerciements|auteurs?"
    rb"|autrices?|investigateurs?|distinction|prix|equipe|photos?|photographies"
    rb"|illustrations|mise en"
    rb" page|president|presidente|tribune|invitee?s?|portrait|rencontre|correspondant"
    rb"|assistaient|demandeur"
    rb"|posters?|communications?|cas cliniques?|symposium|contact presse|creneaux|vacations?"
    rb"|permanences?|merci a"
    rb"|interlocut(?:eur|rice)s?|biologistes?|pharmaciens?|praticiens?|medecins?|laboratoire"
    rb"|affaire"
    rb" suivie par)"
)
_LISTED = re.compile(
    rb"(?:^|[\n.;:!?\x95\xb7*(\-] ?|\t)(?:[a-z']{1,16} ){0,3}"
    + _HEADINGS
    + rb"(?: [a-z'()/\-]{1,24}){0,7} ?(?::|\n|\t) ?(?:[^.:!?]|\b(?:dr|pr|m|mm)\.|\. [a-z]\. )*\Z"
)
_CALLED = re.compile(
    rb"(?:\b(?:par|avec|selon|d'apres|aupres d'|aupres de|merci a|remercier|remercie|bravo a"
    rb"|felicitations a"
    rb"|bienvenue a|nomination d'|nomination de|arrivee d'|arrivee de|depart d'|depart de"
    rb"|retraite de"
    rb"|retraite a|succede a|remplace|remplacee? par|attention d'|attention de|presidence d'"
    rb"|presidence de"
    rb"|direction d'|direction de|equipe d'|equipe de|avis d'|avis de|rapport d'|rapport de"
    rb"|livre d'|livre de"
    rb"|oeuvres de|oeuvres d'|dirigee? par|podcast de|emission de|analyse de|accueil de|accueil d'"
    rb"|visite de|visite d'|cotes de|cotes d'|these de|these d'|memoire de|memoire d'|travaux de"
    rb"|travaux d'|intervention de|intervention d'|conference de|conference d'|travail de"
    rb"|travail d'"
    rb"|appelez|contactez|redigee? par|pilotee? par|portee? par|presentee? par|animee? par"
    rb"|presidee? par"
    rb"|representee? par|signee? par|validee? par|reunie? par|interne|confrere|confreres|consoeur"
    rb"|collegue|collegues|associee?|stagiaire|docteurs|p/o|parrain est|marraine est"
    rb"|diaporama de|diaporama d'|support de|support d'|expose de|expose d'|deces de|deces d'"
    rb"|disparition de|disparition d'|participation de|participation d'|hommage a|eloge de"
    rb"|eloge d'|memoriam|accord de|livre de|roman de)"
    rb"|(?:direct(?:eur|rice)|presidente?|ministre|prefete?|maire|rapport(?:eur|euse)|chef|cheffe)"
    rb"[a-z' \-]{0,50},)[ \n\x96\-]{0,3}(?:" + _TITLE + rb" )?\Z"
)

_CALLED_TOO = re.compile(
    rb"\b(?:par|avec|remercier|remercie|merci a|bravo a|bienvenue a|selon"
    rb"|d'apres) [a-z'\- ]{3,40}(?:,| et) "
    rb"(?:" + _TITLE + rb" )?\Z"
)
_OF_A_TEAM = re.compile(
    rb"\b(?:equipe|service|unite|pole|cellule"
    rb"|secretariat)[a-z' \-]{0,60}\((?:[a-z' .\-]{2,40}, ){0,4}"
    rb"(?:" + _TITLE + rb" )?\Z"
)
_PROFESSION = (
    rb"(?:[a-z\-]{3,22}(?:logue|iatre|therapeute|podologue|opathe|ologiste)s?\b|anesthesiste"
    rb"|urgentiste"
    rb"|generaliste|chirurgien(?:ne)?|infirmi|aide[- ]soign|sage[- ]femme|medecin|pharmac"
    rb"|biolog|interne\b"
    rb"|externe\b|diet|psycholog|kine|ergoth|orthopho|manip|ingeni|technic|cadre|chef|direct"
    rb"|sous-direct"
    rb"|president|vice-president|tresor|secret|deleg|depute|senat|maire|ministre|prefet|rapporteur"
    rb"|professeur|maitre de conf|charge|attache|conseill|adjoint|responsable|coordin"
    rb"|coordonnat|referent"
    rb"|benevol|fondat|membre|act(?:eur|rice)|comedi|champion|ecrivain|journaliste|auteur"
    rb"|autrice|chercheu"
    rb"|doctorant|enseignant|formateur|formatrice|consultant|commercia|juriste|avocat"
    rb"|notaire|compta|achet"
    rb"|acheteu|controleur|gestion|qualiticien|hygieniste|informatic|developp|visiteu"
    rb"|choriste|represent"
    rb"|assistant|bibliothec|architecte|contremaitre|agent|praticien|chimiste|statisticien"
    rb"|patron|pdg"
    rb"|p-dg|dg\b|drh\b|dsi\b|dim\b|rssi\b|dpo\b|daf\b|elu\b|elue\b|specialiste|expert"
    rb"|titulaire|laureat"
    rb"|regisseur|maquettiste|bioqualit|epidemio|externe)"
)
_IS = re.compile(
    rb"(?:[ ,(:\-\x96\x97|\t\n]{1,4}|, (?:qui est|est) | est )"
    rb"(?:(?:l'|la |le |un |une |notre |son |sa |ex-|par ailleurs |egalement |aussi |et )?"
    rb"(?:anciens?|ancienne|futur|future|nouveau|nouvelle|jeune|grand|actuel|actuelle)? ?){1,2}"
    + _PROFESSION
)
_OF = re.compile(
    rb"(?: ?\([0-9 ,*]{1,5}\)| ?\((?:cfdt|cgt|fo|sud|cfe-cgc|unsa|ch|chu|chru|inserm|cnrs"
    rb"|aphp|ap-hp|ars|has"
    rb"|cpam|caf|universite|hopital|service|pole|pharmacie|hygiene|direction|president)[^)]{0,30}\)"
    rb"| et al\b|,? (?:du|de la|de l'|des|au|pour le|pour la) (?:chu|chru|ch"
    rb"|centre hospitalier|hopita|service d"
    rb"|unite|pole|laboratoire|institut|universite|faculte|inserm|cnrs|ars|ars\b|igas"
    rb"|direction|association"
    rb"|syndicat|societe|ligue|chez ))"
)
_SAYS = (
    rb"(?:rappell|soulign|indiqu|precis|expliqu|demand|propos|salu|regrett|repond|s'inquiet"
    rb"|alert|souhait"
    rb"|plaid|insist|interrog|s'interrog|conclu|commen|observ|estim|affirm|annonc|remerci"
    rb"|lance|ajout"
    rb"|deplor|vant|raconte|presid|anim|dirig|encadr|coordonn|pilot|represent|organis|signe|publi"
    rb"|enseign|redig|prononc|remet|remport|gagne|assur|fond|cre|succed|remplac|rejoi|nou[st] rejoi"
    rb"|quitt|intervien|parl|soutien|etudi|ouvr|declar|pren|repr|plaide|chant|coach|invit|accueill)"
)
_DOES = re.compile(
    rb",?(?: et [^,.\n]{3,40})?(?: nous| vous| lui| en| y| se| s'| ne)?[ \n]?"
    rb"(?:(?:presente(?:ra|ront|nt|ait)?|presentera) (?:le |la |les |l'|avec |ses |leurs )"
    rb"(?!h[ae]m|douleur|etat|patient|syndrome|trouble)|"
    + _SAYS
    + rb"(?:era|eront|ira|iront|dra|dront|ra|ront)\b|"
    rb"(?:anim|dirig|coordonn|pilot|encadr|organis|rappell|soulign|precis|salu|insist|deplor"
    rb"|vant|rejoi|succed|represent|alert|annonc|presid|plaid)(?:e|ent|te|gnent|nt|de) (?:qu"
    rb"|l|a|d|un|not|ses|sur)"
    rb"|(?:demande|souhaite|reclame) (?:un bilan|un point|que|des (?:precis|chiffr|explic|moyens))"
    rb"|(?:s'inquiete|s'etonne|se felicite) (?:de l|du |des |que )|quitte (?:le |la |l'"
    rb"|notre |ses )"
    rb"|nous (?:a|ont) quitte|declare(?:nt)? n'avoir|remplace (?!son |sa |ses |le t)"
    rb"|regrette (?:le |la |l'|les |que )"
    rb"|(?:a|ont|avait|avaient) (?:fonde|cree|dirige|anime|remis|signe|publie|preside|coordonne"
    rb"|pilote|rappele|souligne|insiste|propose|redige|quitte (?:le|la|l'|notre|ses)|rejoint"
    rb"|reuni|salue"
    rb"|remercie|gagne|remporte|ete (?:nommee?|elue?|promue?|recrutee?|designee?|invitee?)"
    rb"|recolte|exerce"
    rb"|mene|realise|soutenu|prononce|exerce|accepte de (?:nous|presenter|preside))"
    rb"|(?:est|sont|etait|sera|seront) (?:nomme|elue?|designe|promu|recrute|chargee?s? d"
    rb"|president|directr|reelue?)"
    rb"|interviend|parlera|soutiendra|lira\b|chantera|tiendra|tiendront|viendra (?:presente"
    rb"|parle)|fait le point"
    rb"|fera le point|sera (?:presente? (?:au|a la|pour|de)|des notres)|se joindra|se joint"
    rb"|quitte la seance"
    rb"|prend(?:ra)? (?:ses fonctions|la tete|en charge le)|prendra en charge|de (?:chez"
    rb"|la societe|l'association)"
    rb"|\(?(?:ainsi que|represente))"
)
_WILL = re.compile(
    rb"[^.!?;:\n]{0,60} (?:presentera|animera|interviendra|racontera|parlera|tiendra)\b"
)
_HEADER = re.compile(
    rb"(?:\A|\n|> ?)(?:de|a|cc|cci|from|to|envoye par|expediteur|destinataires?) ?: ?[^\n:]*\Z"
)
# Columns of a table in which people at work stand.
_COLUMN = re.compile(
    rb"[\x7f ]*(?:referente?|demand(?:eur|eresse)|formateurs?|formatrices?|intervenante?s?"
    rb"|praticiens?|medecins?"
    rb"|responsables?|contacts?|commercial|vendeur|technicien|redact(?:eur|rice)|aut(?:eur|rice)s?"
    rb"|animat(?:eur|rice)s?|enseignante?|orat(?:eur|rice)s?|moderateur|pilote"
    rb"|chef de projet|interlocuteur"
    rb"|suivi par|docteurs?|correspondant|acheteur|agent|chargee? d.{1,30}|directeur"
    rb"|encadrant)s?[ \x7f]*"
)
_HEADS = re.compile(
    rb"\b(?:formateurs?|formatrices?|intervenante?s?|demandeurs?|referente?s?|praticiens?"
    rb"|responsables?"
    rb"|animat(?:eurs?|rices?)|orat(?:eurs?|rices?)|enseignante?s?|moderat(?:eurs?"
    rb"|rices?))\b[^.:]*\Z"
)
_FIGURE = re.compile(rb"[0-9]")
_WIDEST_HEAD = 160  # bytes
_CONTINUED = 40  # bytes of a line that may be the end of a row
_TABLE = 8192  # bytes above a row in which the head of its table is looked for
_CELLS = (b"\t", b"|")
_ADDRESSED = re.compile(
    rb"(?:,\s?(?:\n|\x7f)|,? (?:pourriez|pouvez|voulez|avez|auriez|seriez|etes|merci|voici"
    rb"|suite|comme convenu|faisant suite"
    rb"|je vous|nous vous|je me permets|je reviens|je t|vous trouverez|veuillez|en reponse"
    rb"|apres notre)[ -])"
)
_ASKED = re.compile(rb", (?:pourriez|pouvez|voulez|auriez|seriez|etes|avez)-vous")
_LINE_BEGINS = re.compile(
    rb"(?:\A|\n|\x7f)[ \t]*(?:(?:bonjour|bonsoir|chere?s?) )?(?:" + _TITLE + rb" )?\Z"
)


def at_work(folded: Folded, start: int, end: int) -> bool:
    """Whether the name from start to end is that of somebody at work."""
    after = folded.data[end : end + _AFTER + _AFTER]
    before = folded.data[max(0, start - _BEFORE) : start]
    lines = _lines(folded, start - _BEFORE, start)
    return bool(
        _OF_A_TEAM.search(before)
        or _CALLED_TOO.search(before)
        or _DOES.match(after)
        or _WILL.match(after)
        or _CALLED.search(before[-_AFTER:])
        or _LISTED.search(before)
        or _LISTED.search(lines)
        or _HEADER.search(lines)
        or _in_column(folded, start)
    )


def has_profession(folded: Folded, end: int) -> bool:
    """Whether the name that ends here is followed by a profession or an employer."""
    after = folded.data[end : end + _AFTER]
    return bool(_IS.match(after) or _OF.match(after))


def addressed(folded: Folded, start: int, end: int) -> bool:
    """Whether one writes to this person: the name stands alone on the first line, or is called."""
    after = _lines(folded, end, end + _ASKED_WITHIN)
    if _ASKED.match(after):
        return True
    return bool(
        _LINE_BEGINS.search(_lines(folded, start - _AFTER, start)) and _ADDRESSED.match(after)
    )


def _lines(folded: Folded, start: int, end: int) -> bytes:
    """Folded, but with the ends of lines."""
    return folded.cased[max(0, start) : end].lower()


def _in_column(folded: Folded, start: int) -> bool:
    """Whether the head of the column is a function: "Formateur", "Référent"."""
    cased = folded.cased
    line = cased.rfind(b"\n", max(0, start - _BEFORE), start) + 1
    stop = cased.find(b"\n", start, start + _BEFORE)
    row = cased[line : stop if stop >= 0 else start + _BEFORE]
    for mark in _CELLS:
        if mark not in row:
            continue
        head = b""
        for above in reversed(cased[max(0, line - _TABLE) : max(0, line - 1)].split(b"\n")):
            if above.count(mark) != row.count(mark):
                break
            head = above
        at, heads = cased.count(mark, line, start), head.lower().split(mark)
        return at < len(heads) and bool(_COLUMN.fullmatch(heads[at].strip()))
    return heads_staff(folded, line)


def heads_staff(folded: Folded, line: int) -> bool:
    """Whether the rows to which the line belongs are headed by a function: "Date Formateur Lieu".
    Rows have figures, heads have none."""
    for above in reversed(folded.cased[max(0, line - _TABLE) : max(0, line - 1)].split(b"\n")):
        if _FIGURE.search(above):
            continue
        if len(above) < _WIDEST_HEAD and _HEADS.search(above.lower()):
            return True
        if len(above) > _CONTINUED:
            return False
    return False
