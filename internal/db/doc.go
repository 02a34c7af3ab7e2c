// Package db is the one door to SQL: one text for SQLite and PostgreSQL.
//
// A verb that writes takes a [Tx] from [DB.InTx]; a question takes one from
// [DB.View]. The closure may run more than once and touches nothing but its
// Tx; it must not call InTx or View itself. When InTx returns nil, what the
// closure wrote is durable.
//
// On SQLite waiting closures run one after another, each in a savepoint,
// under one durable commit (package sqlite). On PostgreSQL each closure is a
// transaction, repeated when the server could not serialise it (package
// postgres).
//
// Values: a time is stored as microseconds UTC and the zero time as NULL, a
// bool as 0 or 1; both go in and out of a Tx as themselves. Everything else
// is text or an integer.
//
// Invariants, on both databases:
//   - a closure that fails or panics leaves nothing, and harms no neighbour
//     (TestAFailedClosureLeavesNothing, TestAPanicReachesItsOwnCallerAlone)
//   - what InTx acknowledged survives (TestAcknowledgedWritesSurviveReopening)
//   - a cancelled caller harms no neighbour (TestACancelledCallerHarmsNoNeighbour)
//   - a View never writes (TestAViewCannotWrite)
//   - statements given to Later and Together run in their order, with the rest
//     of the transaction or not at all (TestStatementsSentTogetherKeepTheirOrder,
//     TestALateStatementThatFailsLosesTheTransaction)
//   - times and booleans come back as they went in (TestValuesComeBackAsTheyWentIn)
//   - both databases have the same tables and columns (TestSchemasAreEqual)
package db
