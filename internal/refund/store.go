package refund

import (
	"context"
	"encoding/json"
	"time"

	"safelight/internal/db"
	"safelight/internal/policy"
)

func insert(ctx context.Context, tx *db.Tx, r Recorded, ground string, outcome policy.Outcome, verdict []byte) error {
	return tx.Later(ctx, `
		INSERT INTO refund_decision (id, ground, outcome, currency, version, hash, verdict, facts, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		string(r.ID), ground, string(outcome), string(r.Currency), r.Version, r.Hash, string(verdict), string(r.Facts), r.At)
}

// pageSize is how many decisions are read at a time.
const pageSize = 2000

// page reads the decisions recorded since a moment, after an id.
func page(ctx context.Context, tx *db.Tx, since time.Time, after DecisionID) ([]Recorded, error) {
	return db.All(ctx, tx, scanRecorded, `
		SELECT id, facts, currency, version, hash, verdict, at FROM refund_decision
		WHERE id > $1 AND at >= $2 ORDER BY id LIMIT $3`, string(after), since, pageSize)
}

func scanRecorded(scan func(...any) error) (r Recorded, err error) {
	var facts, verdict string
	if err := scan(&r.ID, &facts, &r.Currency, &r.Version, &r.Hash, &verdict, &r.At); err != nil {
		return r, err
	}
	r.Facts = []byte(facts)
	return r, json.Unmarshal([]byte(verdict), &r.Verdict)
}
