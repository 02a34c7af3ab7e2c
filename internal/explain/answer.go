package explain

import (
	"encoding/json"
	"time"

	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/policy"
)

// An Answer is a decision as JSON gives it: with its steps and its letter, in
// the language that the facts ask for, or else the policy's.
type Answer struct{ Decision *policy.Decision }

type answerJSON struct {
	Shop     string          `json:"shop"`
	Policy   string          `json:"policy"`
	Version  string          `json:"version"`
	Outcome  policy.Outcome  `json:"outcome"`
	Remedies []policy.Remedy `json:"remedies"`
	Amount   string          `json:"amount,omitempty"`
	Currency string          `json:"currency,omitempty"`
	Fee      string          `json:"fee,omitempty"`
	Credits  *int64          `json:"credits,omitempty"`
	Clauses  []string        `json:"clauses"`
	Steps    []Step          `json:"steps"`
	Missing  []string        `json:"missing,omitempty"`
	Window   *windowJSON     `json:"window,omitempty"`
	ReviewBy string          `json:"review_by,omitempty"`
	SettleBy string          `json:"settle_by,omitempty"`
	Letter   string          `json:"letter"`
}

type windowJSON struct {
	Opens  string `json:"opens"`
	Closes string `json:"closes"`
}

// MarshalJSON implements json.Marshaler.
func (a Answer) MarshalJSON() ([]byte, error) {
	d, l := a.Decision, a.lang()
	j := answerJSON{Shop: d.Shop, Policy: d.Policy, Version: d.Version, Outcome: d.Outcome, Remedies: d.Remedies,
		Amount: decimalOf(d.Amount), Fee: decimalOf(d.Fee), Credits: d.Credits, Clauses: d.Clauses, Missing: d.Missing,
		ReviewBy: stamp(d.ReviewBy), SettleBy: stamp(d.SettleBy), Steps: Steps(d, l), Letter: Letter(d, l)}
	if d.Remedies == nil {
		j.Remedies = []policy.Remedy{}
	}
	if d.Amount != nil {
		j.Currency = string(d.Amount.Currency)
	}
	if d.Window != nil {
		j.Window = &windowJSON{stamp(&d.Window.Opens), stamp(&d.Window.Closes)}
	}
	return json.Marshal(j)
}

func (a Answer) lang() i18n.Lang {
	if l := a.Decision.Facts().Lang; l != nil {
		return i18n.Lang(*l)
	}
	return a.Decision.Document().Prevailing
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
