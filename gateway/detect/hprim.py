"""H'PRIM: results and letters between laboratories, hospitals and doctors, in their three forms.

    H'PRIM Médecin (.hpr): twelve lines about the patient, the letter, perhaps a part for programs
    H'PRIM santé 2: segments parted by bars, "H|~^\\&|…" the first
    HPRIM XML: evenementsServeurActes and its kin, the namespace perhaps missing

Médecin: the seventh line is a birth date, the eighth the social-security number, the tenth the date
of the file; a line of its own "****FIN****" or a result ("RES|…|N|0.91|g/l") says the same where
the beginning is lost. With two of these it is VERY_LIKELY. The value is the person, so that the
count is that of patients.
Source: H'PRIM, as public readers of its files have it. Not here: other separators than "|~^\\&".
"""

from __future__ import annotations

from gateway.detect import hprim_doctor, hprim_health, hprim_xml
from gateway.detect.coded import detector

DETECTOR = detector(
    "health.hprim",
    "message H'PRIM, un patient",
    hprim_doctor.records,
    hprim_health.records,
    hprim_xml.records,
)
