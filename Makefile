# `make` lists the targets. Nothing needs to be installed but Python (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready
export UV_NO_CONFIG := 1

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(READY)  ## make the environment in .venv, from the lock file

$(READY): requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flowlogs needs Python 3.11 or newer; name one with: make PYTHON=python3.13")'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(RUN)/uv pip sync --quiet --python $(RUN)/python --require-hashes requirements.lock
	$(RUN)/uv pip install --quiet --python $(RUN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## generate a small VPC, run its flow logs through the pipeline, make demo/report.html of them
	@rm -rf demo
	$(RUN)/flowlogs generate demo --seed 7 --bad-lines 0.001
	$(RUN)/flowlogs run demo/events --format v5 --inventory demo/inventory --geoip demo/geoip --out demo/results
	$(RUN)/flowlogs report demo/results/lake --out demo/report.html

# what the tests of the dashboards are drawn with; without npm they are skipped, with a line that says so
DRAWING = $(if $(shell command -v npm 2>/dev/null),node_modules/.ready)

test: $(READY) $(DRAWING)  ## run every test
	$(RUN)/python -m pytest -n 2 --dist worksteal

quick: $(READY)  ## run the tests that take no engine or other process
	$(RUN)/python -m pytest -n 2 --dist worksteal -m "not slow"

lint: $(READY)  ## ruff and mypy
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

bench: $(READY)  ## measure speed against benchmarks/plain.py, in the same run
	$(RUN)/python -m benchmarks

docs: $(READY)  ## write the generated pages of docs/ anew
	$(RUN)/python -m flowlogs.docs docs
	$(RUN)/python -m infra.docs docs
	$(RUN)/python -m flowlogs.search > dashboards/index-template.json
	$(RUN)/python -m flowlogs.search.dashboards dashboards

lock: $(READY)  ## resolve the dependencies anew
	$(RUN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		--no-emit-index-url --group dev pyproject.toml --upgrade -o requirements.lock
	awk '/^uv==/ {uv = 1} /^[a-z]/ && !/^uv==/ {uv = 0} uv' requirements.lock > requirements-uv.lock

CDK := node_modules/.bin/cdk
# what cannot stand in SET: words without =, and what make or the shell would change
QUOTE := '
WRONG = $(strip $(foreach word,$(value SET),$(if $(findstring =,$(word)),,$(word))) $(findstring $$,$(value SET)) $(findstring $(QUOTE),$(value SET)))
SETTINGS = $(if $(WRONG),$(error SET="name=value name=value" takes no blanks, quotes or $$ in a value: write such a setting into cdk.json))$(foreach setting,$(value SET),-c '$(setting)')
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

node_modules/.ready: package.json package-lock.json
	npm ci --no-progress
	@touch $@

synth: $(READY) node_modules/.ready  ## write the CloudFormation template into cdk.out; takes SET="name=value name=value"
	$(CDK) synth --quiet $(SETTINGS)

deploy: $(READY) node_modules/.ready  ## put it into the account you are signed in to; takes SET too
	$(CDK) deploy --all --outputs-file cdk.out/outputs.json $(SETTINGS)

destroy: $(READY) node_modules/.ready  ## remove it, data stays (see README); takes SET too
	$(CDK) destroy --all $(SETTINGS)
	@echo "What holds data stays: buckets, the log group, the OpenSearch domain and its secret. docs/changing-a-deployment.md says how to find and remove it."

clean:  ## remove what the targets made
	rm -rf $(VENV) node_modules cdk.out demo results .mypy_cache .pytest_cache .ruff_cache .hypothesis

.PHONY: help setup demo test quick lint bench docs lock synth deploy destroy clean
.DEFAULT_GOAL := help
