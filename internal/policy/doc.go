// Package policy loads a shop's published texts: refund policy, privacy policy
// and terms, each a Markdown file with clauses, one language prevailing; and
// decides cases by the rules that stand beside the clauses.
//
// The same file is the page that people read, the source of the statement that
// a buyer ticks at checkout, and the rule that decides, so that page, statement,
// decision and proof cannot disagree. A document's hash covers the bytes of all
// its languages: a proof that names it names one text. A decision keeps its
// rule, and [Document.Evaluate] gives the values that made it, to be read alone.
//
// Invariants: a document without a version, a clause id used twice, or a
// translation whose clauses differ does not load (TestAFaultyPolicyDoesNotLoad);
// a changed byte changes the hash (TestTheHashCoversEveryLanguage); every
// placeholder is filled (TestPresetsLoad); the presets are proven on made-up
// cases (TestThePresetsAreProven), and a fault is named where it stands
// (TestFaultsAreNamedWhereTheyAre); a document is the same PDF each time
// (TestAPolicyBecomesTheSamePDFEachTime); a form that asks for [Document.Asks]
// asks for nothing that changes nothing, and for all that does
// (TestAFormAsksOnlyWhatTheRulesForTheGroundUse,
// TestWhatIsNotAskedChangesNothing).
//
// It does not decide who accepted what: account and order keep the proofs. It
// does not say a decision in words: explain does.
package policy
