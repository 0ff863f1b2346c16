# Each target does all of its own set-up; none needs another one first.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

# For what the tools call themselves; macOS's make 3.81 ignores it for the recipes' own commands.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 3
export NO_GCE_CHECK ?= true
# Formgrader is not to go on by nbgrader's own rules where nbgrader_config.py cannot be loaded.
export TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR := 1

.DEFAULT_GOAL := help
.PHONY: help setup data book serve lab test marks lint run times release grade feedback-zip similarity bench student-bundle lock clean screenshots linkcheck

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{ printf "%-21s %s\n", $$1, $$2 }'

setup: $(VENV)/.installed ## Make the environment in .venv

$(VENV)/.installed: pyproject.toml requirements/course.lock requirements/data.lock tools/setup.sh etc/ipython/ipython_kernel_config.py
	@sh tools/setup.sh
	@touch $@

data: $(VENV)/.data ## Prepare the data sets

$(VENV)/.data: $(VENV)/.installed $(wildcard src/seqmodels/datasets/*.py)
	@$(BIN)/python -m seqmodels.datasets
	@touch $@

book: $(VENV)/.data ## Build the book into _build/html
	@$(BIN)/python tools/book.py build

serve: book ## Build the book and serve it at http://localhost:8000 (PORT=... for another port)
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

lab: $(VENV)/.data ## Open the course in JupyterLab
	@$(BIN)/jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate

test: $(VENV)/.data ## Run all checks
	@$(BIN)/python -m pytest

marks: $(VENV)/.data ## Grade the submissions that have changed, and keep their marks for the tests
	@$(BIN)/python tools/marks.py

lint: $(VENV)/.installed ## Check style, spelling and notebooks
	@$(BIN)/pre-commit run --all-files

run: $(VENV)/.data ## Execute a notebook in place: make run NB=chapters/recurrence/lstm.ipynb
	@$(BIN)/python tools/notebooks.py run $(NB)

times: $(VENV)/.data ## Measure how long each notebook takes, for the book's page on it
	@$(BIN)/python tools/notebooks.py time

release: $(VENV)/.data ## Generate assignments/ from solutions/
	@$(BIN)/python tools/release.py

grade: $(VENV)/.data ## Grade an assignment: make grade ASSIGNMENT=... (OPTIONS=--help tells more)
	@$(BIN)/python -m seqmodels.grading.runner $(ASSIGNMENT) $(OPTIONS) || [ $$? -eq 3 ]

feedback-zip: $(VENV)/.installed ## Pack the feedback pages for Moodle or Canvas: make feedback-zip ASSIGNMENT=...
	@$(BIN)/python -m seqmodels.grading.sending $(ASSIGNMENT) $(OPTIONS)

similarity: $(VENV)/.installed ## Write the answers of a class for a program that finds copied work: ASSIGNMENT=...
	@$(BIN)/python -m seqmodels.grading.similarity $(ASSIGNMENT)

bench: $(VENV)/.data ## Measure how fast a class is graded
	@$(BIN)/python -m benchmarks.grading $(OPTIONS)

student-bundle: $(VENV)/.installed ## Pack the assignments and what they need: _build/*.zip (NAMES="..." for some)
	@$(BIN)/python tools/bundle.py $(NAMES)

screenshots: book ## Take pictures of the book's pages, to be looked at
	@$(BIN)/python tools/screenshots.py

linkcheck: $(VENV)/.data ## Check the book's links to other sites (needs the network)
	@$(BIN)/python tools/book.py linkcheck

lock: $(VENV)/.installed ## Resolve the lock files again
	@sh tools/lock.sh

clean: ## Remove what was built; .venv stays
	@rm -rf _build .pytest_cache .ruff_cache
