# Cordée. Two commands are enough: `make run` and `make test`.
# Everything else is for whoever works on the code; `make help` lists it.

BIN := .venv/bin
BOOTSTRAP = python=$$(sh host/find_python.sh) && $$python -m host.setup
# Modules are compiled once: a process of the house starts in half the time, and the suite starts many.
export PYTHONDONTWRITEBYTECODE =
# Two workers, each with its own server; a file stays with one of them, the longest first.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
# What the version of PostgreSQL could change, as tests/conftest.py says it; these paths hold it all.
# The crossings of pages say the same on each version: the first pass has them.
ON_DATABASE = -m "postgresql and not browser and not slow" tests/kernel tests/access tests/*/test_constraints.py \
              $$(grep -rl transaction=True tests --include='test_*.py' --exclude=test_constraints.py \
                 --exclude-dir=host --exclude-dir=browser --exclude-dir=kernel --exclude-dir=access)
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
           --exclude-newer $(shell date -u -d '7 days ago' +%F 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-pg15 fast lint style types weaknesses fix contracts migrations map bench test-ha test-kills reset check lock

help:            ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup:           ## the environment for work: run-time and development packages, hash-locked
	@$(BOOTSTRAP) dev

run:             ## start the house: http://127.0.0.1:8000
	@$(BOOTSTRAP) run
	@$(BIN)/python -m host.run

test: setup      ## everything: unit, architecture, concurrency, real servers, browser
	@$(BIN)/python -m host.needs
	@$(BIN)/python -m host.frontend
	@$(PYTEST)

test-pg15: setup ## what a version of PostgreSQL could change, again, on 15, the oldest we serve
	@$(BIN)/python -m host.needs postgresql
	@CORDEE_POSTGRES_BIN="$$($(BIN)/python -m host.needs --postgresql)" $(PYTEST) $(ON_DATABASE)

fast: setup      ## the inner loop, under a minute: style, architecture, the rooms touched since main
	@$(BIN)/ruff check .
	@$(PYTEST) -m "not browser and not slow" -x $$($(BIN)/python tools/touched.py)

lint: style types weaknesses ## style, types, templates, known weaknesses

style: setup     ## format, style and templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint cordee -e jinja --profile jinja

types: setup     ## types of the whole house
	$(BIN)/mypy cordee config host bench

weaknesses: setup ## known weaknesses, by bandit
	$(BIN)/bandit -q -c pyproject.toml -r cordee config host

fix: setup       ## what a machine can correct by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

contracts: setup ## who may import whom
	$(BIN)/lint-imports

migrations: setup ## a model without its migration
	$(BIN)/python manage.py makemigrations --check --dry-run --settings config.settings_test

map: setup       ## redraw the map, the glossary and the other pages drawn from the code
	$(BIN)/python tools/draw_map.py
	$(BIN)/python tools/write_glossary.py
	$(BIN)/python tools/write_variables.py
	$(BIN)/python tools/write_instruments.py
	$(BIN)/python tools/write_fhir.py

bench: setup     ## side by side with the baselines; writes var/bench.json
	@$(BIN)/python -m host.needs browser
	@$(BIN)/python -m bench

test-ha: setup   ## three nodes, killed and cut off under load; writes docs/bascule.md
	@$(BIN)/python -m host.needs failover postgresql
	@$(BIN)/python -m bench.failover

test-kills: setup ## a thousand journeys while processes are killed; writes docs/coups.md
	@$(BIN)/python -m bench.kills --report

reset:           ## forget the data of the demonstration
	@$(BIN)/python -m host.reset

check: test test-pg15 ## exactly what CI does
	@$(MAKE) --no-print-directory -j 2 types weaknesses style contracts migrations

lock:            ## refresh the locks, leaving aside what is younger than a week
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml --extra dev -o requirements/dev.txt
