# Everything lives in .venv/; a stamp there remembers what was installed.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
export NO_MKDOCS_2_WARNING := 1
export PIP_ROOT_USER_ACTION := ignore

GITHUB_SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema vendor
ISSUE_FORMS := $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))

SIZE ?= M
ROUNDS ?= 7

.PHONY: site serve check links test screenshots bench lock clean

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

test: .venv/dev.stamp .venv/axe.stamp ## everything that must pass
	@tests/browser/get-chromium.sh $(BIN)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/zizmor --offline --quiet .github
	@$(GITHUB_SCHEMA).github-workflows .github/workflows/*.yml
	@$(GITHUB_SCHEMA).github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(GITHUB_SCHEMA).github-issue-forms $(ISSUE_FORMS)
	@$(GITHUB_SCHEMA).dependabot .github/dependabot.yml
	@$(BIN)/pytest

screenshots: .venv/dev.stamp ## pictures of the site as it is, to look at: .cache/screenshots/
	@tests/browser/get-chromium.sh $(BIN)
	@$(BIN)/python tests/browser/screenshots.py

bench: .venv-bench/stamp ## measure what citations and terms add to a build; SIZE="S M L"
	@.venv-bench/bin/python -m bench.run --size $(SIZE) --rounds $(ROUNDS)

lock: .venv/dev.stamp ## renew the locked versions; needs uv
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --group build -c requirements.lock pyproject.toml bench/requirements.in \
	  -o requirements-bench.lock

clean:
	rm -rf .venv .venv-bench .cache site

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

.venv/axe.stamp: tests/browser/package.json
	@tests/browser/get-axe.sh .venv/node
	@touch $@

.venv-bench/stamp: requirements-bench.lock pyproject.toml
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@echo "Installing what requirements-bench.lock names"
	@.venv-bench/bin/pip install --quiet --require-hashes -r requirements-bench.lock
	@.venv-bench/bin/pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@
