"""Presidio's side of bench/inspection.py: run with the python of a venv that has it.

    presidio_side.py INPUT.json      prints {"version": …, "patterns": seconds, …}

The recommended set-up with the least work for it: a blank French pipeline (no statistical model),
only the recognisers for what our own detectors look for, and no logging.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import spacy
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

MARK = r"[\s.\-_/|]{0,3}"
PATTERNS = {
    "NIR": rf"(?<![0-9A-Za-z])[12]{MARK}\d\d{MARK}(?:0[1-9]|1[0-2]|20|[3-9]\d){MARK}"
    rf"(?:\d\d|2[AB]){MARK}\d{{3}}{MARK}\d{{3}}(?:{MARK}\d\d)?(?![0-9A-Za-z])",
    "IBAN": r"(?<![0-9A-Za-z])[A-Z]{2}\d{2}(?:[ .-]?[0-9A-Z]){11,30}(?![0-9A-Za-z])",
    "RIB": rf"(?<!\d)\d{{5}}{MARK}\d{{5}}{MARK}[0-9A-Z]{{11}}{MARK}\d\d(?!\d)",
    "PERSON": r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame)\s+[A-ZÀ-Ý][\w'-]+(?:\s[A-ZÀ-Ý][\w'-]+){0,3}",
    "BIRTH": r"\bn[ée]e?\s+le\s+\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}",
    "POSOLOGY": r"\b\d+\s?(?:mg|g|ml|cp)\b.{0,20}(?:matin|midi|soir|par jour)",
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
    result: dict[str, object] = {"version": version("presidio-analyzer")}
    for name, terms in {"patterns": [], "patterns and 500 terms": given["terms"]}.items():
        analyzer = engine(terms)
        analyzer.analyze(given["texts"][0], language="fr")
        started = time.process_time()
        for text in given["texts"]:
            analyzer.analyze(text, language="fr")
        result[name] = time.process_time() - started
    print(json.dumps(result))


if __name__ == "__main__":
    main()
