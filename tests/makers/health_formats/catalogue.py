"""Every format by name: its kind, how many persons or stays are in the file, and the file; and
what looks like one of them, by the reason why it is none."""

from __future__ import annotations

from tests.makers.health_formats import insurance, messages, stays


def files(seed: int) -> dict[str, tuple[str, int, str]]:
    return {
        "B2": ("health.b2", 21, insurance.b2(seed)),
        "B2, lines of LF": ("health.b2", 21, insurance.b2(seed, separator="\n")),
        "B2, in one piece": ("health.b2", 21, insurance.b2(seed, separator="")),
        "NOEMIE": ("health.noemie", 9, insurance.noemie(seed)),
        "NOEMIE without marks": ("health.noemie", 9, insurance.noemie(seed, mark="")),
        "HL7, CR": ("health.hl7", 3, messages.hl7(seed)),
        "HL7, CR LF": ("health.hl7", 3, messages.hl7(seed, end="\r\n")),
        "HL7, a batch": ("health.hl7", 3, messages.hl7(seed, batch=True)),
        "HL7 in XML": ("health.hl7", 2, messages.hl7_xml(seed)),
        "HPK": ("health.hpk", 3, messages.hpk(seed)),
        "H'PRIM Médecin": ("health.hprim", 2, messages.hprim_doctor(seed)),
        "H'PRIM Médecin, LF": ("health.hprim", 2, messages.hprim_doctor(seed, end="\n")),
        "H'PRIM Médecin, a letter": (
            "health.hprim",
            2,
            messages.hprim_doctor(seed, results=False),
        ),
        "H'PRIM santé": ("health.hprim", 3, messages.hprim_health(seed)),
        "HPRIM XML": ("health.hprim", 2, messages.hprim_xml(seed)),
        "HPRIM XML, no namespace": ("health.hprim", 2, messages.hprim_xml(seed, namespace=False)),
        "RPU": ("health.pmsi", 4, messages.rpu(seed)),
        **{form: ("health.pmsi", 12, stays.file(form, seed)) for form in stays.NOMINATIVE},
        **{
            form: ("health.pmsi.pseudonymous", 12, stays.file(form, seed))
            for form in stays.PSEUDONYMOUS
        },
    }


def innocent(seed: int) -> dict[str, str]:
    return {
        "a public nomenclature under the head of B2": insurance.nomenclature(seed),
        "a bank statement of 120 columns": insurance.bank_statement(seed),
        "of 160": insurance.bank_statement(seed, 160),
        "of 240": insurance.bank_statement(seed, 240),
        "long lines of figures": insurance.glued_figures(seed),
        "a manual that quotes a segment": messages.MANUAL,
        "an empty message": messages.EMPTY_HL7,
        "a message to be filled in": messages.TO_FILL_IN,
        "an empty letter": messages.EMPTY_HPRIM,
        "products ordered in HPK": messages.stock(seed),
        "a log with bars": messages.log(seed),
        "a table with bars": messages.table_of_bars(seed),
        "the description of a format": stays.DESCRIPTION,
        "a list of groups and tariffs": stays.groups(seed),
        "readings of a machine, in columns": stays.readings(seed),
    }
