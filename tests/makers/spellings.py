"""How people and programs write a NIR, an IBAN and a RIB: the shapes of the number, and what it
stands in. Shapes and frames are crossed by tests and makers; `{}` is the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.makers.identifiers import SPELLINGS, grouped, parts, rib_parts

Shape = Callable[[str], str]


def cut(*sizes: int, mark: str = " ") -> Shape:
    """In pieces of these sizes."""

    def written(number: str) -> str:
        pieces, at = [], 0
        for size in sizes:
            pieces.append(number[at : at + size])
            at += size
        return mark.join(pieces)

    return written


def marked(mark: str) -> Shape:
    return lambda number: mark.join(parts(number))


def keyed(form: str) -> Shape:
    """{a}: thirteen in one piece, {p}: part by part, {k}: the key."""
    return lambda number: form.format(
        a=number[:13], p=" ".join(parts(number)[:6]), k=number[13:], n=number
    )


KEYS = (
    "{a} {k}", "{a}  {k}", "{a}.{k}", "{a}-{k}", "{a} - {k}", "{a} – {k}", "{a}/{k}", "{a} / {k}",
    "{a}_{k}", "{a}:{k}", "{a};{k}", "{a},{k}", "{a}|{k}", "{a} | {k}", "{a} ({k})", "{a} [{k}]",
    "{a} clé {k}", "{a} clé: {k}", "{a} Clé : {k}", "{a}, clé {k}", "{a} (clé {k})",
    "{a} (clé : {k})",
    "{a} - clé : {k}", "{a} Key {k}", "{p} clé {k}", "{p} Clé : {k}", "{p} / {k}", "{p}/{k}",
    "{p} - {k}", "{p} ({k})", "{a}\n{k}", "{a}\nclé {k}", "{a}\n(clé {k})", "{p}\n{k}",
    "{p}\nClé : {k}", "{a} clé de contrôle {k}", "**{a}** clé : `{k}`", "\nClé : {k} NIR : {a}",
    "{a}</nir><cle>{k}</cle>", '{a}","cle":"{k}"', '{a}", "cleNir": "{k}"',
)  # fmt: skip
NIR_SHAPES: dict[str, Shape] = {
    **SPELLINGS,
    **{form: keyed(form) for form in KEYS},
    **{
        f"parted by {mark!r}": marked(mark)
        for mark in (
            "  ", "\u2009", ". ", ",", "·", ":", " | ", " / ", " - ", "%20", "+", "&nbsp;", '","',
            " & ", "&#160;", ", ",
        )
    },
    "boxes of a form": "  ".join,
    "brackets": "][".join,
    "in threes and twos": cut(3, 2, 2, 3, 3, 2),
    "sex, then all": cut(1, 12, 2),
    "sex, birth, rest": cut(1, 4, 2, 6, 2),
    "half and half": cut(7, 6, 2),
    "birth, then the rest": cut(5, 5, 5),
    "a soft line end": cut(10, 5, mark="=\n"),
    "a hyphen at the line end": cut(7, 8, mark="-\n"),
    "quoted over two lines": cut(8, 7, mark="\n> "),
    "quoted twice": lambda number: " ".join(parts(number)[:4])
    + "\n> > "
    + " ".join(parts(number)[4:]),
}  # fmt: skip
NIR_FRAMES = (
    "N° SS : {}", "n°ss {}", "Num Sécu: {}", "NIR={}", "NIR\t{}", "NIR\n{}", "N.I.R. : {}",
    "Numéro de sécurité sociale\n\n{}", "N° de Sécurité Sociale (15 chiffres) : {}", "S.S. : {}",
    "numéro INSEE : {}", "n° d'assuré : {}", "Matricule {}", "Immatriculé sous le {}", "(NIR : {})",
    "carte vitale {}", "num secu 2 : {}", "Sécurité sociale de mon fils: {}", "({})", "[{}]",
    "<{}>", '"{}"', "«{}»", "{}.", "{},", "{};", "{}!",
    "...{}...", "*{}*", "**{}**", "`{}`", "~~{}~~",
    "> NIR : {}", "> > {}",
    "| NIR | {} |", "|Nom|NIR|\n|---|---|\n|TEST|{}|", "- {}", "1) {}",
    '{{"nir": "{}"}}', "nir: '{}'", "<NIR>{}</NIR>", '<assure nir="{}"/>', "?nir={}&x=1",
    "https://x.example/assure/{}/fiche", "NOTE:NIR {}", "\\textbf{{NIR}} {}", "\\nir{{{}}}",
    "$nir = '{}';", "INSERT INTO assure VALUES ('{}', 'TEST');", "#{}", "№ {}", "NSS:{}", "nir_{}",
    "{}.pdf", "NIR_{}.pdf", "TEST_Anne_{}.pdf", "dossier {}.docx", "2024-05_{}.pdf",
    "TEST;Anne;{};12/03/1980", "TEST,Anne,{},F", "TEST\tAnne\t{}\t12/03/1980", "TEST|Anne|{}|F",
    "tel 06.12.34.56.78 - {}", "75012 PARIS - {}", "{} né le 12/03/1980", "né le 12/03/1980 - {}",
    "Mon numéro c'est le {} voilà", "PID|1||{}^^^X^INS", "S21.G00.30.001,'{}'", "={}=", "nir%3D{}",
    "{}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS", "&nbsp;{}", "\\n{}", "NIR%20{}",
)  # fmt: skip
# Around the number in one piece: what is glued to it.
NIR_GLUED = (
    "NIR{}", "NSS{}", "SS{}", "INS{}", "Secu{}", "scan{}.pdf", "fiche{}.pdf", "No{}", "num{}",
    "assure{}", "{}DUPONT", "{}né le", "{}F", "12;{};34", "2024,{},1", "{} 06 12 34 56 78",
    "{} 75012 PARIS", "{} 12 rue X", "{} 1 250,00", "12/03/1980 {}", "1 {}", "page 2 {}",
    "{}_2024.pdf",
)  # fmt: skip

IBAN_SHAPES: dict[str, Shape] = {
    "in one piece": str,
    "lower case": str.lower,
    "boxes of a form": " ".join,
    "fives": lambda number: grouped(number, 5),
    "country apart": lambda number: f"{number[:2]} {grouped(number[2:])}",
    "bank, branch, account, key": cut(4, 5, 5, 11, 2),
    "the same with dashes": cut(4, 5, 5, 11, 2, mark="-"),
    "over two lines": lambda number: grouped(number[:16]) + "\n      " + grouped(number[16:]),
    "quoted over two lines": lambda number: grouped(number[:16]) + "\n> " + grouped(number[16:]),
    "a line each": lambda number: grouped(number, mark="\n"),
    "a soft line end": cut(12, 15, mark="=\n"),
    **{
        f"grouped by {mark!r}": lambda number, mark=mark: grouped(number, mark=mark)  # type: ignore[misc]
        for mark in (
            " ", "  ", "\u00a0", "\u202f", ".", "-", "/", "_", "|", " | ", ":", ",", "\t",
            "%20", "+",
        )
    },
}  # fmt: skip
IBAN_FRAMES = (
    "IBAN : {}", "IBAN\n{}", "I.B.A.N. {}", "N° IBAN {}", "{} BIC TESTFRPP", "{}, BIC X", "{}\nBIC",
    "({})", "[{}]", "*{}*", "| {} |", "<IBAN>{}</IBAN>", '{{"iban":"{}"}}', "?iban={}&", "{}.",
    "x;{};y",
    "RIB_{}.pdf", "virement sur {} merci", "\\texttt{{{}}}", "{} 12 rue Fictive", "12 {}", "{} EUR",
    "URI:payto://iban/{}", "{}\nLe titulaire", "> {}", "« {} »",
)  # fmt: skip

# {0} bank, {1} branch, {2} account, {3} key, {4} the account in groups
RIB_FORMS = (
    "RIB : {0} {1} {2} {3}", "RIB {0}{1}{2}{3}", "{0} {1} {2} {3}", "{0} | {1} | {2} | {3}",
    "{0}\t{1}\t{2}\t{3}", "{0}-{1}-{2}-{3}", "{0}/{1}/{2}/{3}", "{0}.{1}.{2}.{3}",
    "{0};{1};{2};{3}",
    "RIB : {0}-{1}-{2}/{3}", "RIB : {0} {1} {4} {3}", "RIB : {0}{1}{2} clé {3}",
    "RIB : {0} {1} {2} clé {3}", "{0} {1} {2} clé RIB {3}", "RIB : {0} {1}\n{2} {3}",
    "> {0} {1}\n> {2} {3}", "mon rib {0}{1}{2}{3}", "RIB_{0}{1}{2}{3}.pdf", "rib{0}{1}{2}{3}",
    "Code banque Code guichet N° compte Clé RIB\n{0} {1} {2} {3}",
    "|Banque|Guichet|Compte|Clé|\n|---|---|---|---|\n|{0}|{1}|{2}|{3}|",
    "Code banque : {0}\nCode guichet : {1}\nNuméro de compte : {2}\nClé RIB : {3}",
    "Code Banque {0} - Code guichet {1} - N° de compte {2} - Clé {3}",
    "Code établissement : {0} Code guichet : {1} Numéro de compte : {2} Clé RIB : {3}",
    "Etab. {0} Guichet {1} Compte {2} Clé {3}", "C/Etab {0} C/Guichet {1} N/compte {2} C/rice {3}",
    "compte n° {2} clé {3}, banque {0}, guichet {1}",
    "Guichet : {1} Banque : {0} Compte : {2} Clé : {3}",
    '{{"banque":"{0}","guichet":"{1}","compte":"{2}","cle":"{3}"}}',
    "<banque>{0}</banque><guichet>{1}</guichet><compte>{2}</compte><cle>{3}</cle>",
    "Code banque\n{0}\nCode guichet\n{1}\nN° de compte\n{2}\nClé RIB\n{3}",
)  # fmt: skip


def nir_texts(number: str) -> Iterator[tuple[str, str]]:
    """(name, text): every shape in a labelled sentence, every frame around the commonest shapes."""
    for name, shape in NIR_SHAPES.items():
        yield name, f"N° de sécurité sociale : {shape(number)}, merci."
    for frame in NIR_FRAMES:
        yield frame, frame.format(number)
        yield f"{frame}, parted", frame.format(" ".join(parts(number)))
    for frame in NIR_GLUED:
        yield frame, frame.format(number)


def iban_texts(number: str) -> Iterator[tuple[str, str]]:
    for name, shape in IBAN_SHAPES.items():
        yield name, f"IBAN : {shape(number)}, merci."
    for frame in IBAN_FRAMES:
        yield frame, frame.format(number)
        yield f"{frame}, grouped", frame.format(grouped(number))


def rib_texts(number: str) -> Iterator[tuple[str, str]]:
    bank, branch, account, key = rib_parts(number)
    in_groups = f"{account[:4]} {account[4:8]} {account[8:]}"
    for form in RIB_FORMS:
        yield form, form.format(bank, branch, account, key, in_groups)
