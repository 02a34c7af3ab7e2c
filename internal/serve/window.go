package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"safelight/internal/db"
)

// A Window lets each subject act at most Max times in any period Per. It is
// kept in the database: it survives a restart and is shared by all processes.
// Subjects are stored as hashes, since they are addresses of people.
type Window struct {
	Name string
	Max  int
	Per  time.Duration
}

// Count notes one act of subject. It returns [ErrTooMany] with the time to
// wait, and notes nothing, when Max acts fall in the period already. A verb
// that must count even when it fails counts in a transaction of its own.
func (l Window) Count(ctx context.Context, tx *db.Tx, subject string) error {
	times, err := lockWindow(ctx, tx, l, digest(subject))
	if err != nil {
		return fmt.Errorf("serve: window %s: %w", l.Name, err)
	}
	for len(times) > 0 && !times[0].After(tx.Now().Add(-l.Per)) {
		times = times[1:]
	}
	if len(times) >= l.Max {
		return TooMany(times[len(times)-l.Max].Add(l.Per).Sub(tx.Now()))
	}
	if err := saveWindow(ctx, tx, l, digest(subject), append(times, tx.Now())); err != nil {
		return fmt.Errorf("serve: window %s: %w", l.Name, err)
	}
	return nil
}

// Forget lets subject begin anew: after it proved who it is.
func (l Window) Forget(ctx context.Context, tx *db.Tx, subject string) error {
	_, err := tx.Exec(ctx, `DELETE FROM serve_window WHERE name = $1 AND subject = $2`, l.Name, digest(subject))
	if err != nil {
		return fmt.Errorf("serve: window %s: %w", l.Name, err)
	}
	return nil
}

// Sweep removes the windows and the idempotency keys that no longer matter
// and returns how many. Nothing depends on its being run.
func Sweep(ctx context.Context, tx *db.Tx) (int64, error) {
	windows, err := tx.Exec(ctx, `DELETE FROM serve_window WHERE until_at <= $1`, tx.Now())
	if err != nil {
		return 0, fmt.Errorf("serve: sweep windows: %w", err)
	}
	keys, err := tx.Exec(ctx, `DELETE FROM serve_idempotency WHERE created_at <= $1 AND lease_until <= $2`,
		tx.Now().Add(-onceKept), tx.Now())
	if err != nil {
		return 0, fmt.Errorf("serve: sweep keys: %w", err)
	}
	return windows + keys, nil
}

// lockWindow makes or locks the row, so that two processes count one after
// the other.
func lockWindow(ctx context.Context, tx *db.Tx, l Window, subject string) ([]time.Time, error) {
	var text string
	err := tx.QueryRow(ctx, `
		INSERT INTO serve_window (name, subject, times, until_at)
		VALUES ($1, $2, '', $3)
		ON CONFLICT (name, subject) DO UPDATE SET until_at = excluded.until_at
		RETURNING times`,
		l.Name, subject, tx.Now().Add(l.Per)).Scan(&text)
	if err != nil {
		return nil, err
	}
	times := []time.Time{}
	for field := range strings.FieldsSeq(text) {
		us, err := strconv.ParseInt(field, 36, 64)
		if err != nil {
			return nil, err
		}
		times = append(times, time.UnixMicro(us).UTC())
	}
	return times, nil
}

func saveWindow(ctx context.Context, tx *db.Tx, l Window, subject string, times []time.Time) error {
	words := make([]string, len(times))
	for i, t := range times {
		words[i] = strconv.FormatInt(t.UnixMicro(), 36)
	}
	return tx.ExecOne(ctx, `UPDATE serve_window SET times = $3 WHERE name = $1 AND subject = $2`,
		l.Name, subject, strings.Join(words, " "))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
