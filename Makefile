# Everything lives in .venv/; a stamp there remembers what was installed.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
export NO_MKDOCS_2_WARNING := 1
export PIP_ROOT_USER_ACTION := ignore

GITHUB_SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema vendor
GIVEN := plugins/mkdocs_apparatus/template/.github
ISSUE_FORMS := $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))

SIZE ?= M
ROUNDS ?= 7
FUZZ ?= 60
SEED ?= $(shell date +%Y%j)

.PHONY: site serve check links test coverage test-browsers audit fuzz mutants screenshots bench dist faults lock clean

site: .venv/site.stamp ## build the site into site/, strictly
	@mkdir -p .cache
	@$(BIN)/mkdocs build --strict >.cache/site.log 2>&1 || { cat .cache/site.log; exit 1; }
	@grep -o '[0-9]* pages, .*' .cache/site.log

serve: .venv/site.stamp ## preview on http://127.0.0.1:8000, edits show at once
	@$(BIN)/mkdocs serve --livereload --dev-addr 127.0.0.1:8000

check: .venv/site.stamp ## find what is wrong in docs/ and sources/, without building
	@$(BIN)/apparatus check

links: .venv/site.stamp ## ask every address whether it is still there; needs the network
	@$(BIN)/apparatus links

# All but the cards in three browsers, which ask for more to be installed: `make test-browsers`.
test: .venv/dev.stamp .venv/node.stamp ## style, types, tests, and what stands in .github/
	@tests/browser/get-chromium.sh $(BIN)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/zizmor --offline --quiet .github action.yml $(GIVEN)
	@$(GITHUB_SCHEMA).github-actions action.yml
	@$(GITHUB_SCHEMA).github-workflows .github/workflows/*.yml $(GIVEN)/workflows/*.yml
	@$(GITHUB_SCHEMA).github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(GITHUB_SCHEMA).github-issue-forms $(ISSUE_FORMS)
	@$(GITHUB_SCHEMA).dependabot .github/dependabot.yml
	@$(BIN)/pytest -n 2 --dist worksteal --ignore=tests/browser/test_engines.py

coverage: .venv/dev.stamp ## which branches of the plugin no test takes, browsers aside
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --ignore=tests/browser
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

test-browsers: .venv/dev.stamp .venv/node.stamp ## the cards in Chromium, Firefox and WebKitGTK
	@tests/browser/get-chromium.sh $(BIN)
	@tests/browser/get-engines.sh
	@$(BIN)/pytest tests/browser/test_engines.py

audit: site .venv/dev.stamp .venv/node.stamp ## what Lighthouse gives three pages of the site
	@tests/browser/get-chromium.sh $(BIN)
	@node tests/browser/audit.mjs .venv/node site

fuzz: .venv/dev.stamp ## throw at every reader of files what nobody would write; FUZZ=60 SEED=1
	@$(BIN)/python tests/fuzz.py --list | xargs -P 2 -I{} \
	  $(BIN)/python tests/fuzz.py {} --seconds $(FUZZ) --seed $(SEED)

mutants: .venv/dev.stamp ## change a module node by node: does a test notice? MODULES="check links"
	@$(BIN)/python tests/mutants.py $(MODULES)

screenshots: .venv/dev.stamp ## pictures of the site as it is, to look at: .cache/screenshots/
	@tests/browser/get-chromium.sh $(BIN)
	@$(BIN)/python tests/browser/screenshots.py

bench: .venv-bench/stamp ## measure what citations and terms add to a build; SIZE="S M L"
	@.venv-bench/bin/python -m bench.run --size $(SIZE) --rounds $(ROUNDS)

lock: .venv/dev.stamp ## renew the locked versions; needs uv
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --extra figures --group build --group site pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --extra figures --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --group build --group site -c requirements.lock pyproject.toml bench/requirements.in \
	  -o requirements-bench.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --group release -c requirements-dev.lock -o requirements-release.lock

dist: .venv-release/stamp ## wheel, source and a list of what is in it, for a release
	@.venv-release/bin/hatchling build --clean
	@.venv-release/bin/cyclonedx-py requirements --output-reproducible --of JSON \
	  -o dist/mkdocs-apparatus.cdx.json requirements.lock

faults: .venv-release/stamp ## known faults in what is locked; needs the network
	@for lock in requirements*.lock; do .venv-release/bin/pip-audit --require-hashes \
	  --disable-pip -r $$lock || exit 1; done

clean:
	rm -rf .venv .venv-bench .venv-release .cache dist site

.venv/site.stamp: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what requirements.lock names"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/dev.stamp: .venv/site.stamp requirements-dev.lock
	@echo "Installing what requirements-dev.lock names"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

.venv/node.stamp: tests/browser/package.json
	@tests/browser/get-node.sh .venv/node
	@touch $@

.venv-release/stamp: requirements-release.lock
	@test -x .venv-release/bin/python || $(PYTHON) -m venv .venv-release
	@echo "Installing what requirements-release.lock names"
	@.venv-release/bin/pip install --quiet --require-hashes -r requirements-release.lock
	@touch $@

.venv-bench/stamp: requirements-bench.lock pyproject.toml
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@echo "Installing what requirements-bench.lock names"
	@.venv-bench/bin/pip install --quiet --require-hashes -r requirements-bench.lock
	@.venv-bench/bin/pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@
