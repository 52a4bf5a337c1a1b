# Each target makes its own virtual environment; nothing but Python >= 3.11 is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# two test processes share the cores: one thread each
TEST_ENV := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

.PHONY: demo test test-all lint docs notebooks bench bench-peers clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[xai,dev]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/qxgap demo -o qxgap-demo

test: $(VENV)/.installed
	$(TEST_ENV) $(BIN)/python -m pytest -m "not slow" -n 2

test-all: $(VENV)/.installed
	$(TEST_ENV) $(BIN)/python -m pytest -n 2

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/docstrings.py

# docs/_build/html, with the notebooks as `make notebooks` left them; every warning is an error
docs: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build/html

# runs notebooks/*.py, each in a kernel of its own, into build/notebooks/*.ipynb; a few minutes, or
# about one with QXGAP_NOTEBOOK_SIZE=small
notebooks: $(VENV)/.installed
	mkdir -p build/notebooks
	for source in notebooks/*.py; do \
		$(BIN)/jupytext --quiet --to ipynb $$source \
			--output build/notebooks/$$(basename $$source .py).ipynb || exit 1; done
	$(TEST_ENV) $(BIN)/python -m pytest --nbmake --overwrite --nbmake-timeout=1800 \
		-n 2 build/notebooks

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks.gap.gap_sweep --quick
	$(BIN)/python -m benchmarks.dynamics.dynamics_sweep --quick
	$(BIN)/python -m benchmarks.samples.qpu_samples

# hours; with --resume in ARGS it goes on where it was stopped
bench-peers: $(VENV)/.installed
	-for peer in quspin dynamiqs emu-sv physics-tenpy; do \
		$(BIN)/python -m pip install --quiet -c constraints.txt $$peer; done
	-$(BIN)/python -m pip install --quiet --no-deps qokit  # pins forty others; its C layer needs none
	$(BIN)/python -m benchmarks.gap.gap_sweep --output benchmarks/results/gap.csv $(ARGS)
	$(BIN)/python -m benchmarks.gap.gap_figure benchmarks/results/gap.csv
	$(BIN)/python -m benchmarks.dynamics.dynamics_sweep --output benchmarks/results/dynamics.csv $(ARGS)

clean:
	rm -rf $(VENV)
