"""Presidio's side of bench/inspection.py: run with the python of a venv that has it.

    presidio_side.py INPUT.json      prints {"version": …, "patterns": {"seconds": …, …}, …}

The recommended set-up with the least work for it: a blank French pipeline (no statistical model),
one recogniser for each kind that our own detectors find in a text, no logging, everything built and
used once before the clock starts. Its patterns stand behind their label where ours do. It reads no
context beyond that, checks no digit, folds no spelling and knows no list of names: less than ours.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import spacy
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

FEW = 5  # mails given to it with all terms: it takes seconds for each
MARK = r"[\s.\-_/|]{0,3}"
NUMBER = r"[^0-9\n]{0,30}"
PATTERNS = {
    "NIR": rf"(?<![0-9A-Za-z])[12]{MARK}\d\d{MARK}(?:0[1-9]|1[0-2]|20|[3-9]\d){MARK}"
    rf"(?:\d\d|2[AB]){MARK}\d{{3}}{MARK}\d{{3}}(?:{MARK}\d\d)?(?![0-9A-Za-z])",
    "NIA": rf"(?<![0-9A-Za-z])[3-8](?:{MARK}\d){{14}}(?![0-9A-Za-z])",
    "NIR_ROUNDED": r"\b[1-478][.,]\d{2,5}E\+1[24]\b",
    "INS": r"\d{15}@patient\.mssante\.fr|1\.2\.250\.1\.213\.1\.4\.(?:8|9|10|11)\b",
    "IBAN": r"(?<![0-9A-Za-z])[A-Z]{2}\d{2}(?:[ .-]?[0-9A-Z]){11,30}(?![0-9A-Za-z])",
    "RIB": rf"(?<!\d)\d{{5}}{MARK}\d{{5}}{MARK}[0-9A-Z]{{11}}{MARK}\d\d(?!\d)",
    "BIC": r"\b(?:BIC|SWIFT)\W{0,6}[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b",
    "CARD": r"(?<![0-9A-Za-z])[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![0-9A-Za-z])",
    "CAF": rf"\b(?:allocataires?|CAF){NUMBER}\d{{7}}\b",
    "SPI": rf"\b(?:fiscale?|SPI|déclarant [12]){NUMBER}[0-3](?:[ .]?\d){{12}}\b",
    "RPPS": rf"\bRPPS{NUMBER}1\d(?:[ .]?\d){{9}}\b",
    "ADELI": rf"\bADELI{NUMBER}\d[0-9AB](?:[ .]?\d){{7}}\b",
    "FINESS": rf"\bFINESS{NUMBER}\d[0-9AB](?:[ .]?\d){{7}}\b",
    "IPP": rf"\b(?:IPP|IEP|NIP|NDA|n° de séjour){NUMBER}[A-Z]{{0,3}}\d{{6,13}}\b",
    "INE": rf"\b(?:INE|BEA){NUMBER}(?:\d{{10}} ?[A-Z]|\d{{9}} ?[A-Z]{{2}})\b",
    "PASSPORT": rf"\bpassep?orts?{NUMBER}\d\d ?[A-Z]{{2}} ?\d{{5}}\b",
    "CARD_OF_IDENTITY": rf"\b(?:CNIE?|carte d'identité){NUMBER}(?:\d{{12}}|[A-Z0-9]{{9}})\b",
    "RESIDENCE": rf"\b(?:titre|carte) de séjour{NUMBER}(?:[1-9]\d{{9}}|[A-Z]{{2}}\d{{7,8}})\b",
    "MRZ": r"(?<![A-Z0-9<])[A-Z][A-Z<][A-Z]{3}[A-Z<]{25,39}\s[A-Z0-9<]{30,44}(?![A-Z0-9<])",
    "PHONE": r"(?<!\d)(?:(?:\+|00) ?33[ .-]?(?:\(0\))?|0)[1-79](?:[ .\-/]{0,2}\d{2}){4}(?!\d)",
    "ADDRESS": r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|chemin|impasse|allée|place"
    r"|route|quai|cours|square)[ .].{2,70}?\d{5} [A-ZÀ-Ý]",
    "EMAIL": r"\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}\b",
    "PERSON": r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame)\s+[A-ZÀ-Ý][\w'-]+(?:\s[A-ZÀ-Ý][\w'-]+){0,3}",
    "BIRTH": r"\b(?:n[ée]e?\s+le|DDN|date de naissance)\W{0,4}\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}",
    "BLOOD": r"\b(?:groupe sanguin|groupage|rhésus)\W{0,6}(?:AB|[ABO]) ?(?:\+|-|pos|nég)",
    "POSOLOGY": r"\b\d+\s?(?:mg|g|ml|cp)\b.{0,20}(?:matin|midi|soir|par jour)",
    "RESULT": r"\b(?:hémoglobine|leucocytes|plaquettes|CRP|TSH|glycémie|créatinine|cholestérol|PSA)"
    r"\b[^0-9]{1,24}\d{1,6}(?:[.,]\d+)? ?(?:g/l|mg/l|mmol/l|ui/l|ng/ml|/mm3)",
    "AGE": r"\b(?:patiente?|malade|homme|femme|enfant) (?:âgée? )?de \d{1,3} (?:ans|mois)\b",
    "CODE": r"\b(?:CIM-?10|CCAM|diagnostics?)\W{1,6}[A-T]\d\d\.\d",
    "SEGMENT": r"(?m)^(?:PID|P)\|",
}


class BlankFrench(SpacyNlpEngine):
    """spaCy's tokeniser alone."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"fr": spacy.blank("fr")}


def engine(terms: list[str]) -> AnalyzerEngine:
    registry = RecognizerRegistry(supported_languages=["fr"])
    for name, regex in PATTERNS.items():
        pattern = Pattern(name, regex, 0.5)
        registry.add_recognizer(
            PatternRecognizer(supported_entity=name, patterns=[pattern], supported_language="fr")
        )
    if terms:
        registry.add_recognizer(
            PatternRecognizer(supported_entity="TERM", deny_list=terms, supported_language="fr")
        )
    return AnalyzerEngine(nlp_engine=BlankFrench(), registry=registry, supported_languages=["fr"])


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    result: dict[str, object] = {
        "version": version("presidio-analyzer"),
        "recognisers": len(PATTERNS),
    }
    for name, (terms, mails) in {
        "patterns": (0, len(given["texts"])),
        "patterns and 500 terms": (500, len(given["texts"])),
        "patterns and all terms": (len(given["terms"]), FEW),
    }.items():
        analyzer = engine(given["terms"][:terms])
        texts = given["texts"][:mails]
        analyzer.analyze(texts[0][:500], language="fr")
        started = time.process_time()
        found = sum(len(analyzer.analyze(text, language="fr")) for text in texts)
        seconds = time.process_time() - started
        size = sum(map(len, texts))
        result[name] = {"seconds": seconds, "size": size, "found": found, "terms": terms}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
