GO ?= go
export CGO_ENABLED = 0
VERSION_FLAGS = -trimpath -ldflags "-s -w"
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.7.0
KILLS ?= 50

.PHONY: build run test lint bench bench-nexmark bench-go slt kill staticcheck race fuzz clean needs

build:
	$(GO) build $(VERSION_FLAGS) -o bin/streamsqld ./cmd/streamsqld

run: build
	bin/streamsqld --demo

# needs installs what the tests want besides Go, where it may.
needs:
	scripts/install-postgres

test: needs
	$(GO) vet ./...
	cd sql/parser/oracle && $(GO) vet ./... && $(GO) test ./...
	$(GO) test -p 2 -timeout 15m ./...

kill:
	$(GO) test -count=1 -v -run TestKill ./cmd/streamsqld -kills $(KILLS)

slt:
	$(GO) test -count=1 ./internal/slt

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "gofmt: the files above"; exit 1; }
	$(GO) vet ./...
	$(GO) test -count=1 ./internal/layers

staticcheck:
	$(GO) run $(STATICCHECK) ./...

# race runs the tests under Go's race detector, which wants a C compiler.
race: needs
	CGO_ENABLED=1 $(GO) test -race -timeout 60m ./exec ./state ./stream ./sql/parser ./wire ./connector/... ./internal/slt

fuzz:
	$(GO) test -run '^$$' -fuzz FuzzParse -fuzztime 30s ./sql/parser
	$(GO) test -count=1 -timeout 0 -run TestLaw ./internal/lawtest -random -law.time $(FUZZTIME) -law.stop 5
	$(GO) test -count=1 -timeout 0 -run TestLate ./internal/lawtest -late.time $(FUZZTIME)
	$(GO) test -count=1 -timeout 0 -run TestDifferential ./internal/lawtest -random -diff.time $(FUZZTIME) -diff.stop 20

bench: build
	scripts/install-duckdb
	$(GO) run ./internal/bench -server bin/streamsqld -python .tools/venv/bin/python -out docs/benchmarks.md

bench-nexmark: build
	$(GO) run ./internal/nexbench -server bin/streamsqld -runs 2 -out docs/benchmarks.md

# Parsing and planning; batch aggregation with one worker and two.
bench-go:
	$(GO) test ./optimizer -run XX -bench ParsePlan -benchtime 2000x -benchmem
	$(GO) test ./exec -run XX -bench 'Batch$$'

clean:
	rm -rf bin bench-data
