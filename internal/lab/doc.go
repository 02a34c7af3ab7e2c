// Package lab takes uploads in and makes pictures of them: uploads become
// images, images become jobs, jobs become images.
//
// It owns what an image and a job are, whose they are, where their files lie
// and how long they stay. A job's statuses:
//
//	           ┌──────── an attempt failed ───────┐
//	           ▼                                  │
//	Start ─▶ queued ───── an attempt begins ───▶ running ──── delivered ───▶ success
//	           │                                  │ │
//	           ├────── given up, refused ─────────┤ └─ another begins ─▶ running
//	           ▼                                  ▼
//	         failed                             failed
//
//	queued, running ──── Cancel, the photo is deleted ───▶ cancelled
//
// Credits are held from Start on, captured on the one way into success, and
// released on every other way out, each in the transaction that moves the
// status. Success, failed and cancelled are for ever.
//
// A file is announced in lab_leftover before it is written, taken off that list
// by the transaction that owns it, and put on it again by the transaction that
// deletes it. The sweep deletes what is on the list and due, so that a crash at
// any point leaves neither a file that nobody owns nor an image without files.
//
// Invariants:
//
//   - the price is what was shown, and is charged once
//     (TestOD_R_1_TheCostIsShownBeforeAndChargedAsShown,
//     TestAPassingFailureIsTriedAgainAndChargedOnce)
//   - exactly as many jobs start as can be paid (TestNobodyStartsMoreJobsThanTheyCanPay)
//   - a job that does not succeed gives its credits back
//     (TestOD_R_2_1_AFailedJobGivesItsCreditsBack, TestACancelledJobGivesItsCreditsBackAtOnce)
//   - no way between statuses but the drawn ones (TestTheWaysBetweenTheStatuses)
//   - of several attempts the last alone counts
//     (TestOnlyTheLastAttemptMayDeliver, TestAJobDeliveredTwiceRunsOnce)
//   - "Delete all" leaves nothing in the storage
//     (TestOD_P_4_3_DeleteAllLeavesNothingInStorage, TestADeletionThatWasCutShortIsFinished)
//   - images go when their time is over, but not under a job
//     (TestAnImageGoesWhenItsTimeIsOver, TestAnOriginalDeletedDuringItsJobCancelsIt)
//   - files that a crash left go, files with an owner never
//     (TestFilesThatACrashLeftAreSwept, TestAnOwnedFileIsNeverSwept)
//   - nothing that is kept or made says where or by whom a photo was taken
//     (TestNoPlaceOrOwnerOfAPhotoIsKept)
//   - another's ids are not found (TestAnothersIdsAreNotFound,
//     TestHostileUploadRequestsAreRefused)
//   - an upload that breaks off goes on where it was, in any process
//     (TestAnUploadThatBreaksOffGoesOnWhereItWas, TestAnUploadThatACrashCutIsTakenLater)
//
// It does not decide what is sold for how much (catalog), who has how many
// credits (ledger), how pictures are read, written or made (picture, engine),
// or who is asking (the transports).
package lab
