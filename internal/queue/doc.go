// Package queue runs jobs that are enqueued in a transaction, on SQLite and on
// PostgreSQL alike. River (river_… tables, brought up to date by [Migrate])
// keeps the jobs, hands them out and retries them; what this package adds is
// what becomes of a job when its process does not live to report.
//
// Each process moves a beat on in queue_worker. Another one that sees it stand
// still for the lease, by its own time, strikes it off and puts its jobs back.
// A process that is silent, or was struck off, ends the contexts of its jobs,
// and what they report is thrown away: the attempt's number is the fence, in
// [Run.Finish] and before River's own reports.
//
//	waiting ──▶ running ──▶ done
//	   ▲           ├──▶ waiting     the process stops: the attempt is not counted
//	   └─ retrying ◀──┤              an error, or the process ended
//	               ├──▶ given up    attempts used up, or a permanent error ─▶ OnDead
//	   waiting ────┴──▶ cancelled   while running ─▶ OnDead
//
// Invariants, each on both databases:
//   - a job exists exactly if its transaction committed
//     (TestARolledBackJobDoesNotExist, TestTenThousandTransactionsEnqueueExactlyWhatTheyCommit)
//   - one unfinished job a key (TestAKeyIsTakenUntilItsJobHasFinished)
//   - a job whose process was killed runs again within the lease and two beats
//     (TestAJobWhoseProcessWasKilledRunsAgain); one that kills its process is
//     given up (TestAJobThatKillsItsProcessIsGivenUp)
//   - a lost attempt counts for nothing (TestAnAttemptThatWasLostCountsForNothing);
//     a report is thrown away for a lost attempt alone
//     (TestALaterAttemptWaitsForTheReportOfALostOne)
//   - no job runs twice at a time (TestTwoProcessesShareTheWorkAndNoJobRunsTwice)
//   - what OnDead writes takes effect once (TestAJobGivenUpRunsItsOnDeadOnce)
//   - a stopped worker hands its jobs on (TestAStoppedWorkerHandsItsJobsOnUncounted)
//   - cancelling reaches a running job in any process
//     (TestARunningJobsContextEndsWhenItIsCancelledElsewhere)
//   - a tick runs in one process at a time
//     (TestATickRunsInOneProcessAtATimeAndOutlivesItsKeeper)
//   - an ID never finds another job (TestAnIDOfAnotherJobFindsNothing)
//
// All this goes by the machine's time. What is due by the shop's clock is rows
// of the slices, which a tick looks up; how far a job has come is the slice's
// to keep. A handler may run more than once: what it does must bear that, or be
// one transaction with [Run.Finish].
package queue
