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

dist/bin/quorate.cjs: node_modules/.installed scripts/bundle.ts $(SOURCES)
	@$(NODE) scripts/bundle.ts

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
