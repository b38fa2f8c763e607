"""Seeded makers of samples: fictitious persons, identifiers, prose. The same seed, the same text.

Commune 999, bank 99999, domains under .example: nothing made here can belong to anybody.
"""
