// Package ledger keeps credits, by double entry: the only way to move them.
//
// A transaction has entries, and an entry moves an amount of one lot from an
// account to another: issued → available → held → consumed, back by release
// and restore, and out by expiry, revocation and forfeiture. Transactions and
// entries are never changed; what is left of a lot and what an owner has are
// projections of them, which [Verify] rebuilds and compares. A hold is a
// transaction, and so is its settlement: there is no state besides.
//
// An owner's transactions are a list. The owner's row names the last one, each
// names the one before it, and each has the next number: statements and Verify
// follow the list from its end, by the primary key. What can happen to a
// transaction once has an id made of that transaction's: "hold_X" is settled by
// "end_X", a freeze is lifted by "lift_X", a revocation undone by "undo_X".
//
// Every verb takes the owner's row first, so that the verbs of one owner run
// one after another and those of others do not wait. Each acts once for a key.
// A verb that returns an error has changed nothing.
//
// Credits are spent in this order, which a shop may publish: lots of lower
// priority; earlier expiry, those that never expire last; promotional, then
// bonus, then goodwill, then paid; the oldest. What is lost most easily goes
// first: a refund takes an unspent bonus back, and only what was paid for is
// worth money.
//
// Transactions are sealed in blocks of a hash chain after their commit
// ([Seal]); the order in a block is that of the ids.
//
// Invariants, by their numbers in the design, each on both databases:
//   - I1 every transaction sums to zero: an entry has two sides
//     (TestEntriesSumToZero)
//   - I2, I3, I4 0 ≤ held ≤ remaining ≤ granted, and both are what the entries
//     say (TestRandomHistories, and a CHECK of the table)
//   - I5 a hold is settled once, captured + released = amount
//     (TestRandomHistories, TestAHoldIsSettledOnce)
//   - I6 an expired lot is never spendable, whether or not a sweeper ran
//     (TestExpiredLotsAreNeverSpendable)
//   - I7 a hold taken before expiry can be captured after it, and what is
//     released after it is not spendable (TestHoldsOutliveExpiry)
//   - I8 the same key acts once and answers the same; with another request it
//     is refused (TestTheSameKeyActsOnce, TestFiftySendersOfOneKey)
//   - I9 restoring goes to the same lots in reverse order (TestRestoreGoesBack)
//   - I10 a named lot is the one that is touched (TestANamedLotIsTheOneTouched)
//   - I11 no more comes back than was captured (TestRestoreGoesBack)
//   - I12 what is rebuilt from the entries is what is stored
//     (TestRandomHistories), and any other row is found
//     (TestTamperingIsFound)
//   - nobody spends what is not there, however many try at once
//     (TestTwoHundredSpenders)
//   - no amount wraps (FuzzAmounts)
//   - every transaction is in its owner's list once; a list that is cut, forks,
//     goes round or leaves one out is found (TestTamperingIsFound)
//   - neither spent lots nor a long history slow an owner
//     (TestSpentLotsAreNotRead, TestAHistoryIsReadByItsList)
//
// It does not know why credits move nor what they are worth in a refund: order,
// lab, refund and dispute do. Money returned per charge (the other half of I11)
// is refund's.
package ledger
