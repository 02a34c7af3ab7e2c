package mail

import (
	"context"
	"fmt"
	netmail "net/mail"
	"strings"

	"safelight/internal/db"
	"safelight/internal/id"
	"safelight/internal/queue"
)

// Send writes a message, to be delivered when tx commits. A key that was
// written before is the same message: nothing happens.
func Send(ctx context.Context, tx *db.Tx, m Message) error {
	if err := check(m); err != nil {
		return err
	}
	mail := id.New[ID]("mail")
	fresh, err := insert(ctx, tx, mail, m)
	if err != nil {
		return fmt.Errorf("mail: write: %w", err)
	}
	if !fresh {
		return nil
	}
	if _, err := queue.Enqueue(ctx, tx, queue.Job{Kind: deliverKind, Key: string(mail), Args: mail, MaxAttempts: attempts}); err != nil {
		return fmt.Errorf("mail: write: %w", err)
	}
	return nil
}

// check refuses what could put a second header into a message.
func check(m Message) error {
	fields := []string{m.To, m.Subject}
	for name, value := range m.Headers {
		fields = append(fields, name, value)
	}
	for _, f := range fields {
		if strings.ContainsAny(f, "\r\n\x00") {
			return fmt.Errorf("mail: %q: %w", f, ErrAddress)
		}
	}
	if a, err := netmail.ParseAddress(m.To); err != nil || a.Address != m.To {
		return fmt.Errorf("mail: to %q: %w", m.To, ErrAddress)
	}
	return nil
}
