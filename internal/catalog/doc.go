// Package catalog says what is sold and for how much, now and at any past
// moment: packs of credits, passes, subscription plans, commissions and prints
// in money, operations in credits.
//
// It is the file catalog.yaml in the shop's folder. A price is never changed:
// a new one is added with the moment it starts, so that what anybody paid can
// be explained later. What is in the catalog has a price; whether the product
// can sell it yet is for the flows to know.
//
// Invariants: the price at a moment is the last one that had started
// (TestPriceIsTheOneInForceAtTheMoment, TestEverythingIsFoundWithItsPriceAtTheMoment);
// an id names one thing of one kind (TestWhatIsNotSoldIsNotFound); an
// operation's cost grows with the picture and is at least one credit
// (TestCostGrowsWithTheOutput); a faulty file does not load and the error names
// the file, the entry and the field (TestAFaultyCatalogDoesNotLoad).
//
// It does not decide discounts nor refunds.
package catalog
