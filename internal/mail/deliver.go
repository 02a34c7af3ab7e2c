package mail

import (
	"context"
	"errors"
	"time"

	"safelight/internal/db"
	"safelight/internal/queue"
)

const (
	deliverKind = "mail.deliver"
	attempts    = 29
)

// Register hands the delivery of messages to q.
func Register(q *queue.Queue, d *db.DB, s Sender) { register(q, d, s, backoff) }

func register(q *queue.Queue, d *db.DB, s Sender, pause func(attempt int) time.Duration) {
	o := queue.Options{Timeout: time.Minute, Backoff: pause, OnDead: func(ctx context.Context, tx *db.Tx, g *queue.Dead) error {
		var mail ID
		if err := g.Decode(&mail); err != nil {
			return err
		}
		return giveUp(ctx, tx, mail, g.Reason)
	}}
	q.Handle(deliverKind, o, func(ctx context.Context, r *queue.Run) error {
		var mail ID
		if err := r.Decode(&mail); err != nil {
			return queue.Permanent(err)
		}
		return deliver(ctx, d, s, mail)
	})
}

// backoff waits 10 s, doubled up to four hours: three days in 29 attempts.
func backoff(attempt int) time.Duration {
	return min(10*time.Second<<min(attempt-1, 20), 4*time.Hour)
}

var errUnsubscribed = queue.Permanent(errors.New("unsubscribed before it was sent"))

func deliver(ctx context.Context, d *db.DB, s Sender, mail ID) error {
	var m Sent
	err := d.View(ctx, func(tx *db.Tx) (err error) {
		if m, err = find(ctx, tx, mail); err == nil && m.Class == Promotional {
			err = wanted(ctx, tx, m.To)
		}
		return err
	})
	switch {
	case errors.Is(err, ErrUnwanted):
		return errUnsubscribed
	case err != nil || m.Stage() == Taken:
		return err
	}
	sending := s.Send(ctx, m)
	ctx = context.WithoutCancel(ctx) // what happened is noted even if the process stops
	err = d.InTx(ctx, func(tx *db.Tx) error {
		if sending != nil {
			return recordFailure(ctx, tx, mail, sending.Error())
		}
		return recordSent(ctx, tx, mail, m.Secret && !kept(s))
	})
	return errors.Join(sending, err)
}

// kept reports whether the messages are read from the table.
func kept(s Sender) bool {
	_, ok := s.(Keep)
	return ok
}
