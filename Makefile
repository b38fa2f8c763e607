# Vaguemestre. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
T ?= tests
MINUTES ?= 5
EXAMPLES ?= 100
HOURS ?= 1
N ?= 10000
SEED ?= 1
TARGET ?=
SEEDS ?=
DIR ?=
FILES ?=
KEY ?=
# Of tests: one more than there are processors, since many wait.
WORKERS ?= $(shell n=$$(nproc); echo $$((n < 4 ? n + 1 : 4)))

# Else each process of every start and test compiles all of our modules anew: seconds of a processor.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run test check bench accuracy simulate right-recipient custody faults soak fuzz api corpora lexicons pages catalogue pictures pins audit release man image clean

help:  ## these lines
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.runtime  ## make .venv with the pinned dependencies, and nothing else

run: .venv/.runtime  ## start the gateway with sample mails (ARGS=--once to end after the table)
	@$(BIN)/vaguemestre run $(ARGS)

test: .venv/.develop  ## every test (T=tests/unit for some of them)
	@tools/prepare-tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(T) $(ARGS)

check: .venv/.develop  ## ruff, mypy --strict, architecture: under a minute
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/unit/test_architecture.py tests/unit/test_repository.py

bench: .venv/.develop  ## relay, inspect and read beside their peers; pages of the console
	tools/bench $(ARGS)

accuracy: .venv/.develop  ## judge thousands of made mails into docs/accuracy.md (ARGS='--seed 2')
	$(BIN)/python -m tools.accuracy $(ARGS)

simulate: .venv/.develop  ## nodes, cores and delays for 1e3 to 1e9 mails a day (ARGS='--days 1e6')
	@$(BIN)/python -m tools.simulate $(ARGS)

right-recipient: .venv/.develop  ## six made years of mail, some astray: what is caught (ARGS='--seeds 7')
	@nice -n 10 $(BIN)/python -m tools.right_recipient.campaign --page docs/right-recipient.md $(ARGS)

custody: .venv/.develop  ## kill at every await and statement of every journey (ARGS='-k hold')
	CUSTODY=all $(BIN)/python -m pytest tests/custody/test_every_await.py $(ARGS)

soak: .venv/.develop  ## at 70 % of what this machine carries, does any process grow? (HOURS=1)
	$(BIN)/python -m tools.soak --hours $(HOURS) --out docs/soak.md

faults: .venv/.develop  ## N faults, kills of real processes among them, into docs/reliability.md (N=10000 SEED=1)
	@nice -n 10 $(BIN)/python -m tools.faults.campaign $(N) --seed $(SEED) --page docs/reliability.md

fuzz: .venv/.develop  ## any bytes through parse, wire, doors… (MINUTES=5 TARGET=parse SEEDS=DIR)
	@tools/fuzz --minutes $(MINUTES) $(TARGET:%=--target %) $(SEEDS:%=--seeds %)

api: .venv/.develop  ## hold the console's API against its description (EXAMPLES=100 of each request)
	API_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/unit/console/api/test_api_spec.py

corpora: .venv/.develop  ## read collections of test mails into docs/corpora.md (DIR=… FILES=…)
	$(BIN)/python -m tools.read_corpora $(DIR) --files $(FILES) \
	  --malformed tests/corpus/malformed.tsv --out docs/corpora.md

lexicons: .venv/.develop  ## rebuild gateway/detect/lexicons from their pinned sources
	$(BIN)/python -m tools.build_lexicons

pages: .venv/.develop  ## write the pages of docs/ that are made from tests
	$(BIN)/python -m tools.formats_page
	$(BIN)/python -m tools.detector_pages
	$(BIN)/python -m tools.api_page

catalogue: .venv/.develop  ## collect the console's texts into its English catalogue
	$(BIN)/python -m tools.catalogue

pictures: .venv/.develop  ## photograph the console into docs/images
	$(BIN)/python -m tools.pictures

pins: .venv/.develop  ## write requirements*.txt anew from requirements*.in
	tools/pins

audit: .venv/.develop  ## known holes in what is pinned (asks the package index), and licences
	$(BIN)/python -m tools.release.licences
	tools/audit

release: .venv/.develop  ## HEAD as archives, checksums and SBOM into DIR (KEY=file signs; by default dist)
	$(BIN)/python -m tools.release.build $(DIR:%=--out %) $(KEY:%=--key %)

man: .venv/.develop  ## pages of the manual from --help, into DIR (by default build/man)
	$(BIN)/python -m tools.man $(DIR)

image:  ## build the container image (needs a Docker engine)
	docker build -t vaguemestre .

clean:  ## remove what make made here (never var/)
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@tools/make-venv $(PYTHON)

.venv/.runtime: .venv/bin/python requirements.txt pyproject.toml
	@echo "Installing the pinned dependencies into .venv (a minute or two the first time)…"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

.venv/.develop: .venv/.runtime requirements-dev.txt
	@echo "Installing what tests need into .venv…"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.txt
	@touch $@
