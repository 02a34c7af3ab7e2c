package main

import (
	"context"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/ledger"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/queue"
	"safelight/internal/serve"
)

// Kinds of jobs that the wiring itself handles.
const paymentWork = "payment.work"

// upkeep registers what runs regularly, in one process at a time.
func (a *app) upkeep(q *queue.Queue) {
	q.Handle(paymentWork, queue.Options{MaxAttempts: 25, Timeout: time.Minute}, func(ctx context.Context, r *queue.Run) error {
		var inbox payment.InboxID
		if err := r.Decode(&inbox); err != nil {
			return queue.Permanent(err)
		}
		return payment.Work(ctx, a.db, a.processor, inbox, a.settle)
	})
	q.Tick("payment.sweep", 15*time.Second, func(ctx context.Context) error { return payment.Sweep(ctx, a.db, a.processor, a.settle) })
	q.Tick("order.expire", time.Minute, a.inTx(order.Expire))
	q.Tick("ledger.seal", 2*time.Second, func(ctx context.Context) error { return ledger.SealAll(ctx, a.db) })
	q.Tick("account.seal", 2*time.Second, func(ctx context.Context) error { return account.SealAllConsents(ctx, a.db) })
	q.Tick("ledger.expire", time.Minute, a.inTx(func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Expire(ctx, tx, 500)
		return err
	}))
	q.Tick("serve.sweep", 10*time.Minute, a.inTx(uncounted(serve.Sweep)))
	q.Tick("account.sweep", 10*time.Minute, a.inTx(uncounted(account.Sweep)))
}

// uncounted is a sweep of which nobody asks how much it removed.
func uncounted(sweep func(context.Context, *db.Tx) (int64, error)) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := sweep(ctx, tx)
		return err
	}
}

func (a *app) inTx(f func(context.Context, *db.Tx) error) func(context.Context) error {
	return func(ctx context.Context) error {
		return a.db.InTx(ctx, func(tx *db.Tx) error { return f(ctx, tx) })
	}
}
