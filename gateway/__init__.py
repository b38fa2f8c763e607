"""Vaguemestre: no health or social-security data leaves by mail to the wrong place."""

__version__ = "0.1.0"
