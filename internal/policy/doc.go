// Package policy loads a shop's published texts: refund policy, privacy policy
// and terms, each a Markdown file with clauses, one language prevailing.
//
// The same file is the page that people read and the source of the statement
// that a buyer ticks at checkout, so that page, statement and proof cannot
// disagree. A document's hash covers the bytes of all its languages: a proof
// that names it names one text.
//
// Invariants: a document without a version, a clause id used twice, or a
// translation whose clauses differ does not load (TestAFaultyPolicyDoesNotLoad);
// a changed byte changes the hash (TestTheHashCoversEveryLanguage); every
// placeholder is filled (TestPresetsLoad).
//
// It does not decide who accepted what: account and order keep the proofs.
package policy
