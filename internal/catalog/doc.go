// Package catalog says what is sold and for how much, now and at any past
// moment: packs of credits in money, operations in credits.
//
// It is the file catalog.yaml in the shop's folder. A price is never changed:
// a new one is added with the moment it starts, so that what anybody paid can
// be explained later.
//
// Invariants: the price at a moment is the last one that had started
// (TestPriceIsTheOneInForceAtTheMoment); an operation's cost grows with the
// picture and is at least one credit (TestCostGrowsWithTheOutput); a faulty
// file does not load and the error names the entry (TestAFaultyCatalogDoesNotLoad).
//
// It does not decide discounts nor refunds.
package catalog
