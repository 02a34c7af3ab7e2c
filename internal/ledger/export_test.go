package ledger

// VerifyIn verifies what one transaction sees, for tests that roll it back.
var VerifyIn = verifyIn
