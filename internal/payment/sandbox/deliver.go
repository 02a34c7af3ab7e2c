package sandbox

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"safelight/internal/db"
)

const (
	webhookPath = "/webhooks/stripe"
	claimFor    = 30 * time.Second // after which another process takes a delivery over
	maxAttempts = 16
	look        = time.Second // how often a process looks for what others left to deliver
)

// Run delivers events until ctx ends. Every process may run it.
func (s *Server) Run(ctx context.Context) {
	for {
		n, err := s.Deliver(ctx)
		if err != nil && ctx.Err() == nil {
			s.config.Log.ErrorContext(ctx, "sandbox: deliver", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		timer := time.NewTimer(look)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.wake:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// Deliver does once what is due: it expires sessions, fails refunds that only
// looked well, and posts events to the shop's webhook. It returns how many
// events it posted.
func (s *Server) Deliver(ctx context.Context) (int, error) {
	if err := s.change(ctx); err != nil {
		return 0, err
	}
	waiting, err := db.Ask(ctx, s.d, func(tx *db.Tx) ([]delivery, error) { return dueDeliveries(ctx, tx) })
	if err != nil {
		return 0, err
	}
	posted := 0
	for _, d := range waiting {
		mine, err := db.Do(ctx, s.d, func(tx *db.Tx) (bool, error) { return claimDelivery(ctx, tx, d, tx.Now().Add(claimFor)) })
		if err != nil {
			return posted, err
		}
		if !mine {
			continue
		}
		if err := s.deliver(ctx, d); err != nil {
			return posted, err
		}
		posted++
	}
	return posted, nil
}

// change makes the changes that are due by themselves.
func (s *Server) change(ctx context.Context) error {
	all, err := db.Ask(ctx, s.d, func(tx *db.Tx) ([][2]string, error) { return due(ctx, tx) })
	if err != nil {
		return err
	}
	for _, o := range all {
		err := s.d.InTx(ctx, func(tx *db.Tx) error {
			if o[0] == kindRefund {
				return failRefund(ctx, tx, o[1])
			}
			_, err := expire(ctx, tx, o[1])
			return err
		})
		var done *apiError // somebody else was faster
		if err != nil && !errors.As(err, &done) {
			return err
		}
	}
	return nil
}

func (s *Server) deliver(ctx context.Context, d delivery) error {
	body, err := db.Ask(ctx, s.d, func(tx *db.Tx) ([]byte, error) {
		b, err := raw(ctx, tx, d.event)
		return b, err
	})
	if err != nil {
		return err
	}
	d.status, err = s.send(ctx, body)
	d.state, d.err = "delivered", ""
	if err != nil {
		d.state, d.err = "waiting", err.Error()
		if d.attempts+1 >= maxAttempts {
			d.state = "failed"
		}
	}
	if ctx.Err() != nil { // the process ends: another takes the delivery over
		return ctx.Err()
	}
	d.due = s.d.Clock().Now().Add(min(time.Hour, 2*time.Second<<min(d.attempts, 11)))
	return s.d.InTx(ctx, func(tx *db.Tx) error { return markDelivery(ctx, tx, d) })
}

// send posts a body to the webhook once; any answer but 2xx is an error.
func (s *Server) send(ctx context.Context, body []byte) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+webhookPath, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	r.Header.Set("Stripe-Signature", s.sign(body))
	answer, err := s.config.Client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // only so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return int64(answer.StatusCode), fmt.Errorf("the webhook answered %d", answer.StatusCode)
	}
	return int64(answer.StatusCode), nil
}

// sign signs a body as the processor does, now.
func (s *Server) sign(body []byte) string {
	now := s.d.Clock().Now()
	return fmt.Sprintf("t=%d,v1=%s", now.Unix(), hex.EncodeToString(webhook.ComputeSignature(now, body, s.secret)))
}
