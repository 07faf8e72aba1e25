# Everything a person or CI runs. Only make and Python are assumed: each command creates the
# environment that it needs, and creates it again when pyproject.toml or constraints.txt change.

PYTHON ?= python3
VENV ?= .venv
PROBLEM ?= mnist1d
ARGS ?=
PIP_FLAGS ?=
# One more than two cores: much of what tests do is wait for processes.
TEST_WORKERS ?= 3

BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet $(PIP_FLAGS) --constraint constraints.txt --editable
DECLARED := pyproject.toml constraints.txt optuna_codeepneat/version.py
# Written last by an installation that succeeded.
RUN := $(VENV)/.installed-run
ALL := $(VENV)/.installed-all

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help environment search test test-long lint format types floors docs check

help:
	@echo 'make search     evolve networks for $(PROBLEM); ARGS="--trials 50" adds options'
	@echo 'make test       run the tests; ARGS="-k front" adds options'
	@echo 'make test-long  run those that kill workers, stop servers and fill disks'
	@echo 'make lint       check style'
	@echo 'make format     repair style'
	@echo 'make types      check types'
	@echo 'make floors     check which part imports which'
	@echo 'make docs       build the documentation and run the examples in docstrings'
	@echo 'make check      all checks'

# All that the other commands need, and nothing else.
environment: $(ALL)

search: $(RUN)
	$(BIN)/optuna-codeepneat search $(PROBLEM) $(ARGS)

# One thread for torch: networks this small gain nothing from more, and two processes do. Whole
# studies come first, as short tests fill the end evenly; a process that is through takes over
# half of what another one still has.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal

# Files that have any: to collect all tests in each process would take longer than some of them.
LONG = $(shell grep -rl --include='*.py' 'pytest\.mark\.long' integration_tests tests)

test: $(ALL)
	$(PYTEST) $(wildcard integration_tests) tests -m 'not long' $(ARGS)

test-long: $(ALL)
	$(PYTEST) $(LONG) -m long $(ARGS)

lint: $(ALL)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(ALL)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(ALL)
	$(BIN)/mypy

floors: $(ALL)
	$(BIN)/lint-imports --no-logo

docs: $(ALL)
	$(BIN)/sphinx-build -W --keep-going --quiet -b html docs docs/_build/html
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --doctest-modules optuna_codeepneat

check: test test-long lint types floors docs

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo 'Python 3.10 or newer is needed: make PYTHON=/path/to/python3 ...'; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo 'Python cannot create environments; on Debian install python3-venv.'; exit 1; }

$(RUN): $(DECLARED) | $(BIN)/pip
	@echo 'Installing the package with torch and figures into $(VENV) ...'
	$(INSTALL) '.[torch,dashboard]'
	@touch $@

$(ALL): $(DECLARED) | $(BIN)/pip
	@echo 'Installing the package with torch, tests and documentation tools into $(VENV) ...'
	$(INSTALL) '.[all]'
	@touch $@ $(RUN)
