// Package engine is the port through which a request becomes an image, or a
// reason why not.
//
// An [Engine] is told what to do ([Request]) and answers with a picture
// ([Result]), with a [*Refusal] when its maker's rules forbid the picture, or
// with an error. The implementations are the subfolders; every one passes the
// suite in enginetest, which states the contract as tests: it obeys its context,
// reports progress that only grows and completes, refuses what it does not
// offer with [ErrUnsupported], gives the size that [Request.Output] promises,
// keeps transparency, keeps grey grey and gives the same answer twice.
//
// Invariants: the size promised depends on nothing but the request
// (TestOutputIsPure); a request that no engine could run is told from one that
// this engine does not offer (TestCheckNamesTheField).
//
// It does not decide what a picture costs, who may ask, or what may be shown
// (lab, ledger and moderation do), and it reads and writes no files.
package engine
