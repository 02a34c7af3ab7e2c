// Package payment takes money through a processor's hosted page and records
// each payment once.
//
// A payment is an outside act: [Begin] writes the intention in the caller's
// transaction, [Open] asks the processor after the commit with the session's
// id as idempotency key, and [Sweep] finishes what a crash left. News arrive
// three ways: signed webhooks ([Receive], then [Work] from the queue), the
// customer's return ([Refresh]), and our own look at the processor's list of
// events ([Reconcile]). All three fetch the object, compare it with our own
// session and end in one place, which writes the charge and calls [Settle] in
// the same transaction.
//
// Invariants, each on both databases:
//   - a payment is settled once, whatever the number, order and concurrency of notices
//     (TestAThousandNoticesSettleOnce, TestFiftyDeliveriesAtOnceSettleOnce, TestAnyOrderOfNoticesSettlesOnce)
//   - what the processor did not sign in the last five minutes changes nothing (TestForgedAndStaleNoticesAreRefused)
//   - money of another amount, currency, mode or reference settles nothing and raises an alert (TestMismatchesAreParked)
//   - a second payment for one order is recorded and settled as a duplicate (TestASecondCaptureIsADuplicate)
//   - a crash between any two steps loses nothing (TestTheSweeperFinishesWhatACrashLeft)
//   - lost webhooks do not lose payments (TestLostWebhooksAreReconciled)
//   - money that was taken counts, whatever became of its session (TestMoneyCountsWhateverWeThoughtOfItsSession)
//   - no card number is stored: a card has a brand, four digits and a country
//
// It does not decide what is delivered for the money (order does), nor who
// gets money back (refund and dispute do).
package payment
