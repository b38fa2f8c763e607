"""DICOM images, and the directories of discs of them: whose they are.

The header tells (gateway/extract/dicom.py), whatever the file is called. Not here: what is drawn
on the image itself; where a study is said to be anonymous, it is POSSIBLE for that reason.
Source: DICOM PS3.10 and PS3.15, annex E; CNIL, décisions SAN-2020-014 et SAN-2020-015.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.marked import lines, mask
from gateway.model import Match


def find(folded: Folded) -> Iterator[Match]:
    return lines(folded, b"dicom")


DETECTOR = Detector(kind="health.dicom", find=find, mask=mask)
