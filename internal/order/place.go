package order

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/edition"
	"safelight/internal/id"
	"safelight/internal/payment"
	"safelight/internal/policy"
)

// Place writes an order and the intention to have it paid. Without the ticked
// statement it returns [ErrStatement]. A request whose key was carried out gives
// the order that came of it; one whose key is being carried out this moment is
// [ErrTwice]. What follows after the commit is
// [payment.Open] with the order's session.
func Place(ctx context.Context, tx *db.Tx, k Desk, r Request) (Order, error) {
	if !r.StatementAccepted {
		return Order{}, ErrStatement.On("statement_accepted")
	}
	if r.Key != "" {
		o, err := byKey(ctx, tx, r.Buyer.ID, r.Key)
		if !errors.Is(err, ErrNotFound) {
			return o, err
		}
	}
	o, err := price(k, r, tx.Now())
	if err != nil {
		return Order{}, err
	}
	refund := k.Policies()[policy.Refund]
	o.Proof = proof(refund, r)
	if err := insert(ctx, tx, &o, r.Key); err != nil {
		return Order{}, err
	}
	err = edition.Accept(ctx, tx, o.Account, refund, account.Consent{Control: o.Proof.Control, Lang: o.Proof.Lang,
		Text: o.Proof.Text, About: string(o.ID), Client: r.Client})
	if err != nil {
		return Order{}, err
	}
	s, err := payment.Begin(ctx, tx, payment.Intent{By: k.Processor, Order: string(o.ID), Number: o.Number, Item: o.Name,
		Amount: o.Amount, Email: o.Email, Lang: o.Lang, Success: k.URL(o.ID) + "?back=paid", Cancel: k.URL(o.ID) + "?back=cancelled"})
	if err != nil {
		return Order{}, fmt.Errorf("order: place %s: %w", o.Number, err)
	}
	o.Session = s.ID
	return o, setSession(ctx, tx, o.ID, s.ID)
}

func price(k Desk, r Request, now time.Time) (Order, error) {
	pack, err := k.Catalog.Pack(r.Item)
	if err != nil {
		return Order{}, err
	}
	n := max(r.Quantity, 0)
	if r.Quantity == 0 {
		n = 1
	}
	amount, err := k.Catalog.Price(pack, n, r.Currency, now)
	if err != nil {
		return Order{}, err
	}
	return Order{ID: id.New[ID]("ord"), Account: r.Buyer.ID, Email: r.Buyer.Email, Item: pack.ID, Name: pack.Names[r.Lang],
		Quantity: n, Credits: n * pack.Credits, Bonus: n * pack.Bonus, Lasts: time.Duration(pack.Lasts),
		Amount: amount, Lang: r.Lang, State: Placed, PlacedAt: now}, nil
}

func proof(d *policy.Document, r Request) Proof {
	text := d.In(r.Lang)
	return Proof{Text: text.Statement, Lang: text.Lang, Version: d.Version, Hash: d.Hash, Prevailing: d.Prevailing,
		Control: r.Control, IP: r.Client.IP, UserAgent: r.Client.UserAgent}
}

// number is the day and six characters that do not tell how many orders there
// are and cannot be mistaken for each other.
func number(now time.Time) string {
	const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	s := now.Format("060102-")
	for range 6 {
		i, _ := rand.Int(rand.Reader, big.NewInt(int64(len(letters)))) // never fails: it ends the program instead
		s += string(letters[i.Int64()])
	}
	return s
}
