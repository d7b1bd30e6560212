PYTHON = $(shell for each in python3.13 python3.12 python3.11 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard portal/locale/*/LC_MESSAGES/*.po))
EXTRACT := $(BIN)/pybabel -q extract -F portal/locale/babel.cfg -k _n:1,2 --add-location=file --sort-by-file --no-wrap --project=portal --version=1 -o .venv/messages.pot .
UPDATE := $(BIN)/pybabel -q update -D portal -i .venv/messages.pot -d portal/locale --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
LOCK := $(BIN)/pip-compile -q --generate-hashes --no-header --no-annotate --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe
PYTEST := $(BIN)/python -m pytest -q

.NOTPARALLEL:
.PHONY: run test test-sqlite test-postgres test-browser machine check check-code check-layout check-types \
	check-templates check-catalogues format messages lock bench soak guards licences audit

run: .venv/.installed $(CATALOGUES)
	@exec $(BIN)/portal serve --demo

test: test-sqlite test-postgres test-browser

test-sqlite: .venv/.tested $(CATALOGUES)
	$(PYTEST) -n 2 -m "not browser"

test-postgres: .venv/.tested $(CATALOGUES) machine
	PORTAL_TEST_DATABASE=postgres $(PYTEST) -n 2 -m "not browser and not no_database"

test-browser: .venv/.tested $(CATALOGUES) machine
	$(PYTEST) -n 2 -m browser

machine:
	@.ci/machine

check: check-code check-layout check-types check-templates check-catalogues

check-code: .venv/.tested
	$(BIN)/ruff check --quiet .

check-layout: .venv/.tested
	$(BIN)/ruff format --check --quiet .

check-types: .venv/.tested
	$(BIN)/mypy

check-templates: .venv/.tested
	$(BIN)/djlint --lint --quiet templates

check-catalogues: .venv/.tested
	$(EXTRACT) && $(UPDATE) --check

format: .venv/.tested
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

messages: .venv/.tested
	$(EXTRACT) && $(UPDATE) && $(BIN)/python -m tests.traditional && $(BIN)/pybabel -q compile -D portal -d portal/locale

lock: .venv/.tested
	$(LOCK) --strip-extras -o requirements.txt requirements.in && $(LOCK) --no-strip-extras -o requirements-dev.txt requirements-dev.in

bench: .venv/.tested $(CATALOGUES)
	$(BIN)/python -m bench

soak: .venv/.tested $(CATALOGUES)
	$(BIN)/python -m bench.soak

guards: .venv/.tested $(CATALOGUES)
	$(BIN)/python -m tests.guards

licences: .venv/.tested
	mkdir -p LICENSES; $(BIN)/pip-licenses --format=markdown --with-urls --output-file=LICENSES/dependencies.md --packages $$(sed -n 's/==.*//p' requirements.txt)

audit: .venv/.tested
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.txt -r requirements-dev.txt

.venv/.installed: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what requirements.txt names …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.tested: .venv/.installed requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

%.mo: %.po | .venv/.installed
	@$(BIN)/pybabel -q compile -i $< -o $@
