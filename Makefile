# Two commands: `make report` and `make test`. Both make .venv first, from requirements.lock, with every hash checked.
PYTHON ?= python3
BIN := .venv/bin
CLIP ?= bikes
ARGS ?=

.PHONY: report test bench lab sample lock clean

report: .venv/ready
	$(BIN)/vdlab report $(CLIP) $(ARGS)

test: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: .venv/ready
	$(BIN)/python -m tests.bench $(ARGS)

lab: .venv/ready
	$(BIN)/vdlab lab $(ARGS)

# The report that the README shows: from the clip whose licence lets it be shown.
sample: .venv/ready
	$(BIN)/vdlab report montage --out reports/sample $(ARGS)
	$(BIN)/python -m tests.browser.screenshot reports/sample

# Compile the lock from pyproject.toml's one list: universal, hashed, without any address.
lock:
	$(PYTHON) -m venv .venv && $(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra test --universal --python-version 3.10 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

# --no-deps: the lock is complete, and one peer's wish for a second OpenCV wheel is refused there (see pyproject.toml).
.venv/ready: requirements.lock pyproject.toml setup.py
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 10) <= sys.version_info[:2] <= (3, 13) else "vdlab needs Python 3.10 to 3.13, this is %d.%d: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv reports/bench
