// Package sandbox is a processor that takes no real money: a stateful server
// of Stripe's wire protocol, so that a shop runs, and its tests run, through
// the very adapter that takes real money elsewhere.
//
// It serves the API under /sandbox/stripe/v1, a hosted page under
// /sandbox/pay, and controls under /sandbox/control that make what a processor
// does on a bad day: duplicates, disputes, webhooks lost, late or out of
// order. Its state is in the shop's database, so that processes share it and
// none loses it. Its time is the shop's, which its clock control moves.
//
// Invariants:
//   - it never runs beside real money (TestASandboxRefusesALiveShop)
//   - its controls answer on the same machine alone, elsewhere with the token (TestControlsAnswerOnLoopbackOrWithTheToken)
//   - a POST repeated under its key changes nothing and answers the same (TestAKeyAnswersTheSame)
//   - a session is paid once, however many try at the same time (TestASessionIsPaidOnce)
//   - a card's number is compared and forgotten: no row holds one (TestNoCardNumberIsStored)
//
// It does not know what is sold, and calls nothing of the shop but its webhook.
package sandbox
