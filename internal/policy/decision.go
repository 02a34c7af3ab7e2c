package policy

import (
	"encoding/json"
	"time"

	"safelight/internal/fact"
	"safelight/internal/i18n"
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
	windows []measured
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

// measured is a window of the rule as it fell.
type measured struct {
	WindowRule
	opens, closes time.Time
}

// Step is a line of the arithmetic, or a window, for the customer.
type Step struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

// Facts are those that were decided about.
func (d *Decision) Facts() *fact.Case { return d.facts }

// Document is the policy that decided.
func (d *Decision) Document() *Document { return d.doc }

// Lang is the letter's language: the one asked for, or the policy's.
func (d *Decision) Lang() i18n.Lang {
	if d.facts.Lang != nil {
		return i18n.Lang(*d.facts.Lang)
	}
	return d.doc.Prevailing
}

type decisionJSON struct {
	Shop     string      `json:"shop"`
	Policy   string      `json:"policy"`
	Version  string      `json:"version"`
	Outcome  Outcome     `json:"outcome"`
	Remedies []Remedy    `json:"remedies"`
	Amount   string      `json:"amount,omitempty"`
	Currency string      `json:"currency,omitempty"`
	Fee      string      `json:"fee,omitempty"`
	Credits  *int64      `json:"credits,omitempty"`
	Clauses  []string    `json:"clauses"`
	Steps    []Step      `json:"steps"`
	Missing  []string    `json:"missing,omitempty"`
	Window   *windowJSON `json:"window,omitempty"`
	ReviewBy string      `json:"review_by,omitempty"`
	SettleBy string      `json:"settle_by,omitempty"`
	Letter   string      `json:"letter"`
}

type windowJSON struct {
	Opens  string `json:"opens"`
	Closes string `json:"closes"`
}

// MarshalJSON writes the decision with its steps and its letter in [Decision.Lang].
func (d *Decision) MarshalJSON() ([]byte, error) {
	j := decisionJSON{Shop: d.Shop, Policy: d.Policy, Version: d.Version, Outcome: d.Outcome, Remedies: d.Remedies,
		Amount: decimalOf(d.Amount), Fee: decimalOf(d.Fee), Credits: d.Credits, Clauses: d.Clauses, Missing: d.Missing,
		ReviewBy: stamp(d.ReviewBy), SettleBy: stamp(d.SettleBy), Steps: d.Steps(d.Lang()), Letter: d.Letter(d.Lang())}
	if d.Remedies == nil {
		j.Remedies = []Remedy{}
	}
	if d.Amount != nil {
		j.Currency = string(d.Amount.Currency)
	}
	if d.Window != nil {
		j.Window = &windowJSON{stamp(&d.Window.Opens), stamp(&d.Window.Closes)}
	}
	return json.Marshal(j)
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func decimalOf(a *money.Amount) string {
	if a == nil {
		return ""
	}
	return a.Decimal()
}
