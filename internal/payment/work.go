package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
)

// Work works one notice of the inbox: it fetches the object from the processor
// and records what is new about it. A notice about nothing of ours is ignored;
// one that contradicts our records, or that we do not understand, is parked
// with an alert. Both are no error. An error means that it has to be worked
// again; working a notice twice does nothing the second time.
func Work(ctx context.Context, d *db.DB, p Processor, id InboxID, settle Settle) error {
	n, err := db.Ask(ctx, d, func(tx *db.Tx) (Notice, error) { return FindNotice(ctx, tx, id) })
	if err != nil || n.State != Received {
		return err
	}
	if err = work(ctx, d, p, n, settle); err == nil {
		return nil
	}
	noted := d.InTx(ctx, func(tx *db.Tx) error {
		return noteAttempt(ctx, tx, id, tx.Now().Add(pause(n.Attempts)), err.Error())
	})
	return fmt.Errorf("payment: work %s (%s %s): %w", id, n.Type, n.Event, errors.Join(err, noted))
}

// pause is how long the sweeper leaves a notice alone after so many attempts.
func pause(attempts int64) time.Duration {
	return min(10*time.Minute, 10*time.Second<<min(attempts, 10))
}

func work(ctx context.Context, d *db.DB, p Processor, n Notice, settle Settle) error {
	if v, final := verdictOf(n, p.Identity()); final {
		return d.InTx(ctx, func(tx *db.Tx) error { return closeNotice(ctx, tx, n, v) })
	}
	facts, err := p.Facts(ctx, n.Object)
	if errors.Is(err, fault.NotFound) {
		v := verdict{state: Parked, reason: "missing", detail: "the processor does not know " + n.Object}
		return d.InTx(ctx, func(tx *db.Tx) error { return closeNotice(ctx, tx, n, v) })
	}
	if err != nil {
		return err
	}
	return d.InTx(ctx, func(tx *db.Tx) error {
		v, err := apply(ctx, tx, p.Identity(), facts, settle)
		if err != nil {
			return err
		}
		return closeNotice(ctx, tx, n, v)
	})
}

// A verdict is what becomes of a notice.
type verdict struct {
	state  InboxState
	reason string // when parked
	detail string
	facts  Facts
}

// verdictOf is the verdict on a notice whose object need not be fetched.
func verdictOf(n Notice, by Identity) (verdict, bool) {
	switch {
	case n.Live != by.Live:
		return verdict{state: Parked, reason: "mismatch.livemode", detail: fmt.Sprintf("the notice has livemode %t", n.Live)}, true
	case n.Topic == TopicPayment && n.Object != "":
		return verdict{}, false
	case n.Topic == TopicOther:
		return verdict{state: Ignored}, true
	}
	return verdict{state: Parked, reason: "unhandled." + string(n.Topic), detail: n.Type + " waits for a person"}, true
}

func closeNotice(ctx context.Context, tx *db.Tx, n Notice, v verdict) error {
	if v.state == Parked {
		if err := raise(ctx, tx, v.alert(n.Object, tx.Now())); err != nil {
			return err
		}
	}
	return markWorked(ctx, tx, n.ID, v.state, v.reason)
}

// alert is what a parked verdict tells a person, once for each reason and
// payment.
func (v verdict) alert(object string, at time.Time) Alert {
	if v.facts.Payment != "" {
		object = v.facts.Payment
	}
	return Alert{Key: v.reason + ":" + object, Reason: v.reason, Order: v.facts.Order, Session: v.facts.Session,
		Payment: object, Detail: v.detail, At: at}
}
