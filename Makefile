# The two commands are `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
SEED ?= 1
MINUTES ?= 60
SECONDS ?= 60
PARSERS ?= model config audio midi control ring
BIN := $(VENV)/bin
BLOCKS ?= 1000000
CORE_SOURCES := $(shell find ext -name '*.cpp' -o -name '*.h' -o -name '*.inl' -o -name '*.pyx' -o -name '*.pxi') ext/not_realtime.txt
FORMATTED_CPP = $(shell find ext -name '*.cpp' ! -name _core.cpp -o -name '*.h' -o -name '*.inl')

.PHONY: help setup build run test train fuzz soak ring arm faults proof bench lint format packages clean
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: $(VENV)/.test build ## .venv with everything that running and testing need

build: $(VENV)/.core ## Compile the native core again if its sources changed

run: $(VENV)/.core ## Set up what is needed and play the demo
	$(BIN)/emohost run configs/demo.yaml

test: setup packages lint ## Everything: linters, C++ tests, Python tests, the JACK rig
	PYTHON=$(BIN)/python bash ext/run_tests.sh
	$(BIN)/python -m pytest

train: $(VENV)/.train $(VENV)/.core ## Train the five networks: make train DATA=folder [SEED=1]
	@test -n "$(DATA)" || { echo "make train DATA=folder: the folder with the data sets (models/README.md)"; exit 2; }
	@for role in emotion melody harmony dynamics groove; do \
		file=models/$$($(BIN)/python -c "from emohost.networks import ROLES; print(ROLES['$$role'].file)"); \
		$(BIN)/emohost train $$role --data "$(DATA)" --seed $(SEED) --out $$file --resume || exit; \
	done

fuzz: $(VENV)/.fuzz build ## Fuzz every parser: make fuzz [SECONDS=60, for each] [PARSERS="model config audio midi control ring"]
	@for parser in $(PARSERS); do \
		$(BIN)/python tests/fuzz $$parser -max_total_time=$(SECONDS) || exit; \
	done

soak: setup packages ## An hour on a disturbed JACK rig: make soak [MINUTES=60]; says "pass" or what failed
	$(BIN)/python bench/soak --minutes $(MINUTES)

faults: setup packages ## Every fault on the real rig, again and again: jackd killed twenty times ...
	EMOHOST_FAULT_ROUNDS=10 $(BIN)/python -m pytest -s tests/rig/test_faults.py

proof: setup ## The callback under seccomp and the trap for 10^6 blocks [BLOCKS=n], its imports, the ring's model
	@cmake=$$(command -v $(BIN)/cmake || command -v cmake); PATH="$(CURDIR)/$(BIN):$$PATH"; \
	$$cmake -S ext -B build/cpp-plain -G Ninja >/dev/null && $$cmake --build build/cpp-plain --target prove >/dev/null
	build/cpp-plain/prove $(BLOCKS)
	$(BIN)/python tools/realtime_objects.py build/cpp-plain
	$(BIN)/python -m pytest -q tests/models

bench: $(VENV)/.bench build ## How fast it is, beside others: make bench [QUICK=1]; writes tables and pictures into out/speed
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/speed $(if $(QUICK),--quick)

ring: setup ## Ten million messages through Side B's ring, under the thread sanitizer, its writers killed at random
	EMOHOST_WRITES=10000000 PYTHON=$(BIN)/python bash ext/run_tests.sh ring

arm: setup ## The C++ tests built for 64-bit ARM (NEON), under an emulator; about 10 minutes
	PYTHON=$(BIN)/python bash ext/run_tests.sh arm

lint: setup ## Linters, formatters and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $(FORMATTED_CPP)

format: setup ## Format Python and C++
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(FORMATTED_CPP)

packages: ## Debian packages of the real rig, if this is root on Debian; says what is skipped otherwise
	@bash tools/packages.sh

clean: ## Remove what was built
	rm -rf $(VENV) build dist out src/*.egg-info ext/_core.cpp src/emohost/_*.so
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The build requirements go into the environment, so that a changed source compiles in place, without isolation.
$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python tools/build_requirements.py | $(BIN)/python -m pip install --quiet -r /dev/stdin
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[test]'
	touch $@

$(VENV)/.fuzz: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[fuzz]'
	touch $@

$(VENV)/.bench: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[bench]'
	touch $@

$(VENV)/.train: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[train]'
	touch $@

$(VENV)/.core: $(VENV)/.run setup.py $(CORE_SOURCES)
	$(BIN)/python setup.py --quiet build_ext --inplace
	touch $@
