// Package explain says in words what the policies decide and how: the letter of
// a decision, its steps, a rule, a worked example, and what people read for
// grounds, outcomes, remedies and facts. Nothing is written beside the rules:
// conditions and arithmetic are said from the expressions that decided, with
// the values that they had in the case.
//
// Invariants: what is explained is what decided (TestWhatIsExplainedIsWhatDecided);
// every expression has words (TestEveryExpressionHasWords); a letter says what
// was decided, by which clauses, on which facts, by which arithmetic and what
// follows, in each language (TestALetterIsComplete), quotes no clause but those
// that decided (TestALetterCitesNoOtherClause) and shows no name that is for
// policies alone, whatever the case (TestLettersAreForPeopleWhateverTheCase,
// TestRulesAndExamplesAreForPeople); the steps hold the exact arithmetic
// (TestStepsHoldTheExactArithmetic); whatever can stand in a case has a name in
// every language (TestEverythingHasANameInEveryLanguage).
//
// It does not decide: the outcome, the amount and the clauses are policy's. Nor
// does it know who is written to: web, api and the command line show what it
// says.
package explain
