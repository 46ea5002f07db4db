# `make help` lists the targets. All make .venv first, from requirements.lock, with every hash checked.
PYTHON ?= python3
BIN := .venv/bin
CLIP ?= bikes
ARGS ?=

.PHONY: help report test check format bench lab docs sample lock buttons clean

help:                   # list the targets
	@grep -E '^[a-z]+:.*#' Makefile | sed -E 's/:[^#]*#/#/' | awk -F'# *' '{ printf "make %-8s %s\n", $$1, $$2 }'

report: .venv/ready     # run every chapter on CLIP (a file, a folder of images, a built-in name) and print the path of index.html
	$(BIN)/vdlab report $(CLIP) $(ARGS)

test: .venv/ready       # the whole test suite
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/ready      # lint, format, types, levels and the fast tests, in under 90 seconds
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/test_house.py tests/test_setup.py tests/test_bench.py $(FAST)

# The rooms whose tests need neither TensorFlow nor a browser nor minutes.
FAST := tests/report/test_parameters.py tests/keyframes/test_cutlists.py tests/evaluation/test_mask_scores.py \
        tests/segmentation/test_scenes.py tests/video/test_sample_clips.py tests/codes/test_motion_decoder.py

format: .venv/ready     # format the code and sort its imports
	$(BIN)/ruff format
	$(BIN)/ruff check --fix --select I

bench: .venv/ready      # measure vdlab beside its peers and write reports/benchmarks/README.md
	$(BIN)/python -m tests.bench $(ARGS)

lab: .venv/ready        # step through the notebooks in JupyterLab
	$(BIN)/vdlab lab $(ARGS)

docs: .venv/ready       # write the reference of the API, offline, into reports/api (needs the extra docs: pip install pdoc)
	$(BIN)/python -m pdoc --no-show-source -o reports/api vdlab '!vdlab.__main__' '!vdlab.cli.__main__'
	@echo reports/api/index.html

# From the clip whose licence lets it be shown.
sample: .venv/ready     # make the sample report anew
	$(BIN)/vdlab report montage --out reports/sample --no-notebooks $(ARGS)
	$(BIN)/python -m tests.browser.screenshot reports/sample

# Universal, hashed, without any address.
lock:                   # compile requirements.lock from pyproject.toml's one list
	$(PYTHON) -m venv .venv && $(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra test --extra docs --universal --python-version 3.10 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

buttons:                # Colab's and Binder's into the README and the chapters of the public REPO=owner/name
	$(PYTHON) -m tests.buttons "$(REPO)"

# --no-deps: the lock is complete, and one peer's wish for a second OpenCV wheel is refused there (see pyproject.toml).
.venv/ready: requirements.lock pyproject.toml setup.py
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 10) <= sys.version_info[:2] <= (3, 13) else "vdlab needs Python 3.10 to 3.13, this is %d.%d: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:                  # remove .venv and what the benches left
	rm -rf .venv reports/bench
