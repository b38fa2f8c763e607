"""The MSSanté space as others see it: its white list, in the shape in which the ANS publishes it,
and the fields of its mails. Everything in it is fictitious."""

from __future__ import annotations

NAMESPACE = "https://listeblanche.mssante.fr/schema"
DOMAINS = ("medecin.mssante.fr", "ch-x.mssante.fr", "patient.mssante.fr")

_DOMAIN = """  <Domaine>
    <Nom>{name}</Nom>
    <Description>Domaine fictif {number}</Description>
    <DNCertificatOperateur>CN=relais{number}.operateur.example,O=Opérateur fictif,C=FR</DNCertificatOperateur>
    <ResponsableContact>contact@operateur.example</ResponsableContact>
    <SupportContact>aide@operateur.example</SupportContact>
    <DateMAJ>2026-11-0{number}T08:00:00</DateMAJ>
  </Domaine>
"""  # noqa: E501


def white_list(
    *domains: str, namespace: str = NAMESPACE, doctype: str = "", more: str = ""
) -> bytes:
    """more: further elements, after the domains."""
    listed = "".join(
        _DOMAIN.format(name=name, number=number % 9 + 1)
        for number, name in enumerate(domains or DOMAINS)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<ListeBlancheMSSante '
        f'xmlns="{namespace}">\n<DateDeGeneration>2026-11-22T06:00:00</DateDeGeneration>\n'
        f"<ListeDomaines>\n{listed}</ListeDomaines>\n{more}</ListeBlancheMSSante>\n"
    ).encode()
