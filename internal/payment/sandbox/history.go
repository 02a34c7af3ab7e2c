package sandbox

import (
	"context"
	"encoding/json"
	"math"

	"safelight/internal/db"
)

// past is an event as the control shows it: the very bytes that are posted,
// and a signature that is good for five minutes from now.
type past struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Created    int64      `json:"created"`
	Payload    string     `json:"payload"`
	Signature  string     `json:"signature"`
	Deliveries []pastSent `json:"deliveries"`
}

type pastSent struct {
	State    string `json:"state"`
	Attempts int64  `json:"attempts"`
	Status   int64  `json:"status"`
	Error    string `json:"error,omitempty"`
}

// historyLimit is how many events the control shows, the newest first.
const historyLimit = 1000

func (s *Server) controlEvents(ctx context.Context, _ order) (any, error) {
	return db.Ask(ctx, s.d, func(tx *db.Tx) ([]past, error) {
		all, _, err := find(ctx, tx, page{kind: kindEvent, to: math.MaxInt64, limit: historyLimit})
		if err != nil {
			return nil, err
		}
		shown := []past{}
		for _, body := range all {
			var e event
			if err := json.Unmarshal(body, &e); err != nil {
				return nil, err
			}
			sent, err := deliveriesOf(ctx, tx, e.ID)
			if err != nil {
				return nil, err
			}
			p := past{ID: e.ID, Type: e.Type, Created: e.Created, Payload: string(body), Signature: s.sign(body), Deliveries: []pastSent{}}
			for _, d := range sent {
				p.Deliveries = append(p.Deliveries, pastSent{d.state, d.attempts, d.status, d.err})
			}
			shown = append(shown, p)
		}
		return shown, nil
	})
}
