# make run    the app            make test   the tests          make check  lint, types, import rules, tests: as CI
# make bench  benchmarks         make soak   long failure tests and many seeds     make clean  forget the environment
# Each makes what it needs in .venv on first use and reuses it until pyproject.toml changes.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test check lint soak bench clean

run: .venv/installed
	@$(BIN)/studyapp $(ARGS)

test: .venv/installed-dev
	$(BIN)/python -m pytest -n auto -m "not soak" $(ARGS)

check: lint test

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: .venv/installed-dev
	$(BIN)/python -m pytest -m soak $(ARGS)

bench: .venv/installed-dev .venv-bench/installed
	$(BIN)/python tests/bench/run.py $(ARGS)

.venv/installed: pyproject.toml | $(BIN)/python
	@echo "Installing into .venv (once; torch makes it a few minutes) ..."
	@$(PIP) --editable .
	@touch $@

.venv/installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing into .venv, with what the tests need (once) ..."
	@$(PIP) --editable '.[dev]'
	@touch .venv/installed $@

# The generator to measure beside has an environment of its own: half of it is matplotlib. Without it the rest still runs.
.venv-bench/installed: | $(BIN)/python
	@echo "Installing reasoning-gym into .venv-bench, to measure beside it (once; 345 MB) ..."
	@$(PYTHON) -m venv --without-pip .venv-bench
	@$(BIN)/python -m pip --python .venv-bench/bin/python install --quiet --disable-pip-version-check reasoning-gym==0.1.25 \
		&& touch $@ || echo "... which did not work; that comparison is left out."

# Debian's python3 may lack ensurepip; then the system's pip fills the environment.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("studyapp needs Python 3.11 or newer; run make PYTHON=python3.12, say." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; $(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python $@ install --quiet pip; }

clean:
	rm -rf .venv .venv-bench
