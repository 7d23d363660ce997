# make demo   the ROEM-II event with robots voting, in a browser within a minute
# make test   format, lint, types, import contracts and all tests
# Both make their own environment in .venv the first time.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test lint messages clean
.DELETE_ON_ERROR:

demo: .venv/demo
	@$(BIN)/polling demo

test: .venv/test .venv/htmx lint
	POLLING_TEST_HTMX=.venv/htmx $(BIN)/python -m pytest

lint: .venv/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/demo: requirements.txt pyproject.toml
	@$(MAKE) --no-print-directory .venv/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/test: requirements-test.txt pyproject.toml
	@$(MAKE) --no-print-directory .venv/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements-test.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@ .venv/demo

# For the browser tests: htmx from its npm package, hash checked. Without npm the tests that need it are skipped.
.venv/htmx: .venv/test
	@$(BIN)/polling assets .venv/htmx || echo "no htmx for the browser tests: apt-get install npm"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "polling needs Python 3.11 or newer: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python can't make environments here: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

# Takes new sentences into the catalogue; translate what is empty, and `make test` says what is missing.
PO = polling/locale/nl/LC_MESSAGES/polling.po
messages: .venv/test
	$(BIN)/pybabel -q extract -F polling/locale/babel.cfg --no-location --sort-output -o .venv/polling.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --omit-header -l nl -i .venv/polling.pot -o $(PO)

clean:
	rm -rf .venv dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
