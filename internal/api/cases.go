package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/explain"
	"safelight/internal/fact"
	"safelight/internal/fault"
	"safelight/internal/order"
	"safelight/internal/serve"
)

// Decision is the answer to a case. Its amounts are decimals in its own
// currency: they are what the letter says.
type Decision struct {
	Shop     string   `json:"shop"`
	Policy   string   `json:"policy" doc:"The document that decided."`
	Version  string   `json:"version" doc:"Of that document."`
	Outcome  string   `json:"outcome" enum:"grant,deny,review,incomplete" doc:"review: a person decides. incomplete: something required is missing."`
	Remedies []string `json:"remedies" doc:"Best first: redeliver, credit, refund, replace, revise, cancel_at_period_end. For review, what the person may choose."`
	Amount   string   `json:"amount,omitempty" doc:"Money to be refunded, as a decimal; for review the most that is allowed." example:"14.90"`
	Currency string   `json:"currency,omitempty"`
	Fee      string   `json:"fee,omitempty" doc:"A cancellation fee that is kept back, as a decimal."`
	Credits  *int64   `json:"credits,omitempty"`
	Clauses  []string `json:"clauses" doc:"The clauses that decided, the decisive one first."`
	Steps    []Step   `json:"steps" doc:"The arithmetic and the windows, in order."`
	Missing  []string `json:"missing,omitempty" doc:"For incomplete: the names of what is missing."`
	Window   *Window  `json:"window,omitempty"`
	ReviewBy string   `json:"review_by,omitempty" format:"date-time"`
	SettleBy string   `json:"settle_by,omitempty" format:"date-time"`
	Letter   string   `json:"letter" doc:"The written justification, in the language of the account."`
}

// Step is a line of the arithmetic.
type Step struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

// Window is the period in which the ground can be claimed; both ends are in.
type Window struct {
	Opens  string `json:"opens" format:"date-time"`
	Closes string `json:"closes" format:"date-time"`
}

type previewed struct {
	Order  string `query:"order_id" required:"true" doc:"One of your orders."`
	Ground string `query:"ground" required:"true" doc:"What you claim, such as duplicate_charge."`
}

// errGround means that nobody can claim this.
var errGround = fault.New(fault.Invalid, "api.ground", "This is not a ground that can be claimed.")

func (a *API) cases() {
	call(a, huma.Operation{OperationID: "preview-case", Method: http.MethodGet, Path: "/api/v1/cases/preview", Tags: []string{"Cases"},
		Summary: "What would be decided now", Description: "Decides a request about one of your orders by the refund policy and by what the shop's " +
			"records say, as if you made it now. Nothing is stored.",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity}}, a.previewCase)
}

func (a *API) previewCase(ctx context.Context, who account.Visitor, in *previewed) (*body[Decision], error) {
	if !slices.Contains(fact.Grounds, fact.Ground(in.Ground)) {
		return nil, errGround.On("ground")
	}
	records, err := db.Ask(ctx, a.DB, func(tx *db.Tx) (order.Records, error) {
		o, err := order.Find(ctx, tx, who.Account.ID, order.ID(in.Order))
		if err != nil {
			return order.Records{}, err
		}
		return order.ReadRecords(ctx, tx, a.Desk, who.Account, o)
	})
	if err != nil {
		return nil, err
	}
	c := records.Facts(fact.Ground(in.Ground))
	lang := string(serve.Lang(ctx))
	c.Lang = &lang
	decision, err := a.Refunds.Decide(ctx, c)
	if err != nil {
		return nil, err
	}
	text, err := explain.Answer{Decision: decision}.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var out body[Decision]
	return &out, json.Unmarshal(text, &out.Body)
}
