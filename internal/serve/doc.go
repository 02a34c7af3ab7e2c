// Package serve is the HTTP plumbing that every transport stands on: handlers
// that return errors, one place where an error becomes a status, the headers
// and checks that protect a browser, limits, cookies, and a server that cuts
// slow clients and ends gracefully. It knows no product noun.
//
// A [Site] is made once by the wiring. [Site.Wrap] goes around the whole mux;
// [Site.Handle] turns a [Handler] into an http.Handler; [Identify] finds who
// a request comes from by a function that the wiring gives; [Site.Once] makes
// a POST with an Idempotency-Key happen once.
//
// Invariants:
//   - an error's cause is logged once and never shown (TestAnInternalErrorShowsNothing)
//   - a change asked for by another site is refused (TestAnotherSiteChangesNothing)
//   - a forwarded address counts only from a trusted proxy (TestOnlyATrustedProxyNamesTheClient)
//   - every answer has the protecting headers (TestEveryAnswerHasTheProtectingHeaders)
//   - a body larger than allowed is refused unread (TestABodyLargerThanAllowedIsRefused)
//   - an address that is no text is refused (TestAnAddressThatIsNoTextIsRefused)
//   - a client that stalls is cut (TestAClientThatStallsIsCut)
//   - at most Max events fall in any period of a [Window], across processes
//     (TestAWindowNeverLetsMoreThrough, TestAWindowIsSharedByProcesses)
//   - of many requests with one key one is carried out (TestOneOfManyWithTheSameKeyIsCarriedOut)
//   - the outcome of a dead process's request is not lost for ever
//     (TestARequestOfADeadProcessIsTakenOver)
//
// It does not decide how an error looks (the transport's [Renderer] does), who
// may do what (account and the slices do), nor what is worth limiting.
package serve
