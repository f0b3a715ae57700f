# The whole project in a few words. `make demo` and `make test` need python3 and make, nothing else.
PY ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test check format rule library book pins wild scores mutate fixes catalog bench again equal vscode

$(VENV)/.demo: pyproject.toml
	$(PY) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(BIN)/python -m pip install -q --disable-pip-version-check --group dev
	@touch $@

demo: $(VENV)/.demo  ## run brownout on the demo application
	$(BIN)/brownout check --exit-zero examples/docdesk

test: $(VENV)/.dev  ## run the tests
	$(BIN)/python -m pytest -q -n auto

check: $(VENV)/.dev  ## format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n auto

format: $(VENV)/.dev  ## format and sort imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

rule: $(VENV)/.dev  ## draft a rule's page and its corpus: make rule SECTION=4C NAME=slow-answer
	$(BIN)/python tools/new_rule.py $(SECTION) $(NAME)

library: $(VENV)/.dev  ## draft a library's page from its wheel: make library NAME=somelib
	$(BIN)/python tools/new_library.py $(NAME)

book: $(VENV)/.dev  ## renew the book of rules
	$(BIN)/python tools/book.py

pins: $(VENV)/.dev  ## renew what the Action installs, with hashes
	$(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		action/requirements.in -o action/requirements.txt

wild: $(VENV)/.dev  ## findings on published packages (RULE=name: only that rule's changes)
	cd tests && ../$(BIN)/python -m wild.check $(if $(RULE),--rule $(RULE)) && ../$(BIN)/python -m wild.review

catalog: $(VENV)/.dev  ## judge every library page by its library; BIG=1: the large wheels too
	cd tests && ../$(BIN)/python -m catalog.judge $(if $(BIG),--big)

scores: $(VENV)/.dev  ## audit published packages: the distribution with which a score is compared
	cd tests && ../$(BIN)/python -m wild.scores

mutate: $(VENV)/.dev  ## take guards out of published code: silent before, reported after (RULE=name: that rule only)
	cd tests && ../$(BIN)/python -m wild.mutate $(if $(RULE),--rule $(RULE))

fixes: $(VENV)/.dev  ## carry every fix out on published code: it parses, the finding is gone, nothing else changed (RULE=name)
	cd tests && ../$(BIN)/python -m wild.fixes $(if $(RULE),--rule $(RULE))

bench: $(VENV)/.dev  ## speed, side by side with the peers: make bench TREES="path …"
	$(BIN)/python bench/bench.py $(or $(TREES),rules tests/wild/cache/pretix-*)
	$(BIN)/python bench/cold.py $(or $(TREES),rules tests/wild/cache/pretix-*)

again: $(VENV)/.dev  ## the second time: unchanged, touched and changed trees: make again TREE=path
	$(BIN)/python bench/again.py $(or $(TREE),tests/wild/cache/pretix-*)

equal: $(VENV)/.dev  ## random edits of a copy, each compared with a check from scratch: make equal TREE=path EDITS=100
	BROWNOUT_TREE=$(abspath $(TREE)) BROWNOUT_EDITS=$(or $(EDITS),50) BROWNOUT_SEED=$(or $(SEED),0) \
		$(BIN)/python -m pytest -q tests/project/test_session.py -k wild

vscode:  ## check, build and package the VS Code extension, then use it in a real VS Code
	tests/vscode/run.sh $(PY)
