// Package account is about people: who they are, how they prove it, what they
// agreed to, and whether they may act.
//
// [People] has the verbs that need the shop's settings; those that hash a
// password open their own transactions, because hashing is heavy and belongs
// in none. The rest are functions that take a transaction. [People.Identify]
// is the glue for HTTP: after it [Who] tells a handler who asks.
//
// Passwords are kept as argon2id; sessions, API tokens and the tokens of
// links as SHA-256 of at least 160 random bits.
//
// Invariants:
//   - no secret is stored (TestNoSecretIsStored)
//   - whether an address has an account cannot be told from answers or from
//     the work done (TestStrangersCannotTellWhoHasAnAccount)
//   - guessing is stopped (TestAHundredGuessesAreStopped)
//   - a link acts once, even for many at once (TestALinkActsOnce)
//   - signing out, a new password and a suspension end sessions
//     (TestASessionEndsWhenItShould)
//   - nobody becomes a customer without the statements, kept word for word
//     (TestConsentsAreKeptWordForWord)
//   - a proof of acceptance that was changed, removed or put elsewhere is found
//     (TestAProofThatWasTouchedIsFound), and nobody who accepts waits for the
//     chain that shows it (TestAHundredWhoAcceptAtOnceAreAllInTheChain)
//   - an address has one account, however it is spelt
//     (TestAnAddressHasOneAccountHoweverItIsSpelt)
//   - an API token cannot make another, nor act as a session
//     (TestATokenIsNotASession)
//   - memory for hashing is bounded (TestHashingIsBounded)
//
// It does not decide what a verified person is given (Config.OnVerified), how
// letters look (mail), what the documents say (policy), nor why an account is
// suspended (the flows do).
package account
