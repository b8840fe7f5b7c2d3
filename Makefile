# Everything a newcomer needs is `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
NODE := node_modules/.bin/node
SOURCES := $(shell find src -name '*.ts' 2>/dev/null)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-18s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: bundle ## Install what is missing and run the tour on a local cluster
	@./bin/quorate demo $(ARGS)

.PHONY: deps
deps: node_modules/.installed ## Install Node 24 and the packages of the lock file

node_modules/.installed: package.json package-lock.json .npmrc
	@echo 'Installing Node 24 and the packages of the lock file …' >&2
	@npm ci --loglevel=error >&2
	@touch $@

.PHONY: bundle
bundle: dist/bin/quorate.cjs ## Bundle the sources into one file

dist/bin/quorate.cjs: node_modules/.installed scripts/bundle.ts $(wildcard scripts/slim/*) $(SOURCES)
	@$(NODE) scripts/bundle.ts

.PHONY: etcd
etcd: bundle ## Find, build or download the etcd versions the tests run
	@./bin/quorate etcd install all

.PHONY: test
test: check test-unit test-contract test-simulation test-scenario ## Everything; about half an hour on two cores

.PHONY: test-fast
test-fast: check bundle etcd ## The inner loop, under a minute
	$(NODE) scripts/run-tests.ts fast

.PHONY: test-unit
test-unit: bundle etcd ## Unit tests, with the coverage gate
	$(NODE) scripts/run-tests.ts unit

.PHONY: test-contract
test-contract: bundle etcd ## Adapters, fakes and the model of etcd against the real things
	$(NODE) scripts/run-tests.ts contract

.PHONY: test-simulation
test-simulation: deps ## The simulator: two million steps, and every historic bug caught
	$(NODE) scripts/run-tests.ts simulation

.PHONY: test-integration
test-integration: deps ## The API objects and the operator's client against a real kube-apiserver
	$(NODE) scripts/run-tests.ts integration

.PHONY: test-scenario
test-scenario: bundle etcd ## Real agents and real etcd through the failure catalogue
	$(NODE) scripts/run-tests.ts scenario

.PHONY: manifests
manifests: deps ## Generate the CRDs and docs/api.md from src/api
	$(NODE) scripts/generate-crds.ts

.PHONY: soak
soak: deps ## The simulator: ten million steps
	SIM_STEPS=10000000 $(NODE) scripts/run-tests.ts simulation

.PHONY: bench
bench: bundle ## Measure against bare etcd driven by hand (for contributors, about 13 minutes)
	@./bin/quorate bench $(ARGS)

.PHONY: check
check: deps ## Types, lint, format and import rules
	$(NODE) node_modules/typescript/bin/tsc --noEmit -p .
	node_modules/.bin/biome check --error-on-warnings .

.PHONY: format
format: deps ## Rewrite the sources in the house format
	node_modules/.bin/biome check --write .

.PHONY: clean
clean: ## Remove what was built
	rm -rf dist coverage .cache
