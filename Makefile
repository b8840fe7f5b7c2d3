# Everything a newcomer needs is `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
NODE := node_modules/.bin/node
VERSION := $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
# The image that is built, installed and run, and the kind cluster for it.
IMAGE ?= quorate:$(VERSION)
KIND_CLUSTER ?= quorate
KUBECTL ?= kubectl
SOURCES := $(shell find src -name '*.ts' 2>/dev/null)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^# ==/{printf "%s%s\n", n++ ? "\n" : "", substr($$0, 6)} /^[a-z0-9-]+:.*## /{printf "  %-17s %s\n", $$1, $$2}' Makefile

# == Start here

.PHONY: demo
demo: bundle ## Install what is missing and run the tour on a local cluster
	@./bin/quorate demo $(ARGS)

.PHONY: test
test: check test-unit test-contract test-simulation test-scenario ## Types, lint, and every suite that needs no Kubernetes; half an hour on two cores

.PHONY: deps
deps: node_modules/.installed ## Install Node 24 and the packages of the lock file

node_modules/.installed: package.json package-lock.json .npmrc
	@echo 'Installing Node 24 and the packages of the lock file …' >&2
	@npm ci --loglevel=error >&2
	@touch $@

# == Build

.PHONY: build
build: bundle dist/api/index.d.ts ## Everything that is built of the sources

.PHONY: bundle
bundle: dist/bin/quorate.cjs ## Bundle the sources into one file

dist/bin/quorate.cjs: node_modules/.installed scripts/bundle.ts $(wildcard scripts/slim/* scripts/supply/*) $(SOURCES)
	@$(NODE) scripts/bundle.ts

dist/api/index.d.ts: node_modules/.installed scripts/build-api-types.ts scripts/api/type-files.ts $(wildcard src/api/*.ts)
	@$(NODE) scripts/build-api-types.ts

.PHONY: image
image: deps ## Build the image with docker, podman, buildah or nerdctl; IMAGE=NAME:TAG
	@$(NODE) scripts/build-image.ts $(IMAGE)

.PHONY: image-rootfs
image-rootfs: bundle ## Lay out the same files, and Node, where there is no builder; DIR=FOLDER
	@[ -n '$(DIR)' ] || { echo 'Name a folder that is empty or absent: make image-rootfs DIR=FOLDER' >&2; exit 2; }
	@$(NODE) scripts/lay-out-image.ts '$(DIR)' --with-base

.PHONY: sbom
sbom: deps ## What is shipped of others: dist/sbom.cdx.json (CycloneDX) and dist/licences.txt
	@$(NODE) scripts/build-sbom.ts

.PHONY: manifests
manifests: deps ## Generate CRDs, docs/api.md, standalone, the chart's values, install.yaml and admission.yaml
	@$(NODE) scripts/generate-crds.ts
	@$(NODE) scripts/generate-standalone.ts
	@$(NODE) scripts/generate-chart.ts
	@$(NODE) scripts/generate-install.ts

# == Check and test

.PHONY: check
check: deps ## Types, lint, format and import rules
	$(NODE) node_modules/typescript/bin/tsc --noEmit -p .
	node_modules/.bin/biome check --error-on-warnings .

.PHONY: lint-manifests
lint-manifests: deps ## kubeconform and kube-score over every manifest; needs Go
	@$(NODE) scripts/lint-manifests.ts

.PHONY: audit
audit: deps ## Ask npm for known holes in what is shipped; needs the network
	@npm audit --omit dev

.PHONY: format
format: deps ## Rewrite the sources in the house format
	node_modules/.bin/biome check --write .

.PHONY: etcd
etcd: bundle ## Find, build or download the etcd versions the tests run
	@./bin/quorate etcd install all

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

.PHONY: test-e2e
test-e2e: bundle etcd manifests ## Everything on a real cluster: KUBECONFIG, QUORATE_E2E_LOAD_IMAGE (CONTRIBUTING.md)
	$(NODE) scripts/run-tests.ts e2e $(ARGS)

.PHONY: test-all
test-all: test test-integration lint-manifests $(if $(KUBECONFIG),test-e2e) ## All of it; end to end, too, where KUBECONFIG names a cluster

.PHONY: test-setup
test-setup: deps etcd ## Build or download what the tests run: etcd, kube-apiserver, Helm, linters
	@$(NODE) scripts/tools/ensure-kubernetes.ts
	@$(NODE) scripts/tools/ensure-all.ts

.PHONY: test-cleanup
test-cleanup: ## Delete the kind cluster, coverage and caches of tests
	@if command -v kind >/dev/null; then kind delete cluster --name $(KIND_CLUSTER); fi
	rm -rf coverage .cache

.PHONY: soak
soak: deps ## The simulator: ten million steps
	SIM_STEPS=10000000 $(NODE) scripts/run-tests.ts simulation

.PHONY: bench
bench: bundle ## Measure against bare etcd driven by hand (for contributors, about 13 minutes)
	@./bin/quorate bench $(ARGS)

.PHONY: bench-kube
bench-kube: bundle etcd ## Measure against a plain StatefulSet on the cluster of KUBECONFIG, set up as for test-e2e
	@$(NODE) scripts/bench-kube/run-kube-bench.ts $(ARGS)

.PHONY: bench-operator
bench-operator: bundle manifests etcd ## Measure the operator with many clusters against a real API server; ARGS="--clusters 5,50,1000"
	@$(NODE) scripts/tools/ensure-kubernetes.ts
	@$(NODE) scripts/bench-operator/run-operator-bench.ts $(ARGS)

# == On a Kubernetes cluster

.PHONY: kind-create
kind-create: ## Create a kind cluster; KIND_CLUSTER=NAME
	@command -v kind >/dev/null || { echo 'kind is not installed (kind.sigs.k8s.io); any other cluster that KUBECONFIG names will do as well.' >&2; exit 1; }
	kind create cluster --name $(KIND_CLUSTER)

.PHONY: install
install: ## Install CRDs and operator; IMAGE=NAME:TAG must be known to the nodes
	@sed 's|quorate:$(VERSION)$$|$(IMAGE)|' manifests/install.yaml | $(KUBECTL) apply --server-side -f -
	@if $(KUBECTL) api-resources --api-group=admissionregistration.k8s.io --output=name | grep -q '^validatingadmissionpolicies\.'; \
	then $(KUBECTL) apply --server-side -f manifests/admission.yaml; \
	else echo 'This Kubernetes has no ValidatingAdmissionPolicy (1.30): docs/operations.md says who refuses what without.' >&2; fi
	@$(KUBECTL) --namespace quorate-system rollout status deployment/quorate-operator --timeout=120s

.PHONY: uninstall
uninstall: deps ## Remove them, unless there are EtcdClusters; FORCE=1 deletes those, too
	@KUBECTL='$(KUBECTL)' FORCE='$(FORCE)' $(NODE) scripts/uninstall.ts

.PHONY: run
run: bundle ## Run the operator on this machine; IMAGE=NAME:TAG of the agents, ARGS='--namespaces …'
	@KUBECTL='$(KUBECTL)' $(NODE) scripts/run-operator.ts $(IMAGE) $(ARGS)

# == Clean

.PHONY: clean
clean: ## Remove what was built
	rm -rf dist coverage .cache
