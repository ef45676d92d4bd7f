# Envoi. `make run` starts it, `make test` checks everything; each sets up .venv by itself, once.

PYTHON ?= python3
PORT ?= $(or $(ENVOI_PORT),3000)
SHELL := /bin/sh
BIN := .venv/bin
STAMP_RUN := .venv/installed.run
STAMP_DEV := .venv/installed.dev

.PHONY: run test test-fast check bench fuzz faults build migration clean help
.DEFAULT_GOAL := help

help:
	@echo "make run        Envoi on http://localhost:$(PORT) (PORT=… for another port)"
	@echo "make test       every test and check          make test-fast  the quick tests"
	@echo "make check      ruff, mypy, import-linter     make bench      figures, not pass or fail"
	@echo "make fuzz       hostile mails and requests, SECONDS=60 of each"
	@echo "make faults     fifty kills of the worker in a run of 20,000, and every other fault"
	@echo "make build      the page                      make migration  the newest migration anew, from the tables"
	@echo "make clean      everything that can be made again; never ./data"

run: install-run
	@ENVOI_PORT=$(PORT) exec $(BIN)/envoi serve

build: install-run
	@$(BIN)/envoi build

test: check
	@$(BIN)/envoi build
	$(BIN)/pytest -n 2 --dist loadfile

test-fast: install-dev
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not browser and not servers and not postgresql" -q

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install-dev
	@$(BIN)/envoi build
	@$(BIN)/python -m tests.bench $(T)

fuzz: install-dev
	@$(BIN)/python -m tests.fuzz $(T)

faults: install-dev
	@$(BIN)/python -m tests.faults $(T)

migration: install-dev
	@$(BIN)/python -m models.migrations $(NAME)
	@$(BIN)/ruff format --quiet models/migrations/versions

clean:
	rm -rf .venv .web build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment: made once, and again when a lock has changed ---

.PHONY: install-run install-dev

install-run: .venv/bin/python
	@wanted=$$(cat requirements.lock pyproject.toml | $(PYTHON) -c '$(DIGEST)'); \
	wanted_dev=$$(cat requirements-dev.lock pyproject.toml | $(PYTHON) -c '$(DIGEST)'); \
	if [ "$$(cat $(STAMP_RUN) 2>/dev/null)" != "$$wanted" ] && [ "$$(cat $(STAMP_DEV) 2>/dev/null)" != "$$wanted_dev" ]; then \
		$(call install,requirements.lock,$(STAMP_RUN)); \
	fi

install-dev: .venv/bin/python
	@wanted=$$(cat requirements-dev.lock pyproject.toml | $(PYTHON) -c '$(DIGEST)'); \
	if [ "$$(cat $(STAMP_DEV) 2>/dev/null)" != "$$wanted" ]; then \
		$(call install,requirements-dev.lock,$(STAMP_DEV)); \
	fi

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Envoi needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@[ -w . ] || { echo "This directory cannot be written: $(CURDIR). Envoi sets itself up in it." >&2; exit 1; }
	@echo "Making the virtual environment .venv."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "The virtual environment could not be made: see above." >&2; exit 1; }

DIGEST := import hashlib,sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())

# $(1) the lock, $(2) the stamp
define install
echo "Installing the packages of $(1). The first time: about a minute."; \
$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) || \
	{ echo "The packages could not be installed: see above. What is installed already stays." >&2; exit 1; }; \
$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	--config-settings editable_mode=compat -e . >.venv/install.log 2>&1 || { cat .venv/install.log >&2; exit 1; }; \
echo "$$wanted" > $(2)
endef
