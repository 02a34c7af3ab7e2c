// Package obs lets an operator see what the program does: a structured log,
// request ids that tie its lines together, and metrics for Prometheus.
//
// The log's handler adds the request id that the context carries. Metrics
// live in a registry of their own and are served apart from the shop, on an
// address that is loopback unless the operator says otherwise.
//
// Invariants: every line written with a request's context carries its id
// (TestALineWrittenInARequestCarriesItsID); a log line cannot be forged by
// what it quotes (TestALineCannotBeForged); metrics are not offered beyond
// the machine unless asked (TestMetricsStayOnTheMachine).
//
// It does not decide what is worth a line; what an auditor may ask for is a
// row, not a line.
package obs
