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
_NAMED_BY = 80  # bytes: a function of several words
_TITLE = (
    rb"(?:m\.|mm\.|mr\.?|mme\.?|mmes|mlle\.?|monsieur|madame|dr\.?|dre|pr\.?|docteur|professeure?)"
)

# A heading, then nothing but names and what parts them, up to the name itself.
_HEADINGS = (
    rb"(?:(?:(?:etaient|sont|membres) )?presents?|presentes|participants?|participantes|excusee?s?"
    rb"|ont (?:egalement )?participe|membres?|jury|rapporteure?s?|assesseurs|moderat(?:eurs?"
    rb"|rices?)|(?:co-?)?direct(?:eurs?|rices?)|sous la direction de|comites?|groupe|bureau"
    rb"|redact(?:eurs?|ion)|verification|approbation|relecture|referente?s?|personnes ressources"
    rb"|contacts?|renseignements|intervenante?s?|formateurs?|formatrices?|animat(?:eurs?|rices?"
    rb"|ion)|internes|nouveaux internes|table ronde|debat|conference|orateurs?|oratrices?"
    rb"|secretaires?|secretariat|coordinat(?:eurs?|rices?|ion)|publication|responsables?|interim"
    rb"|remplacement|atelier|stand|candidatures?|nommes|elus|recus|arrivees|departs|bienvenue"
    rb"|chefs?|cheffes?|cadres?|adjointe?s?|interne de garde|senior|(?:tour de )?gardes?"
    rb"|astreintes?|correspondance|remerciements|auteurs?|autrices?|investigateurs?|distinction"
    rb"|prix|equipe|photos?|photographies|illustrations|mise en page|president|presidente|tribune"
    rb"|invitee?s?|portrait|rencontre|correspondant|assistaient|demandeur|posters?|communications?"
    rb"|cas cliniques?|symposium|contact presse|creneaux|vacations?|permanences?|merci a"
    rb"|interlocut(?:eur|rice)s?|biologistes?|pharmaciens?|praticiens?|medecins?|laboratoire"
    rb"|affaire suivie par|corrections?|correct(?:eur|rice)s?|tut(?:eur|rice)s?|relais|invitee?"
    rb"|personne qui vous (?:recevra|accueillera|recoit)|animation|copies? a|referents?"
    rb"|liste au comite)"
)
_LISTED = re.compile(
    rb"(?:^|[\n.;:!?\x95\xb7*(\-] ?|\t)(?:[a-z']{1,16} ){0,3}"
    + _HEADINGS
    + rb"(?: [a-z'()/\-]{1,24}){0,7} ?(?::|\n|\t) ?(?:[^.:!?]|\b(?:dr|pr|m|mm)\.|\. [a-z]\. )*\Z"
)
# What others do with somebody, what work of theirs one speaks of, or what they are: right before.
_WITH = (
    rb"par|avec|selon|d'apres|aupres de?|merci a|remercier?|bravo a|felicitations a|contacte[rz]"
    rb"|contacts?|bienvenue a|retraite a|succede a|remplace|remplacante?|attention de?"
    rb"|de la part de|sous la direction de|appelez|s'adresser a|repondre a|adresser a"
    rb"|candidatures? a|hommage a|memoriam|interne|confreres?|consoeurs?|collegues?|associee?"
    rb"|stagiaire|docteurs|p/o|(?:parrain|marraine) est|signe|copie|cc|de madame la|de monsieur le"
)
_WORK = (
    rb"(?:nomination|arrivee|depart|retraite|presidence|direction|equipe|avis(?: [a-z]{3,12})?"
    rb"|rapport|livre|roman|editorial|billet|chronique|textes?|photos?|piece|illustrations?|dessins?|musique|essai|notes?|cours|tribune|lettre|amendement|discours|question|offre|oeuvres|podcast|emission|visite|cotes|these|memoire|travaux|travail"
    rb"|intervention|conference|diaporama|support|expose|disparition|participation|eloge|accord"
    rb"|interview|article) de?"
)
_FUNCTION = (
    rb"(?:direct|redact|animat|orat|investigat|rapport|realisat|interlocut|senat|moderat"
    rb"|chant)(?:eur|rice|euse)s?|format(?:eur|rice)|presidente?|ministre|prefete?|maire|deputee?"
    rb"|deleguee?|chef|cheffe|comedien(?:ne)?|journaliste|auteure?|autrice|ecrivaine?|professeure?"
    rb"|referente?|pilote|responsable|secretaire|conseillere?"
)
_CALLED = re.compile(
    rb"\b(?:(?:" + _WITH + rb"|" + _WORK + rb"|" + _FUNCTION + rb")(?: ?:)?[ ':\n]{1,2}"
    rb"|(?:" + _FUNCTION + rb")[a-z' \-]{0,50}, ?)[\n\x96\- ]{0,3}(?:" + _TITLE + rb" )?\Z"
)
_CALLED_TOO = re.compile(
    rb"\b(?:par|avec|remercier?|merci a|bravo a|bienvenue a|selon|d'apres) [a-z'\- ]{3,60}"
    rb"(?:,| et)(?: a| pour)? (?:" + _TITLE + rb" )?\Z"
)
# "(Anne TEST)", "l'équipe mobile (Anne TEST, Paul EXEMPLE)", with no civility: whom to ask.
_BRACKET = re.compile(rb"\((?:[a-z' .\-]{2,40}, ){0,4}\Z")
_BRACKETED = re.compile(rb"(?:, [A-Z][A-Za-z'\-]{1,20}(?: [A-Z][A-Za-z'\-]{1,20}){1,2}){0,4}\)")
_PROFESSION = (
    rb"(?:[a-z\-]{3,22}(?:logue|iatre|therapeute|podologue|opathe|ologiste)s?\b|(?:dg|drh|dsi|dim"
    rb"|rssi|dpo|daf|ars|elue?|interne|maire|pdg|p-dg)\b|anesthesiste|urgentiste|generaliste"
    rb"|chirurgien|infirmi(?:er|ere)s?\b|aide[- ]soign|sage[- ]femme|medecins?\b"
    rb"|pharmacien|biologiste|biomed|externe|diet|psychologues?\b|kine(?:s|sitherapeute)?\b|ergoth"
    rb"|orthopho|manip|ingeni|techn?ic|cadre|chef|(?:sous-)?direct"
    rb"|(?:vice-)?president|tresor|secret|deleg|depute|senat|ministre|prefet|rapporteur|profess"
    rb"|maitre de conf|charge|attache|conseill|adjoint|responsable|coordin|coordonnat|referent"
    rb"|benevol|fondat|membre|act(?:eur|rice)|comedi|champion|ecrivain|journaliste|auteur|autrice"
    rb"|chercheu|doctorant|enseignant|format(?:eur|rice)|consult|commerc|juriste|avocat|notaire"
    rb"|compta|economat|achats|achet|controleur|gestion|qualiticien|hygien|informatic|develop"
    rb"|visiteu|choriste|represent|assistant|bibliothec|architecte|contremaitre|agent|praticien"
    rb"|chimiste|statisticien|patron|specialiste|expert|titulaire|laureat|regisseur|maquettiste"
    rb"|bioqualit|epidemio|courtier|edit(?:eur|rice)|logisti|administr|support|electric|etudiant"
    rb"|eleve (?:infirm|aide|avocat)|association|service )"
)
_FUNCTION_BEFORE = re.compile(  # "la psychologue du travail, Mme TEST", "l'infirmière Anne TEST"
    rb"(?:\b(?:la|le|notre|une?|votre|ancienne?) |\bl')(?!cadre d(?:e (?!sante)|u|'))"
    rb"(?:"
    + _PROFESSION
    + rb")[a-z\-]*(?:(?: d[eu'][a-z' \-]{2,40})?, ?| )(?:"
    + _TITLE
    + rb" )?\Z"
)
_IS = re.compile(
    rb"(?:[ ,(:\-\x96\x97|\t\n]{1,4}|, (?:qui est|est) | est )(?:(?:l'|la |le |un |une |notre |son "
    rb"|sa |ex-|par ailleurs |egalement |aussi |et )?(?:anciens?|ancienne|futur|future|nouveau"
    rb"|nouvelle|jeune|grand|actuel|actuelle)? ?){1,2}" + _PROFESSION
)
_OF = re.compile(
    rb"(?: ?\([0-9 ,*]{1,5}\)| ?\((?:cfdt|cgt|fo|sud|cfe-cgc|unsa|ch(?! ?[0-9])|chu|chru|inserm"
    rb"|cnrs|aphp|ap-hp|ars|has|cpam|caf|universite|hopital|service|pole|pharmacie|hygiene"
    rb"|direction|president)[^)]{0,30}\)| et al\b|,? (?:du|de la|de l'|des|au|pour le"
    rb"|pour la) (?:chu|chru|ch|centre hospitalier|hopita|service d|unite|pole|laboratoire|institut"
    rb"|universite|faculte|inserm|cnrs|ars|ars\b|igas|direction|association|syndicat|societe|ligue"
    rb"|chez ))"
)
_SAYS = (
    rb"(?:rappell|soulign|indiqu|precis|expliqu|demand|propos|salu|regrett|repond|s'inquiet|alert"
    rb"|souhait|plaid|insist|interrog|s'interrog|conclu|commen|observ|estim|affirm|annonc|remerci"
    rb"|lance|ajout|deplor|vant|raconte|presid|anim|dirig|encadr|coordonn|pilot|represent|organis"
    rb"|signe|publi|enseign|redig|prononc|remet|remport|gagne|assur|fond|cre|succed|remplac|rejoi"
    rb"|nou[st] rejoi|quitt|intervien|parl|soutien|etudi|ouvr|declar|pren|repr|plaide|chant|coach"
    rb"|invit|accueill)"
)
_DOES = re.compile(
    rb",?(?: et [^,.\n]{3,40})?(?: nous| vous| lui| en| y| se| s'| ne)?[ \n]?(?:(?:presente(?:ra"
    rb"|ront|nt|ait)?|presentera) (?:le |la |les |l'|avec |ses |leurs )(?!h[ae]m|douleur|etat"
    rb"|patient|syndrome|trouble)|" + _SAYS + rb"(?:era|eront|ira|iront|dra|dront|ra|ront)\b|"
    rb"(?:redig|prepar|valid|verifi|recens|livr|install"
    rb"|anim|dirig|coordonn|pilot|encadr|organis|rappell|soulign|precis|salu|insist|deplor|vant"
    rb"|rejoi|succed|represent|alert|annonc|presid|plaid)(?:e|ent|te|gnent|nt|de) (?:qu|l|a|d|un"
    rb"|not|ses|sur)|(?:demande|souhaite|reclame) (?:un bilan|un point|que|des (?:precis|chiffr"
    rb"|explic|moyens))|(?:s'inquiete|s'etonne|se felicite) (?:de l|du |des |que )|quitte (?:le "
    rb"|la |l'|notre |ses )|nous (?:a|ont) quitte|declare(?:nt)? n'avoir|remplace (?!son |sa |ses "
    rb"|le t)|regrette (?:le |la |l'|les |que )|(?:a|ont|avait|avaient) (?:fonde|cree|dirige|anime"
    rb"|remis|signe|publie|preside|coordonne|pilote|rappele|souligne|insiste|propose|redige"
    rb"|quitte (?:le|la|l'|notre|ses)|rejoint|reuni|salue|remercie|gagne|remporte|ete (?:nommee?"
    rb"|elue?|promue?|recrutee?|designee?|invitee?)|recolte|exerce|mene|realise|soutenu|prononce"
    rb"|exerce|accepte de (?:nous|presenter|preside))|(?:est|sont|etait|sera|seront) (?:nomme|elue?"
    rb"|designe|promu|recrute|chargee?s? d|president|directr|reelue?)|interviend|parlera|soutiendra"
    rb"|(?:a|ont) presente (?:avec|le |la |les |l'|ses |son |leur)|lira\b|chantera"
    rb"|tiendra|tiendront|viendra (?:presente|parle)|fait le point|fera le point"
    rb"|sera (?:presente? (?:au|a la|pour|de)|des notres)|se joindra|se joint|quitte la seance"
    rb"|prend(?:ra)? (?:ses fonctions|sa retraite|la tete|en charge le)|prendra en charge"
    rb"|(?:le|la|les|l') ?(?:monte|installe|livre|repare|recupere|branche|teste|range)\b"
    rb"|fait (?:la|les) (?:consultation|visite|garde|permanence|tournee|formation|revue)"
    rb"|de (?:chez|la societe|l'association)|\(?(?:ainsi que|represente))"
)
# "Mme TEST vérifiera les carnets": what a patient will do is to come, to go, to be, to undergo.
_FUTURE = re.compile(
    rb"(?: (?:ne|se|nous|vous|y|en|lui|le|la|les) | s'| l'| )(?!(?:ser|devr|pourr|aur|entr|rentr"
    rb"|sort|reviend|viend|passe|reste|ir|fer|part|mourr|suivr|prend|reprend|gard|port|arrete|sub"
    rb"|benefici|attend|recevr|verr|dorm|mange|va|accouch|consulte|revoi|appelle|rappelle|retourn)"
    rb"[a-z]*)[a-z]{3,12}(?:er|ir|d|t)(?:a|ont)\b"
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
    rb"|praticiens?|medecins?|responsables?|contacts?|commercial|vendeur|technicien|redact(?:eur"
    rb"|rice)|aut(?:eur|rice)s?|animat(?:eur|rice)s?|enseignante?|orat(?:eur|rice)s?|moderateur"
    rb"|pilote|chef de projet|interlocuteur|suivi par|docteurs?|correspondant|acheteur|agent"
    rb"|chargee? d.{1,30}|directeur|encadrant)s?[ \x7f]*"
)
_HEADS = re.compile(
    rb"\b(?:formateurs?|formatrices?|intervenante?s?|demandeurs?|referente?s?|praticiens?"
    rb"|responsables?|animat(?:eurs?|rices?)|orat(?:eurs?|rices?)|enseignante?s?|moderat(?:eurs?"
    rb"|rices?))\b[^.:]*\Z"
)
_FIGURE = re.compile(rb"[0-9]")
_WIDEST_HEAD = 160  # bytes
_CONTINUED = 40  # bytes of a line that may be the end of a row
_TABLE = 8192  # bytes above a row in which the head of its table is looked for
_CELLS = (b"\t", b"|")
_ADDRESSED = re.compile(
    rb"(?:,\s?(?:\n|\x7f)|,? (?:pourriez|pouvez|voulez|avez|auriez|seriez|etes|merci|voici|suite"
    rb"|comme convenu|faisant suite|je vous|nous vous|je me permets|je reviens|je t|vous trouverez"
    rb"|veuillez|en reponse|apres notre|votre|vos|vous)[ -])"
)
# "Madame TEST, la salle est réservée": nobody writes so of a patient but "Mme TEST".
_FORMAL = re.compile(rb"(?:madame|monsieur) (?:[a-z'\-]{2,20} )?\Z")
_CALLED_UPON = re.compile(rb", (?:la|le|les|nous|je|suite|pour|dans|ci-joint|l'|j')")
_ASKED = re.compile(rb", (?:pourriez|pouvez|voulez|auriez|seriez|etes|avez)-vous")
_LINE_BEGINS = re.compile(
    rb"(?:\A|\n|\x7f)[ \t]*(?:(?:bonjour|bonsoir|chere?s?) )?(?:" + _TITLE + rb" )?\Z"
)


def works(folded: Folded, start: int, end: int) -> bool:
    """Whether the name from start to end is that of somebody at work. Asked for the name, and again
    for what is said of it."""
    known = folded.shared.get("works")
    if not isinstance(known, dict):
        known = folded.shared["works"] = {}
    if (start, end) not in known:
        known[start, end] = _works(folded, start, end)
    found: bool = known[start, end]
    return found


def _works(folded: Folded, start: int, end: int) -> bool:
    data = folded.data
    after = data[end : end + _AFTER + _AFTER]
    before = data[max(0, start - _BEFORE) : start]
    lines = _lines(folded, start - _BEFORE, start)
    return bool(
        _IS.match(after)
        or _OF.match(after)
        or _DOES.match(after)
        or _FUTURE.match(after)
        or _WILL.match(after)
        or _CALLED.search(before[-_NAMED_BY:])
        or _CALLED_TOO.search(before)
        or _FUNCTION_BEFORE.search(before[-_NAMED_BY:])
        or (_BRACKETED.match(folded.cased, end) and _BRACKET.search(before))
        or _LISTED.search(before)
        or _LISTED.search(lines)
        or _HEADER.search(lines)
        or _in_column(folded, start)
    )


def addressed(folded: Folded, start: int, end: int) -> bool:
    """Whether one writes to this person: the name stands alone on the first line, or is called."""
    after = _lines(folded, end, end + _ASKED_WITHIN)
    if _ASKED.match(after):
        return True
    before = _lines(folded, start - _AFTER, start)
    formal = _FORMAL.search(before) and _CALLED_UPON.match(after)
    return bool(_LINE_BEGINS.search(before) and (formal or _ADDRESSED.match(after)))


def begins_line(folded: Folded, start: int) -> bool:
    return bool(_LINE_BEGINS.search(_lines(folded, start - _AFTER, start)))


def _lines(folded: Folded, start: int, end: int) -> bytes:
    """Folded, but with the ends of lines."""
    return folded.cased[max(0, start) : end].lower()


def _in_column(folded: Folded, start: int) -> bool:
    """Whether the head of the column is a function: "Formateur", "Référent"."""
    cased = folded.cased
    line = cased.rfind(b"\n", max(0, start - _BEFORE), start) + 1
    stop = cased.find(b"\n", start, start + _BEFORE)
    row = cased[line : stop if stop >= 0 else start + _BEFORE]
    for mark in filter(row.__contains__, _CELLS):
        head = b""
        for above in reversed(cased[max(0, line - _TABLE) : max(0, line - 1)].split(b"\n")):
            if above.count(mark) != row.count(mark):
                break
            head = above
        at, heads = cased.count(mark, line, start), head.lower().split(mark)
        if head and at < len(heads) and not _FIGURE.search(head):
            return bool(_COLUMN.fullmatch(heads[at].strip()))
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
