# `make help` lists the targets.

GO      ?= go
BINARY  ?= downstatus_exporter
IMAGE   ?= downstatus_exporter
FUZZTIME ?= 30s
BENCHTIME ?= 1s

VERSION  := $(shell cat VERSION)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null)
# The commit's date, so that the same commit makes the same binary.
DATE     ?= $(shell git log -1 --format=%cI 2>/dev/null)

INFO    := github.com/prometheus/common/version
LDFLAGS := -s -w -X $(INFO).Version=$(VERSION) -X $(INFO).Revision=$(REVISION) \
	-X $(INFO).Branch=$(BRANCH) -X $(INFO).BuildDate=$(DATE)

# Packages in which goroutines meet.
RACE := ./alerts/bridge/... ./collector/... ./internal/app/... ./internal/board/... ./internal/history/... ./internal/poll/... ./sources/fetch/...

.PHONY: help
help: ## show this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the static binary
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(BINARY) .

.PHONY: test
test: ## run all tests
	$(GO) test ./...

.PHONY: test-race
test-race: ## run the tests of concurrent packages under the race detector
	$(GO) test -race $(RACE)

.PHONY: test-e2e
test-e2e: ## try the way to a notification with the real Prometheus and Alertmanager
	E2E_REQUIRED=1 $(GO) test -tags e2e -count 1 -v ./e2e

.PHONY: bench
bench: ## run all benchmarks
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./...

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME
	tools/fuzz $(FUZZTIME)

.PHONY: lint
lint: ## run golangci-lint, as tools/go.mod pins it
	$(GO) tool -modfile=tools/go.mod golangci-lint run ./...

.PHONY: fmt
fmt: ## format the code
	gofmt -s -w .

.PHONY: check
check: ## run what CI runs
	.ci/run

.PHONY: docker
docker: ## build the container image
	docker build --build-arg REVISION=$(REVISION) --build-arg BRANCH=$(BRANCH) --build-arg DATE=$(DATE) \
		-t $(IMAGE):$(VERSION) .

.PHONY: clean
clean: ## remove what the other targets made
	rm -f $(BINARY)
	$(GO) clean -testcache -fuzzcache
