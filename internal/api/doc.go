// Package api is the JSON API under /api/v1: it reads a request, calls one verb
// of a slice, and writes the answer. Its OpenAPI 3.1 description is emitted from
// the code, served at /api/openapi.json and committed as api/openapi.json.
//
// Errors are application/problem+json with a stable code and the sentence in
// the caller's language, whoever refuses: a slice, huma, the routes or the
// upload protocol. What is not the caller's is 404.
//
// Invariants, on both databases:
//   - the committed description is the one that the code emits, and its
//     examples fit it (TestTheCommittedDescriptionIsTrue,
//     TestEveryExampleIsAsDescribed)
//   - every call refuses a caller without a token (TestEveryCallNeedsAToken) and
//     another's ids with 404 (TestAnothersIdsAreNotFound)
//   - a key is carried out once, also when the process died before the answer
//     (TestAKeyIsCarriedOutOnce, TestAKeyIsCarriedOutOnceAlthoughTheOutcomeWasLost,
//     TestOfTwoAtTheSameMomentOneIsCarriedOut)
//   - no more jobs are accepted than the credits buy (TestNoMoreJobsThanCreditsBuy)
//   - one account does not hold the database's connections against the others,
//     and nobody is refused for the number of jobs (TestAFewOfOneAccountAtATime)
//   - whatever is sent, nothing fails and each refusal is a problem with a
//     status that is described (TestHostileInputIsRefusedWithAProblem,
//     TestRefusalsAreProblems)
//
// It decides nothing: prices, limits and permissions are the slices'.
package api
