# Every daily action has a name here; `make` alone lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types imports unit bench torture lock wheel clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(STAMP) ## make .venv with everything pinned in requirements.lock; the program is then .venv/bin/batchdep

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## deposit an example batch into the embedded repository, and show its DOIs
	@sh docs/demo.sh

test: setup ## all checks and tests; types, which take one processor, beside the first tests
	@$(MAKE) --no-print-directory -j 2 lint types imports unit

lint: setup ## style and formatting (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup ## format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

types: setup ## strict types (mypy)
	$(BIN)/mypy

imports: setup ## which module may import which (import-linter)
	$(BIN)/lint-imports

unit: setup ## the tests; three processes, as many of them wait for something
	$(BIN)/python -m pytest -n 3 --dist worksteal

bench: setup ## measure against curl and others, and enter the table into docs/performance.md; ROWS="small big" for some, QUICK=1 for a rough look
	$(BIN)/python -m benchmarks $(foreach row,$(ROWS),--only $(row)) $(if $(QUICK),--quick --runs 1)

torture: setup ## a kill at every boundary, then every network fault at once and a kill -9 every few seconds; DATASETS=200 for a short one
	BATCHDEP_TORTURE=1 $(BIN)/python -m pytest tests/acceptance/test_crash_points.py tests/acceptance/test_crash_references.py \
		tests/integration/test_model.py tests/acceptance/test_main_job.py::test_a_big_file_takes_little_memory
	BATCHDEP_TORTURE=1 $(BIN)/python -m pytest -m hypothesis --timeout 1800 tests/unit
	$(BIN)/python -m benchmarks.torture --datasets $(or $(DATASETS),2000)

lock: setup ## pin the newest releases that pyproject.toml allows
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --extra dev --output-file requirements.lock pyproject.toml

wheel: setup ## build the wheel into dist/
	$(BIN)/python -m build --no-isolation --wheel --outdir dist .

clean: ## remove what the other targets made
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
