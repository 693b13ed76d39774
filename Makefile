# Everything sets itself up: a machine with Python 3.11+ and git is enough. `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help serve test test-fast lint types layers format pages api-types bench conformance soak clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

serve: ## Start the studio on this machine; prints a link that signs you in (ARGS="--port 8020" …)
	@$(PYTHON) scripts/prepare.py serve
	@trap : INT; $(BIN)/pfstudio serve $(ARGS) || [ $$? -eq 130 ] # Ctrl-C is how one stops it.

test: ## All tests: unit, API, both databases, sandbox, real browser, front end
	@$(PYTHON) scripts/prepare.py test
	@cd frontend && PATH="$(CURDIR)/.venv/bin:$$PATH" npm run --silent test
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: ## Style of Python and TypeScript
	@$(PYTHON) scripts/prepare.py test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@cd frontend && PATH="$(CURDIR)/.venv/bin:$$PATH" npm run --silent lint

types: ## mypy strict, TypeScript strict, and the client types against the OpenAPI document
	@$(PYTHON) scripts/prepare.py test
	@$(BIN)/mypy
	@cd frontend && PATH="$(CURDIR)/.venv/bin:$$PATH" npm run --silent typecheck
	@$(MAKE) --no-print-directory api-types
	@git diff --exit-code --stat -- frontend/src/api/schema.d.ts || (echo "The client types are older than the API: commit frontend/src/api/schema.d.ts." >&2; exit 1)

layers: ## Who may import whom (docs/decisions/0001)
	@$(PYTHON) scripts/prepare.py test
	@$(BIN)/lint-imports

format: ## Format Python and TypeScript
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	@cd frontend && npm run --silent format

pages: ## Build the front end into the package
	@$(PYTHON) scripts/prepare.py test

api-types: ## Generate the front end's client types from the OpenAPI document
	@$(BIN)/python -m pfstudio.server.openapi > frontend/openapi.json
	@cd frontend && PATH="$(CURDIR)/.venv/bin:$$PATH" npm run --silent types

bench: ## Speed, beside the original where PROMPTFLOW_PYTHON names an interpreter that has it
	@$(PYTHON) scripts/prepare.py test
	@$(BIN)/python -m benchmarks $(ARGS)

conformance: ## Ask the original again, fail where an answer is not the recorded one (PROMPTFLOW_PYTHON, ARGS="--accept types")
	@$(PYTHON) scripts/prepare.py test
	@PYTHONPATH=tests $(BIN)/python -m conformance $(ARGS)

soak: ## The long forms: kills, races, fuzzing, large folders, many hands; prints figures
	@$(PYTHON) scripts/prepare.py test
	@PFSTUDIO_SOAK=1 $(BIN)/python -m pytest -n 2 --timeout 3600 tests/flow tests/engine tests/models tests/runfolder tests/sdk tests/share tests/sandbox tests/security tests/history tests/server/test_history_process.py tests/e2e/test_many_hands.py $(ARGS)

clean: ## Remove what was built; your data stays
	@rm -rf .venv frontend/node_modules backend/pfstudio/server/static .mypy_cache .ruff_cache .hypothesis .import_linter_cache
