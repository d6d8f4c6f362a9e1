# Every target works on a machine that has only git, make and Python 3.11+ (with venv and pip).
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SCENARIO ?= three-tier-web

.DEFAULT_GOAL := help
.PHONY: help report test test-all lab gallery lint types format lock bench clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(0 if sys.version_info >= (3, 11) else f"Python {v} found; 3.11 or newer is needed. Name one with: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

report: $(READY) ## Write a cost report of a scenario to report/index.html
	$(BIN)/costlab report $(SCENARIO) --out report

test: $(READY) ## Run the tests (under ten minutes)
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-all: $(READY) ## Run the tests and their long forms
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "long or not long"

lab: $(READY) ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

gallery: $(READY) ## Render every notebook to gallery/, self-contained HTML
	$(BIN)/costlab gallery --out gallery

lint: $(READY) ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## Check types
	$(BIN)/mypy

format: $(READY) ## Put code into the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Print the project's speed as ratios of one run
	$(BIN)/python -m benchmarks

lock: ## Resolve requirements.lock again, for every Python supported
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--fork-strategy fewest --no-emit-index-url --no-header --no-annotate --upgrade \
		--quiet --output-file requirements.lock

clean: ## Remove what was built; .venv stays
	rm -rf report gallery dist .pytest_cache .mypy_cache .ruff_cache
