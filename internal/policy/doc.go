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
// placeholder is filled (TestPresetsLoad). A comparison of two versions holds
// both texts whole (TestAComparisonHoldsBothTextsWhole); a document is the same
// PDF each time (TestAPolicyBecomesTheSamePDFEachTime); a form that asks for
// [Document.Asks] asks for nothing that changes nothing, and for all that does
// (TestAFormAsksOnlyWhatTheRulesForTheGroundUse,
// TestWhatIsNotAskedChangesNothing).
//
// It does not decide who accepted what: account and order keep the proofs.
package policy
