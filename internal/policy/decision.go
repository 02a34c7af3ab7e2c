package policy

import (
	"time"

	"safelight/internal/fact"
	"safelight/internal/money"
)

// A Decision is the answer to a case.
type Decision struct {
	Shop, Policy, Version string

	Outcome  Outcome
	Remedies []Remedy // best first
	Amount   *money.Amount
	Fee      *money.Amount
	Credits  *int64
	Clauses  []string // the decisive one first
	Missing  []string // names of facts
	Window   *Window
	ReviewBy *time.Time
	SettleBy *time.Time
	Reason   Reason

	doc     *Document
	facts   *fact.Case
	rule    *Rule
	branch  *Branch
	windows []Measured
}

// A Window is a time in which a ground can be claimed; both instants are in.
type Window struct{ Opens, Closes time.Time }

// Reason is which step of the rule decided.
type Reason string

// The reasons.
const (
	ByRule       Reason = "rule"      // the rule's own outcome
	NotFounded   Reason = "unfounded" // the claim does not hold
	TooLate      Reason = "late"
	NothingLeft  Reason = "nothing" // the amount is zero
	PapersWanted Reason = "evidence"
	NotKnown     Reason = "unknown" // a fact of the shop's own records is missing
)

// Measured is a window of the rule as it fell.
type Measured struct {
	WindowRule
	Opens, Closes time.Time // both are in
}

// Facts are those that were decided about.
func (d *Decision) Facts() *fact.Case { return d.facts }

// Document is the policy that decided.
func (d *Decision) Document() *Document { return d.doc }

// Rule is the one that decided; nil where none speaks of the case.
func (d *Decision) Rule() *Rule { return d.rule }

// Branch is the outcome of the rule that was chosen; nil where the decision
// fell before that.
func (d *Decision) Branch() *Branch { return d.branch }

// Windows are those of the rule that exist in the case and whose beginning is
// known, in the rule's order.
func (d *Decision) Windows() []Measured { return d.windows }
