package mail

import (
	"context"
	"fmt"
	"maps"

	"safelight/internal/db"
	"safelight/internal/id"
	"safelight/internal/queue"
)

// Send writes a message, to be delivered when tx commits. A key that was
// written before is the same message: nothing happens. It returns
// [ErrAddress], and [ErrUnwanted] for a promotional message to an address that
// does not want any; another message that cannot be written is a mistake of
// the program.
func Send(ctx context.Context, tx *db.Tx, m Message) error {
	if err := check(m); err != nil {
		return err
	}
	if m.Class == Promotional {
		if err := wanted(ctx, tx, m.To); err != nil {
			return err
		}
		m.Headers = oneClick(m)
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

// oneClick adds the headers by which mail programs unsubscribe (RFC 8058).
func oneClick(m Message) map[string]string {
	h := maps.Clone(m.Headers)
	if h == nil {
		h = map[string]string{}
	}
	h["List-Unsubscribe"] = "<" + m.Unsubscribe + ">"
	h["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
	return h
}
