# Two commands do all the set-up: `make demo` and `make test`.  Python >= 3.11 is all they need.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
EXPR := ‖g(X·W) − Y‖²_F

.PHONY: demo test targets mutations bench lint page page-serve page-test clean

demo: $(BIN)/python
	@$(PIP) .
	@echo 'the gradient of $(EXPR) by W'
	@$(BIN)/matcalc grad '$(EXPR)' --wrt W
	@$(BIN)/matcalc grad '$(EXPR)' --wrt W --to text

# Modules are compiled when they are first imported, whatever the surroundings say: most of those that are installed never are.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(BIN)/python
	$(PIP) --no-compile --editable '.[test]'
	$(BIN)/python -m pytest

# The columns and programs for JAX and PyTorch, programs for MATLAB by Octave, data in chunks, and the server for assistants, where these can be installed; where they cannot, it says so.
targets: $(BIN)/python
	$(PIP) --editable '.[test]'
	@if $(PIP) jax torch==2.13.0; then $(BIN)/python -m pytest tests -k 'jax or torch'; \
	else echo 'JAX or PyTorch cannot be installed here: their programs are not tested'; fi
	@if $(PIP) 'dask[array]'; then $(BIN)/python -m pytest tests -k 'chunk'; \
	else echo 'dask cannot be installed here: data in chunks are not tested'; fi
	@if command -v octave-cli >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends octave; } >/dev/null 2>&1; \
	then $(BIN)/python -m pytest tests/test_languages.py; \
	else echo 'Octave cannot be installed here: programs for MATLAB are written, but not run'; fi
	@if $(PIP) 'mcp>=2'; then $(BIN)/python -m pytest tests/test_assistants.py; \
	else echo 'mcp cannot be installed here: the server for assistants is not tested'; fi

# Changes every entry of the tables, one by one, and lists the changes that no proof notices.
mutations: $(BIN)/python
	$(PIP) --editable '.[test]'
	cd tests && ../$(BIN)/python mutations.py $(OPTIONS)

# Measures against hand-written NumPy, and against JAX and PyTorch where they are installed (`.venv/bin/pip install jax torch`):
# `make bench` all of it, to tests/benchmarks/results.md; `make bench OPTIONS=--quick` a part; `make bench OPTIONS=--help`.
bench: $(BIN)/python
	$(PIP) --editable .
	$(BIN)/python tests/benchmarks/measure.py $(OPTIONS)

lint: $(BIN)/python
	$(PIP) --editable '.[lint,test]'
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests/typed_example.py
	$(BIN)/lint-imports

# The page: a folder of static files, page/dist, with the engine in it.  Needs Node >= 20 and npm besides Python.
page: $(BIN)/python
	@$(PIP) 'hatchling>=1.25'
	$(BIN)/python page/build.py

# The page in a browser, where Node, npm, Chromium and Playwright are or can be had; where not, it says so.
page-test: $(BIN)/python
	@if command -v node && command -v npm && command -v chromium && $(PIP) --editable '.[test]' playwright \
		&& npm ci --prefix page --no-audit --no-fund --loglevel=error; \
	then $(MAKE) page && $(BIN)/python -m pytest tests/test_page.py; \
	else echo 'Node, npm with its packages, Chromium or Playwright is not here: the page is not tested in a browser'; fi

page-serve:
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory page/dist 8000

clean:
	rm -rf .venv build dist page/build page/dist page/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("matcalc needs Python 3.11 or newer: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
