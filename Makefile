# Few words: CI and people call only these.
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: setup demo run test quick lint bench chaos chaos-short wheel clean

setup: $(STAMP)

$(STAMP): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("chainwatch needs Python 3.11 or newer; call: make PYTHON=python3.11")'
	@$(PYTHON) -c 'import ensurepip, venv' || { echo 'Python cannot make environments; Debian: apt-get install python3-venv'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/chainwatch demo

run: setup
	$(BIN)/chainwatch run

quick: setup
	$(BIN)/pytest -n 2 -m "not (kafka or postgres or browser or slow or chaos)"

test: quick
	$(BIN)/pytest -n 2 --dist loadgroup -m "(kafka or postgres or browser or slow) and not chaos"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint --strict rules crawlers/sources.yaml

bench: setup
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/bench.txt
	$(BIN)/python -m bench

chaos: setup
	$(BIN)/pytest -m chaos --timeout=3600

chaos-short: setup
	CHAINWATCH_CHAOS=short $(BIN)/pytest -m chaos --timeout=900

wheel: setup
	$(BIN)/python -m tools.wheel

clean:
	rm -rf .venv build dist
