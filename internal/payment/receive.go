package payment

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"safelight/internal/db"
	"safelight/internal/id"
)

// Receive takes a processor's notice: it verifies the signature over the raw
// body, keeps the notice in the inbox and asks for it to be worked, all before
// the processor is answered. A notice that is already there is fine and asks
// for nothing. It returns [ErrSignature] or [ErrTooLarge] for what did not
// come from the processor; anything else means "send it again". The caller
// reads at most [MaxNotice]+1 bytes.
func Receive(ctx context.Context, d *db.DB, p Processor, body []byte, h http.Header, wake Wake) error {
	if len(body) > MaxNotice {
		return ErrTooLarge
	}
	e, err := p.Verify(body, h, d.Clock().Now())
	if err != nil {
		return fmt.Errorf("payment: receive: %w", err)
	}
	err = d.InTx(ctx, func(tx *db.Tx) error {
		n := notice(p, e, tx.Now())
		fresh, err := insertNotice(ctx, tx, n, e, tx.Now().Add(headStart))
		if err != nil || !fresh {
			return err
		}
		return wake(ctx, tx, n.ID)
	})
	if err != nil {
		return fmt.Errorf("payment: receive %s: %w", e.ID, err)
	}
	return nil
}

// headStart is how long the queue has a fresh notice to itself before the
// sweeper looks at it too.
const headStart = 20 * time.Second

func notice(p Processor, e Event, at time.Time) Notice {
	return Notice{ID: id.New[InboxID]("inb"), Processor: p.Identity().Name, Event: e.ID, Type: e.Type,
		Topic: e.Topic, Object: e.Object, Live: e.Live, State: Received, ReceivedAt: at}
}
