package ledger

// VerifyIn verifies what one transaction sees, for tests that roll it back.
var VerifyIn = verifyIn

// OnePage and OfOwners are the queries of a page of the statement and of
// Verify, for a test that asks how they are run.
const OnePage, OfOwners = onePage, ofOwners
