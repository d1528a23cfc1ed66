# Start with make run and make test. The other targets are for development.
PY ?= python3
BIN := .venv/bin
CATALOGUES := $(wildcard commentsite/translations/*/LC_MESSAGES/messages.po)
.DEFAULT_GOAL := help
.PHONY: help setup run test check fix lock browser bench faults interop services translations

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t12

.venv/run: requirements/run.txt pyproject.toml $(CATALOGUES)
	@$(PY) -c 'import sys; sys.exit("commentsite needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PY) -m venv .venv || $(PY) -m venv --without-pip .venv
	@$(PY) -m pip --python $(BIN)/python install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	@$(PY) -m pip --python $(BIN)/python install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/build.txt
	@$(PY) -m pip --python $(BIN)/python install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements/dev.txt .venv/run
	@$(PY) -m pip --python $(BIN)/python install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

setup: .venv/run ## create .venv with everything needed to run the site

run: setup ## upgrade the database, fill an empty site with the demo, serve the site
	@$(BIN)/commentsite demo --if-empty
	@exec $(BIN)/commentsite run

services: ## install the servers and browsers that the tests use
	@sh deploy/test-services.sh

test: .venv/dev services ## run all tests
	@REQUIRE_SERVICES=1 $(BIN)/python -m pytest -n 3 --dist worksteal

browser: .venv/dev services ## run the browser tests
	@REQUIRE_SERVICES=1 $(BIN)/python -m pytest tests/browser

check: .venv/dev ## check format, lint, types, imports, templates, dependencies, dead and repeated code
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint templates --check --quiet
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/deptry commentsite
	@$(BIN)/python -m tests.support.template_names > .venv/template_names.py
	@$(BIN)/vulture
	@$(BIN)/python -m tests.support.catalogues check
	@$(BIN)/pylint --disable=all --enable=duplicate-code --score=n commentsite

bench: .venv/dev ## run the benchmarks and write bench/results/
	@$(BIN)/python -m bench

faults: .venv/dev services ## run the fault tests against a running site and write bench/results/faults.md
	@$(BIN)/python -m bench.faults

interop: .venv/dev ## check the importers against a real WordPress and a real Isso, as root on Debian
	@$(BIN)/python -m tests.interop

fix: .venv/dev ## format the code and apply automatic fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/djlint templates --reformat --quiet --warn

translations: .venv/dev ## write the new sentences of the source into the catalogues, and compile them
	@$(BIN)/python -m tests.support.catalogues update
	@$(BIN)/python -m tests.support.catalogues compile

lock: ## update the lock files, with hashes
	@uv pip compile -q --no-strip-extras --generate-hashes --universal --python-version 3.11 --no-header requirements/build.in -o requirements/build.txt
	@uv pip compile -q --no-strip-extras --generate-hashes --universal --python-version 3.11 --no-header pyproject.toml -o requirements/run.txt
	@uv pip compile -q --no-strip-extras --generate-hashes --universal --python-version 3.11 --no-header pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
