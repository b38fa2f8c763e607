"""Facts of health that have a shape: a dose, a result with its unit, a coded diagnosis, an age.

1 g matin et soir    créatinine : 14 mg/l    DP : E11.9    patiente de 54 ans    TA 12/8
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.fold import Folded
from gateway.detect.lexicon import Concept
from gateway.detect.pattern import linear, watched

_DOSE = rb"(?:mg|g|ml|ug|mcg|ui|cp|cps|comprimes?|gelules?|sachets?|gouttes?|ampoules?|bouffees?)"
_OFTEN = (
    rb"(?:le )?(?:matin|midi|soir|coucher|par jour|/ ?j(?:our)?|x ?[1-6] ?/ ?j|fois par jour"
    rb"|toutes les [0-9]{1,2} ?h)"
)
_UNITS = (
    rb"(?:g/l|g/dl|mg/l|mg/dl|ug/l|ng/ml|pg/ml|mmol/l|umol/l|nmol/l|pmol/l|ui/l|mui/l|giga/l|/mm3"
    rb"|ml/min|fl|pg)"
)
_ANALYTES = (
    rb"(?:hemoglobine|hematocrite|leucocytes|plaquettes|crp|tsh|glycemie|creatinine"
    rb"|clairance|dfg|uree|kaliemie|natremie|ferritine|cholesterol|hdl|ldl"
    rb"|triglycerides|asat|alat|ggt|gamma gt|bilirubine|psa|bhcg|hcg|d-dimeres|bnp"
    rb"|troponine|albuminemie|calcemie|vitamine d|cd4|charge virale|lymphocytes|fibrinogene"
    rb"|acide urique)"
)
_PATTERNS = {
    Concept("fait:posologie", 3): (
        rb"(?:^|[^a-z0-9])[0-9]{1,4}(?:[.,][0-9]+)? ?"
        + _DOSE
        + rb" .{0,20}?"
        + _OFTEN
        + rb"(?:[^a-z]|$)"
        rb"|(?:^|[^a-z])" + _DOSE + rb"[^a-z0-9]{1,4}[0-3]-[0-3]-[0-3](?:-[0-3])?(?:[^0-9\-]|$)"
    ),
    Concept("fait:résultat", 5): (
        rb"(?:^|[^a-z0-9])"
        + _ANALYTES
        + rb"[^0-9]{1,24}[0-9]{1,6}(?:[.,][0-9]+)? ?"
        + _UNITS
        + rb"|(?:hba1c|hematocrite|hemoglobine glyquee)[^0-9]{1,16}[0-9]{1,2}(?:[.,][0-9]+)? ?%"
    ),
    Concept("fait:code", 3): (
        rb"(?:^|[^a-z])(?:cim|cim-?10|dp|das|dr|diagnostics?)[^a-z0-9]{1,6}[a-t][0-9]{2}\.[0-9]"
    ),
    Concept("fait:âge", 3): (
        rb"(?:^|[^a-z])(?:patiente?|malade|homme|femme|enfant|nourrisson)"
        rb" (?:de|age de|agee de) [0-9]{1,3} (?:ans|mois)(?:[^a-z]|$)"
    ),
    Concept("fait:groupe sanguin", 3): (
        rb"(?:groupe sanguin|groupe|gs|abo|rhesus|rai)[ :]{1,3}(?:a|b|ab|o) ?"
        rb"(?:rh ?(?:\(?d\)?)? ?)?(?:\+|-|pos|neg)"
    ),
    # Last: "CRP 86 mg/L" is a result, and only without its unit a measure.
    Concept("fait:mesure", 3): (
        rb"(?:^|[^a-z0-9])(?:ta|pa|tension) ?(?:a|:|=)? ?[0-9]{1,3} ?/ ?[0-9]{1,3}"
        rb"|(?:^|[^a-z0-9])(?:sat|spo2|sao2|saturation) ?(?:a|:|=|en aa)? ?[0-9]{2} ?%"
        rb"|(?:^|[^a-z0-9])(?:t\xb0|temp|temperature|fievre|febrile)(?: est)? ?(?:a|de|:|=)? ?"
        rb"(?:3[5-9]|4[0-2])(?:[.,][0-9])?"
        rb"|(?:^|[^a-z0-9])(?:imc|bmi|inr|mms|mmse|glasgow|apgar|hba1c|psa|tsh|crp|fevg|ldl"
        rb"|hdl|iah|gly|dextro|potassium|kaliemie|natremie|hb|hemoglobine|plaquettes|creat"
        rb"|creatinine|clairance|dfg|ferritine|bili|bilirubine|lipase|tropo(?:nine)?|d-?dimeres|bnp"
        rb"|lactates|amh|meld|vems|glycemie|leucocytes|asat|alat|ggt|cpk|b?hcg|vgm|qit?)"
        rb" ?(?:a|est a|de|:|=|residuel|encore a|est|passe a|monte a"
        rb"|(?:est )?(?:revenue?|montee?|passee?|remontee?|descendue?|controlee?|dosee?) a)?"
        rb" ?(?:0|[1-9][0-9]{0,5})(?:[.,][0-9]+)?(?:[^a-z0-9]|[%gmnpu]|$)"  # no "hb33zr" of a link,
        rb"|(?:^|[^a-z0-9])eva ?(?:a|:|=)? ?(?:10|[0-9])(?:[.,]5)?"  # no telephone of an Eva
        rb"(?: ?/|\.?(?:[^a-z0-9./]|$))"
        # "OD -6.25 (-1.50 à 170°)", "36 : couronne"
        rb"|(?:^|[^a-z0-9])(?:od|og|odg|vod|vog) ?:? ?[+-] ?[0-9]{1,2}[.,][0-9]{2}"
        rb"|(?:^|[^a-z0-9])(?:dents? )?[1-4][1-8] ?: ?(?:couronne|extraction|avulsion|implant"
        rb"|composite|inlay|onlay|bridge|carie|devitalis|depos)"
        rb"|(?:^|[^a-z0-9])[1-4][0-9] ?sa(?: ?\+ ?[0-6])?(?:[^a-z0-9]|$)"
        rb"|(?:^|[^a-z0-9])g[1-9]p[0-9](?:[^a-z0-9]|$)"
        rb"|(?:^|[^a-z0-9])(?:c[1-7]|d(?:[1-9]|1[0-2])|l[1-5])[ -]?"
        rb"(?:l[1-5]|s1|c[1-7]|d(?:[1-9]|1[0-2]))"
        rb"[^a-z0-9]"
        rb"|(?:^|[^a-z])taux (?:de|a|:) ?[0-9]{1,6}"
        rb"|(?:^|[^a-z])pese [0-9]{2,3} ?(?:kg|kilos)"
    ),
    # "pT2N1M0", "30 PA sevré"
    Concept("fait:stade", 3): (
        rb"(?:^|[^a-z0-9])(?:[ycp]{0,2}t(?:[0-4][a-c]?|is)n[0-3x][a-c]?(?:m[01x])?"
        rb"|[1-9][0-9] ?(?:pa|paquets[ -]annees?)(?: sevree?| tabac| actif))(?:[^a-z0-9]|$)"
    ),
    # Of what no name here tells: "plombémie 412 µg/l".
    Concept("fait:dosage", 2): (
        rb"(?:^|[^a-z0-9])[0-9]{1,6}(?:[.,][0-9]+)? ?"
        rb"(?:[mun]?g/[dm]?l|[munp]mol/l|pg/ml|m?u?ui/m?l|giga/l)(?:[^a-z]|$)"
    ),
    Concept("fait:acte", 3): (
        rb"(?:^|[^a-z])(?:ccam|acte|actes|code|cotation)[^a-z0-9]{1,4}[a-z]{4}[0-9]{3}(?:[^0-9]|$)"
    ),
}
_UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")  # RFC 9562, 4
_UUID_LENGTH = 37  # and what stands before or after
_EACH = {concept: linear(pattern) for concept, pattern in _PATTERNS.items()}
_ANY = watched(b"|".join(_PATTERNS.values()))


def found(folded: Folded) -> Iterator[tuple[int, int, Concept]]:
    """All shapes are searched for at once; which of them it is, is asked of the few bytes found."""
    if folded.lacks(_ANY):
        return
    for one in _ANY.finditer(folded.data):
        start, end = one.span()
        start += not folded.data[start : start + 1].isalnum()  # what stands before the shape
        if _is_in_uuid(folded.data, start, end):
            continue
        for concept, pattern in _EACH.items():
            if pattern.search(folded.data[start:end]):
                yield start, end, concept


def _is_in_uuid(data: bytes, start: int, end: int) -> bool:
    """Of a link or a Message-ID; one in eighty of them has a "c7d4" between its hyphens."""
    near = data[max(0, end - _UUID_LENGTH) : start + _UUID_LENGTH]
    return b"-" in near and _UUID.search(near) is not None
