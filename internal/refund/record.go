package refund

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/fact"
	"safelight/internal/id"
	"safelight/internal/money"
	"safelight/internal/policy"
)

// DecisionID is the id of a recorded decision: "dec_…".
type DecisionID string

// A Verdict is what a decision comes to, without its reasons.
type Verdict struct {
	Outcome  policy.Outcome  `json:"outcome"`
	Remedies []policy.Remedy `json:"remedies"`
	Clauses  []string        `json:"clauses"`
	Amount   int64           `json:"amount,omitempty"` // minor units
	Fee      int64           `json:"fee,omitempty"`
	Credits  int64           `json:"credits,omitempty"`
}

// VerdictOf takes it from a decision.
func VerdictOf(d *policy.Decision) Verdict {
	v := Verdict{Outcome: d.Outcome, Remedies: d.Remedies, Clauses: d.Clauses, Amount: amount(d)}
	if d.Fee != nil {
		v.Fee = d.Fee.Minor
	}
	if d.Credits != nil {
		v.Credits = *d.Credits
	}
	return v
}

// A Recorded decision is one that was made.
type Recorded struct {
	ID       DecisionID
	Facts    []byte // as fact.Parse reads them
	Currency money.Currency
	Version  string // of the policy
	Hash     string
	Verdict  Verdict
	At       time.Time // when it was recorded
}

// Record keeps a decision with its facts.
func Record(ctx context.Context, tx *db.Tx, d *policy.Decision) (DecisionID, error) {
	facts, err := d.Facts().MarshalJSON()
	if err != nil {
		return "", fmt.Errorf("refund: record: %w", err)
	}
	verdict, err := json.Marshal(VerdictOf(d))
	if err != nil {
		return "", fmt.Errorf("refund: record: %w", err)
	}
	r := Recorded{ID: id.New[DecisionID]("dec"), Facts: facts, Currency: currency(d.Facts()), Version: d.Version, Hash: d.Document().Hash, At: tx.Now()}
	return r.ID, insert(ctx, tx, r, string(*d.Facts().Ground), d.Outcome, verdict)
}

func currency(c *fact.Case) money.Currency {
	if c.Order.Currency == nil {
		return ""
	}
	return money.Currency(*c.Order.Currency)
}
