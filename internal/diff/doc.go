// Package diff tells what is different between two versions of a document:
// clauses that came, went, changed or moved, settings with both values, and
// rules in words.
//
// Invariants: a comparison holds both texts whole
// (TestAComparisonHoldsBothTextsWhole) and marks the words that changed
// (TestAComparisonMarksTheWordsThatChanged); a document does not differ from
// itself, and a change names what changed (TestADifferenceNamesWhatChanged);
// each clause is told once (TestClausesThatComeGoAndMoveAreTold).
//
// It does not decide which versions there are: edition keeps them.
package diff
