package payment

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
)

// apply brings our records in line with freshly fetched facts. Whoever fetches
// (a notice, the page's poll, the sweeper) ends here, so that a payment counts
// once.
func apply(ctx context.Context, tx *db.Tx, by Identity, f Facts, settle Settle) (verdict, error) {
	if f.Session == "" && f.Order == "" {
		return verdict{state: Ignored}, nil // the account is also used for other things
	}
	s, err := Find(ctx, tx, f.Session)
	if errors.Is(err, fault.NotFound) {
		return verdict{state: Parked, reason: "mismatch.reference", detail: "no session has the reference", facts: f}, nil
	}
	if err != nil {
		return verdict{}, err
	}
	if reason, detail := Mismatch(s, by, f); reason != "" {
		return verdict{state: Parked, reason: reason, detail: detail, facts: f}, nil
	}
	switch f.State {
	case FactPaid:
		return verdict{state: Done}, record(ctx, tx, s, f, settle)
	case FactClosed:
		return verdict{state: Done}, markExpired(ctx, tx, s.ID)
	}
	return verdict{state: Done}, nil
}

// record writes the charge and settles it, once for each payment.
func record(ctx context.Context, tx *db.Tx, s Session, f Facts, settle Settle) error {
	fresh, err := effect(ctx, tx, s.By.Name+":"+f.Payment+":succeeded")
	if err != nil || !fresh {
		return err
	}
	first, err := effect(ctx, tx, "order:"+s.Order+":paid")
	if err != nil {
		return err
	}
	c := Charge{ID: id.New[ChargeID]("chg"), Session: s.ID, Order: s.Order, Processor: s.By.Name, Payment: f.Payment,
		Ref: f.Charge, Amount: f.Amount, Live: f.Live, Duplicate: !first, Email: f.Email, Card: f.Card, At: f.At, Recorded: tx.Now()}
	if err := insertCharge(ctx, tx, c); err != nil {
		return err
	}
	if err := markPaid(ctx, tx, s.ID, f.Ref); err != nil {
		return err
	}
	if c.Duplicate {
		a := Alert{Key: "duplicate:" + f.Payment, Reason: "duplicate", Order: s.Order, Session: s.ID, Payment: f.Payment,
			Detail: "the order had been paid before: " + c.Amount.String() + " is owed to the customer", At: tx.Now()}
		if err := raise(ctx, tx, a); err != nil {
			return err
		}
	}
	if s, err = Find(ctx, tx, s.ID); err != nil {
		return err
	}
	if err := settle(ctx, tx, Paid{Session: s, Charge: c, Duplicate: c.Duplicate}); err != nil {
		return fmt.Errorf("settle order %s: %w", s.Order, err)
	}
	return nil
}

// Mismatch compares what the processor says with what we asked for and returns
// why they cannot be the same payment, or "". An unpaid session has nothing
// to compare but its references and its mode.
func Mismatch(s Session, by Identity, f Facts) (reason, detail string) {
	switch {
	case s.By.Name != by.Name:
		return "mismatch.processor", fmt.Sprintf("the session is of %s", s.By.Name)
	case f.Live != s.By.Live || by.Live != s.By.Live:
		return "mismatch.livemode", fmt.Sprintf("ours %t, theirs %t", s.By.Live, f.Live)
	case f.Order != s.Order:
		return "mismatch.reference", fmt.Sprintf("ours %s, theirs %s", s.Order, f.Order)
	case s.Ref != "" && f.Ref != "" && s.Ref != f.Ref:
		return "mismatch.reference", fmt.Sprintf("ours %s, theirs %s", s.Ref, f.Ref)
	}
	switch f.State {
	case FactOpen, FactPending, FactClosed:
		return "", ""
	case FactPaid:
		return mismatchPaid(s, f)
	}
	return "unknown.state", fmt.Sprintf("the processor says %q", f.Raw)
}

func mismatchPaid(s Session, f Facts) (reason, detail string) {
	switch {
	case f.Payment == "":
		return "mismatch.payment", "paid, but by no payment"
	case !f.Captured:
		return "mismatch.captured", "authorised, but not taken"
	case f.Amount.Currency != s.Amount.Currency:
		return "mismatch.currency", fmt.Sprintf("asked %s, taken %s", s.Amount, f.Amount)
	case f.Amount.Minor != s.Amount.Minor:
		return "mismatch.amount", fmt.Sprintf("asked %s, taken %s", s.Amount, f.Amount)
	}
	return "", ""
}
