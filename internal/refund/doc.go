// Package refund decides cases by the policy that was in force, and keeps what
// was decided.
//
// A [Desk] decides: by the version of the refund policy that was in force when
// the customer paid, or by a later one where that gives them more and the
// policy says so. [Record] keeps a decision with the facts it was made on, never
// to be changed. [Replay] decides all of them once more under a draft, to see
// whom a change of the text would touch before it is posted.
//
// Invariants, on both databases:
//   - the version at the purchase decides, and a later one where it is better
//     and the policy says so (TestTheVersionAtThePurchaseDecides)
//   - what was recorded is replayed as it was decided, not as it would be
//     decided today (TestAReplayComparesWithWhatWasDecided)
//   - replaying under the same text changes nothing (TestTheSameTextFlipsNothing)
//   - the sums of a replay are those of its cases (TestTheSumsAreThoseOfTheCases)
//
// It does not pay: settling comes with a later slice. It does not know how a
// rule works: policy does.
package refund
