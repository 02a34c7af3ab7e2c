package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/ledger"
)

// stamp writes a moment; none is null.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339Nano)
	return &s
}

// body wraps an answer for huma.
type body[T any] struct{ Body T }

// page is the part of a list that is asked for.
type page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"100" doc:"At most so many, newest first."`
	Before string `query:"before" doc:"The last id of the page before."`
}

// valid refuses what is not an id of the kind that is listed.
func (p page) valid(prefix string) error {
	if p.Before == "" {
		return nil
	}
	return valid(prefix, p.Before, ErrPage.On("before"))
}

// Me is the caller.
type Me struct {
	ID        string `json:"id"`
	UID       string `json:"uid" doc:"What to name when writing to support."`
	Email     string `json:"email"`
	Locale    string `json:"locale"`
	State     string `json:"state"`
	CreatedAt string `json:"created_at" format:"date-time"`
}

// Credits are what the caller has.
type Credits struct {
	Balance int64 `json:"balance" doc:"What can be spent now."`
	Held    int64 `json:"held" doc:"Set aside for jobs under way."`
	Lots    []Lot `json:"lots"`
}

// Lot is credits that came together.
type Lot struct {
	ID        string  `json:"id"`
	Kind      string  `json:"kind" enum:"paid,bonus,promotional,goodwill"`
	Remaining int64   `json:"remaining"`
	ExpiresAt *string `json:"expires_at" format:"date-time" doc:"null: they do not expire."`
}

func (a *API) people() {
	call(a, huma.Operation{OperationID: "me", Method: http.MethodGet, Path: "/api/v1/me", Summary: "Who the token belongs to", Tags: []string{"Account"}},
		func(_ context.Context, who account.Visitor, _ *struct{}) (*body[Me], error) {
			p := who.Account
			return &body[Me]{Me{ID: string(p.ID), UID: p.UID, Email: p.Email, Locale: string(p.Locale), State: string(p.State),
				CreatedAt: *stamp(p.CreatedAt)}}, nil
		})
	call(a, huma.Operation{OperationID: "credits", Method: http.MethodGet, Path: "/api/v1/credits", Summary: "The balance and what it consists of", Tags: []string{"Account"}},
		func(ctx context.Context, who account.Visitor, _ *struct{}) (*body[Credits], error) {
			c, err := db.Ask(ctx, a.DB, func(tx *db.Tx) (Credits, error) { return credits(ctx, tx, ledger.Owner(who.Account.ID)) })
			return &body[Credits]{c}, err
		})
}

func credits(ctx context.Context, tx *db.Tx, o ledger.Owner) (Credits, error) {
	b, err := ledger.BalanceOf(ctx, tx, o)
	if err != nil {
		return Credits{}, err
	}
	lots, err := ledger.Lots(ctx, tx, o)
	if err != nil {
		return Credits{}, err
	}
	c := Credits{Balance: b.Spendable, Held: b.Held, Lots: []Lot{}}
	for _, l := range lots {
		c.Lots = append(c.Lots, Lot{ID: string(l.ID), Kind: string(l.Class), Remaining: l.Remaining, ExpiresAt: stamp(l.Expires)})
	}
	return c, nil
}
