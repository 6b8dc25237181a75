# `make demo` and `make test` do all their own set-up, in .venv.
PYTHON ?= python3
BIN := .venv/bin

OUR_GAMES := NeatRunner-Nes NeatDash-Genesis NeatDuel-Snes

.PHONY: demo test lint types roms test-sb3 clean

# A short training run: train, stop, resume, check the champion and film it.
demo: .venv/installed
	rm -rf demo && mkdir demo
	$(BIN)/neat-retro train --seed 1 --generations 3 --run-dir demo/run
	$(BIN)/neat-retro resume demo/run --generations 20
	$(BIN)/neat-retro replay demo/run/champion.pkl --verify
	$(BIN)/neat-retro replay demo/run/champion.pkl --video demo/champion.mp4
	$(BIN)/neat-retro evaluate demo/run/champion.pkl --episodes 10
	@echo "The champion's video: demo/champion.mp4"

# Where PYTHONDONTWRITEBYTECODE is set, each of the tests' thousand processes would compile the package anew.
test: .venv/installed lint types
	sh tests/system-packages.sh
	$(BIN)/python -m compileall -q neat_retro
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

# Our own games from their sources, and their start states: the same bytes as are committed.
roms: .venv/installed
	sh tests/system-packages.sh
	for game in $(OUR_GAMES); do $(MAKE) -C integrations/$$game/src && $(BIN)/python integrations/$$game/make_states.py || exit 1; done

# The Gymnasium environment under Stable-Baselines3: torch is heavy, so this is a test of its own.
test-sb3: .venv/installed
	$(BIN)/pip install --quiet "torch>=2.0" "stable-baselines3>=2.4"
	$(BIN)/python -m pytest tests_sb3

.venv/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable ".[test]"
	touch $@

clean:
	rm -rf .venv build dist demo *.egg-info
