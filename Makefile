# One environment of its own, made on first use; nothing else to install.
PYTHON ?= python3
VENV   ?= .venv
SEED   ?= 1
RECORDS ?= 1000000
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help demo test fuzz check bench bench-check bench-keep lock clean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv"; exit 2; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(READY)

demo: $(READY) ## transform the sample library and say where the report lies
	@$(BIN)/transformer demo demo

test: $(READY) ## run the whole test suite
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

fuzz: $(READY) ## read a million damaged records and endless lines: make fuzz SEED=1 RECORDS=1000000
	@$(BIN)/python -m tests.fuzz --seed $(SEED) --records $(RECORDS)
	@$(BIN)/python -m tests.hostile.endless
	@EXPLORE=1 $(BIN)/python -m pytest -q -n 2 tests/unit/kernels tests/unit/readers

check: $(READY) ## style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: $(READY) ## measure against the peers and write the table in README.md
	@$(BIN)/python -m bench.report

bench-check: $(READY) ## fail if a kernel takes over 15 % longer than kept, beside a loop in the same process
	@BENCH_RATIOS=check $(BIN)/python -m pytest -q bench/kernels || \
	  { echo "What failed once more, now that some time has passed:"; \
	    BENCH_RATIOS=check $(BIN)/python -m pytest -q --lf bench/kernels; }

bench-keep: $(READY) ## keep what the kernels take now for bench-check
	@BENCH_RATIOS=keep $(BIN)/python -m pytest -q bench/kernels

lock: ## pin what the tests run with
	@$(BIN)/python -m pip freeze --exclude-editable > requirements.lock

clean: ## remove the environment and the demo
	@rm -rf $(VENV) demo
