# Everything is a Go command; the targets are the ones worth remembering.

.PHONY: run test check generate bench e2e soak install

# Serves the shop at http://127.0.0.1:8080 with SQLite, the on-board engine and
# the sandbox processor. Needs nothing but Go.
run:
	go run ./cmd/safelight serve --shop shops/opendream

install:
	@tools/install.sh

# All tests, on SQLite and PostgreSQL. Installs and starts what it needs.
test: install
	go run ./tools/withpostgres go test -timeout 15m ./...

# Format, vet, lint, map, package docs, generated files.
check:
	@test -z "$$(gofmt -l cmd internal tools)" || { gofmt -l cmd internal tools; echo "gofmt these files"; exit 1; }
	go vet ./...
	go test ./internal/layout ./internal/i18n
	go tool -modfile=tools/lint/go.mod golangci-lint run ./...
	tools/generated.sh

generate:
	go generate ./...

# Figures, each as a ratio to a peer in the same run.
bench: install
	go run ./tools/ledgerbench
	go run ./cmd/safelight bench policy

# The stories by the real binary and in the browser alone.
e2e: install
	go run ./tools/withpostgres go test -timeout 15m -count 1 ./cmd/...

# Kills the product a hundred times during jobs; the books must balance.
soak: install
	SAFELIGHT_KILL_ROUNDS=100 go run ./tools/withpostgres go test -timeout 60m -count 1 -run Kill -v ./cmd/...
