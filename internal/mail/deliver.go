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
	attempts    = 25
)

// Register hands the delivery of messages to q.
func Register(q *queue.Queue, d *db.DB, s Sender) {
	q.Handle(deliverKind, queue.Options{Timeout: time.Minute, Backoff: backoff}, func(ctx context.Context, r *queue.Run) error {
		var mail ID
		if err := r.Decode(&mail); err != nil {
			return queue.Permanent(err)
		}
		return deliver(ctx, d, s, mail)
	})
}

// backoff waits 10 s, doubled up to four hours: three days in 25 attempts.
func backoff(attempt int) time.Duration {
	return min(10*time.Second<<min(attempt-1, 20), 4*time.Hour)
}

func deliver(ctx context.Context, d *db.DB, s Sender, mail ID) error {
	m, err := db.Ask(ctx, d, func(tx *db.Tx) (Sent, error) { return find(ctx, tx, mail) })
	if err != nil || !m.SentAt.IsZero() {
		return err
	}
	sending := s.Send(ctx, m)
	err = d.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error { return record(ctx, tx, mail, sending, m.Secret && !kept(s)) })
	return errors.Join(sending, err)
}

// kept reports whether the messages are read from the table.
func kept(s Sender) bool {
	_, ok := s.(Keep)
	return ok
}
