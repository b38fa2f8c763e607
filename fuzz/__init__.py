"""Fuzz targets: one file each, with the laws that its subject obeys whatever the input.

A target is `check(data)`, which raises where a law is broken; `seeds()`, what to begin from;
`WORDS`, what such input is made of; and `LONGEST`, bytes. It needs no engine: tests run the kept
cases. How to run them, and what they found: docs/fuzzing.md.
"""
