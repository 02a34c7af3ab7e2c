package serve

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"safelight/internal/db"
)

// A onceRow is a request with a key and what became of it.
type onceRow struct {
	scope, key string
	request    string // digest of what was asked
	owner      string // the attempt that works on it
	status     int    // 0 while it is in flight
	header     map[string]string
	body       []byte
}

// keptHeaders are those of an outcome that a repetition gets too.
var keptHeaders = []string{"Content-Type", "Location"}

// claimOnce makes row ours, or returns what became of it: a row with status
// when it ended. It takes over what has expired and, for the same request,
// what a dead process left.
func claimOnce(ctx context.Context, tx *db.Tx, row onceRow) (onceRow, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO serve_idempotency (scope, key, request, owner, lease_until, status, header, body, created_at)
		VALUES ($1, $2, $3, $4, $5, 0, '', '', $6)
		ON CONFLICT (scope, key) DO UPDATE
		SET request = excluded.request, owner = excluded.owner, lease_until = excluded.lease_until,
			status = 0, header = '', body = '', created_at = excluded.created_at
		WHERE serve_idempotency.lease_until <= $6
			AND (serve_idempotency.created_at <= $7
				OR serve_idempotency.status = 0 AND serve_idempotency.request = excluded.request)`,
		row.scope, row.key, row.request, row.owner, tx.Now().Add(onceLease), tx.Now(), tx.Now().Add(-onceKept))
	if err != nil {
		return onceRow{}, fmt.Errorf("serve: claim a key: %w", err)
	}
	if n == 1 {
		return row, nil
	}
	kept, err := findOnce(ctx, tx, row)
	switch {
	case errors.Is(err, db.ErrNoRows): // freed this very moment
		return onceRow{}, ErrKeyInFlight
	case err != nil:
		return onceRow{}, err
	case kept.request != row.request:
		return onceRow{}, ErrKeyReused
	case kept.status == 0:
		return onceRow{}, ErrKeyInFlight
	}
	return kept, nil
}

func findOnce(ctx context.Context, tx *db.Tx, row onceRow) (onceRow, error) {
	var header, body string
	err := tx.QueryRow(ctx, `SELECT request, status, header, body FROM serve_idempotency WHERE scope = $1 AND key = $2`,
		row.scope, row.key).Scan(&row.request, &row.status, &header, &body)
	if err != nil || row.status == 0 {
		return row, err
	}
	if err := json.Unmarshal([]byte(header), &row.header); err != nil {
		return row, fmt.Errorf("serve: read an outcome: %w", err)
	}
	if row.body, err = base64.StdEncoding.DecodeString(body); err != nil {
		return row, fmt.Errorf("serve: read an outcome: %w", err)
	}
	return row, nil
}

// finishOnce keeps the outcome, unless the attempt lost its lease.
func finishOnce(ctx context.Context, tx *db.Tx, row onceRow, rec *recorder) error {
	header := map[string]string{}
	for _, name := range keptHeaders {
		if v := rec.header.Get(name); v != "" {
			header[name] = v
		}
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	return tx.ExecOne(ctx, `
		UPDATE serve_idempotency SET status = $4, header = $5, body = $6, lease_until = $7
		WHERE scope = $1 AND key = $2 AND owner = $3`,
		row.scope, row.key, row.owner, rec.status(), string(text),
		base64.StdEncoding.EncodeToString(rec.body.Bytes()), tx.Now())
}

func releaseOnce(ctx context.Context, tx *db.Tx, row onceRow) error {
	_, err := tx.Exec(ctx, `DELETE FROM serve_idempotency WHERE scope = $1 AND key = $2 AND owner = $3`,
		row.scope, row.key, row.owner)
	return err
}
