// Package stripe takes money through Stripe Checkout: a full redirect to
// Stripe's hosted page, in payment mode, by card.
//
// What leaves for Stripe is what a payment needs: the payer's e-mail, the
// order's id and number, the amount and the name of what is bought
// (TestOnlyWhatIsNeededLeavesForTheProcessor). The API version is the one that
// the client library was made for; notices of any version are accepted, since
// only their id, type and object are read.
//
// The adapter tells facts and decides nothing: package payment compares them.
package stripe
