# Two commands do all the set-up on a machine that has only Python 3.11: `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Each process of the tests would compile anew what it imports.
unexport PYTHONDONTWRITEBYTECODE

# uv installs in two seconds what takes pip twelve. Where it cannot be had, or pip is told of another
# index, which uv would not hear of, pip does it.
install = test -z "$$PIP_INDEX_URL$$PIP_NO_INDEX$$PIP_CONSTRAINT" \
	&& ! $(1)/bin/python -m pip config get global.index-url >/dev/null 2>&1 \
	&& $(1)/bin/python -m pip install --quiet --no-compile uv \
	&& $(1)/bin/uv pip install --quiet --python $(1)/bin/python --editable $(2) \
	|| $(1)/bin/python -m pip install --quiet --no-compile --editable $(2)

.PHONY: demo test lint docs tidy bench soak dist fidelity schema clean

demo: $(VENV)/installed
	$(BIN)/dwf-sim demo scenarios/orders.json

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -q --numprocesses auto --durations=10

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Build the site into build/site/; a link that leads nowhere is an error.
docs: $(VENV)-docs/installed
	NO_MKDOCS_2_WARNING=1 $(VENV)-docs/bin/mkdocs build --strict

# The guards of the house: sizes, layers, rules and the page made of them, tests of one driver.
tidy: $(VENV)/installed-test
	$(BIN)/python -m pytest -q -p no:xdist tests/test_tidy.py tests/test_layers.py \
		tests/test_one_driver.py tests/rules

bench: $(VENV)/installed-test
	$(BIN)/python -m benchmarks

# The long form of what `make test` does a part of.
soak: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet --editable '.[dask]'
	DWF_PROGRAMS=1000 $(BIN)/python -m pytest -q tests/test_determinism.py
	DWF_PLANS=10000 $(BIN)/python -m pytest -q tests/faults/test_plans.py
	DWF_PROGRAMS=3334 $(BIN)/python -m pytest -q tests/invariants/test_programs.py
	DWF_HISTORIES=5000 $(BIN)/python -m pytest -q tests/engine/test_flow_laws.py \
		tests/engine/test_backlog_laws.py
	DWF_SEARCHES=10 $(BIN)/python -m pytest -q tests/search
	DWF_BUGS=10 $(BIN)/python -m pytest -q tests/search
	DWF_CONFORM_PROGRAMS=5000 $(BIN)/python -m pytest -q tests/conformance/test_twins.py
	DWF_EXAMPLES=300 $(BIN)/python -m pytest -q tests/checks
	DWF_MACHINES=300 $(BIN)/python -m pytest -q tests/strategies
	DWF_EXAMPLES=1000 $(BIN)/python -m pytest -q tests/expressions/test_laws.py
	DWF_REPLAYS=300 $(BIN)/python -m pytest -q tests/histories/test_programs.py \
		tests/histories/test_deploys.py
	DWF_ALL=1 $(BIN)/python -m pytest -q tests/conformance/test_oracle.py tests/drivers/test_trigger.py
	DWF_ALONE=1 $(BIN)/python -m pytest -q tests/project/test_contributing.py
	DWF_TEXTS=10000 $(BIN)/python -m pytest -q tests/expressions/test_robustness.py

# Build what is released, look into it, and play the wheel in an empty environment.
dist: $(VENV)/installed-dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/twine check --strict dist/*
	$(BIN)/python -m tests.project.distribution dist

# Write docs/fidelity.md anew from the tests' markers and tests/rules/unmodelled.toml.
fidelity: $(VENV)/installed-test
	$(BIN)/python -m tests.rules.fidelity

# Write the JSON Schema of scenario files anew from the classes that read them.
schema: $(VENV)/installed-test
	$(BIN)/python -m dwf_sim.scenario.schema > schemas/scenario.schema.json

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Python compiles what it imports; to compile all that is installed takes longer.
$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(call install,$(VENV),.)
	touch $@

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml
	$(call install,$(VENV),'.[test]')
	touch $(VENV)/installed $@

# An environment of its own: what builds the site is no part of what is tested.
$(VENV)-docs/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)-docs
	$(call install,$(VENV)-docs,'.[docs]')
	touch $@

$(VENV)/installed-dev: $(VENV)/bin/python pyproject.toml
	$(call install,$(VENV),'.[dev]')
	touch $(VENV)/installed $(VENV)/installed-test $@

clean:
	rm -rf $(VENV) $(VENV)-docs dist build .pytest_cache .mypy_cache .ruff_cache
