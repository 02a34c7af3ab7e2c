// Package api is the JSON API under /api/v1: it reads a request, calls one verb
// of a slice, and writes the answer. Its OpenAPI 3.1 description is emitted from
// the code, served at /api/openapi.json and committed as api/openapi.json.
//
// Errors are application/problem+json with a stable code and the sentence in
// the caller's language. What is not the caller's is 404.
//
// Invariants: the committed description is the one that the code emits
// (TestTheCommittedDescriptionIsTrue); every call refuses a caller without a
// token (TestEveryCallNeedsAToken) and another's ids with 404
// (TestAnothersIdsAreNotFound).
//
// It decides nothing: prices, limits and permissions are the slices'.
package api
