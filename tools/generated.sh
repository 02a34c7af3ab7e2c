#!/bin/sh
# Fails when a committed generated file is not what its source generates.
set -eu
before=$(git ls-files -z '*_templ.go' '*_amd64.s' api/openapi.json | xargs -0 sha256sum)
go generate ./...
after=$(git ls-files -z '*_templ.go' '*_amd64.s' api/openapi.json | xargs -0 sha256sum)
if [ "$before" != "$after" ]; then
	echo "generated files are not up to date: run make generate and commit" >&2
	exit 1
fi
