# Every target does its own set-up: it needs Python 3.11-3.13 with venv, and make.
# uv is used where it is on the PATH, and installed into the environment where it is not.
PYTHON ?= python3
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(subst /,_,$(PYTHON)))
BIN := $(VENV)/bin
PY := $(BIN)/python
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)
READY := $(VENV)/.ready

.PHONY: help demo test check lint types imports texts pictures bench soak run doctor audit export backup restore new-secrets-key revoke-links clean
.DEFAULT_GOAL := help

help: $(READY)   ## what there is
	@$(PY) -m bot --help

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "Cogreel needs Python 3.11 to 3.13, this is %d.%d: make PYTHON=python3.12 ..." % v)'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@test -x "$(UV)" || $(PY) -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --quiet --locked --inexact --python $(PY)
	@touch $@

demo: $(READY)   ## the whole thing on this machine: no Discord, no key, no GPU. ONCE=1 plays a tour and exits, TOUR=1 plays it step by step on the page
	@$(PY) -m bot demo $(if $(ONCE),--once) $(if $(TOUR),--tour)

run: $(READY)    ## the real Discord, from .env
	@$(PY) -m bot run

audit: $(READY)  ## prove that the record of moderators' acts is whole
	@$(PY) -m bot audit verify

doctor: $(READY)  ## what is wrong with this installation, and how to mend it
	@$(PY) -m bot doctor

backup: $(READY)  ## FILE=name.tar, also while the bot runs
	@$(PY) -m bot backup $(FILE)

restore: $(READY)  ## FILE=name.tar, while it does not run
	@$(PY) -m bot restore $(FILE) $(if $(REPLACE),--replace)

export: $(READY)  ## the ledger of all servers as CSV; ARGS="--from 2026-11-01 --to 2026-11-30"
	@$(PY) -m bot export ledger $(ARGS)

new-secrets-key: $(READY)  ## for COGREEL_SECRETS_KEY in .env
	@$(PY) -m bot new-secrets-key

revoke-links: $(READY)  ## end every link to a clip that was given out
	@$(PY) -m bot revoke-links

test: $(READY)   ## the tests
	@$(PY) -m bot test $(ARGS)

check: $(READY)  ## lint, types, imports, tests
	@$(PY) -m bot check $(ARGS)

lint types imports: $(READY)
	@$(PY) -m bot $@

texts: $(READY)  ## bring locale/ up to the texts in the code; see docs/translating.md
	@$(PY) -m bot texts

pictures: $(READY)  ## photograph the page for the README and the guides; needs Chromium
	@$(PY) -m bot pictures

bench: $(READY)  ## what is measured. ONLY=name runs one
	@$(PY) -m bot bench $(if $(ONLY),--only $(ONLY))

soak: $(READY)   ## many jobs while the bot is killed and everything fails: JOBS=2000 KILLS=200 SEED=1
	@$(PY) -m bot soak $(if $(JOBS),--jobs $(JOBS)) $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

clean:
	rm -rf .venv* demo-output .ruff_cache .mypy_cache .pytest_cache .import_linter_cache
