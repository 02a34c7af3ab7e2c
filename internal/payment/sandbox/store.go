package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
)

// load reads an object of one kind; an unknown id is db.ErrNoRows.
func load[T object](ctx context.Context, tx *db.Tx, id string) (T, error) {
	var o T
	return decode[T](tx.QueryRow(ctx, `SELECT data FROM sandbox_object WHERE id = $1 AND kind = $2`, id, o.row().kind), id)
}

// lock is load that makes others wait until the transaction ends.
func lock[T object](ctx context.Context, tx *db.Tx, id string) (T, error) {
	var o T
	return decode[T](tx.QueryRow(ctx, `
		UPDATE sandbox_object SET version = version + 1 WHERE id = $1 AND kind = $2 RETURNING data`, id, o.row().kind), id)
}

func decode[T object](r db.Row, id string) (T, error) {
	var o T
	var data string
	if err := r.Scan(&data); err != nil {
		return o, fmt.Errorf("%s %s: %w", o.row().kind, id, err)
	}
	return o, json.Unmarshal([]byte(data), &o)
}

// save writes an object, new or changed.
func save(ctx context.Context, tx *db.Tx, o object) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	r := o.row()
	_, err = tx.Exec(ctx, `
		INSERT INTO sandbox_object (id, kind, type, parent, created_at, due_at, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET data = excluded.data, parent = excluded.parent, due_at = excluded.due_at`,
		r.id, r.kind, r.kindOfEvent, r.parent, tx.Now(), r.due, string(data))
	return err
}

// raw reads any object as it is stored.
func raw(ctx context.Context, tx *db.Tx, id string) (json.RawMessage, error) {
	var data string
	err := tx.QueryRow(ctx, `SELECT data FROM sandbox_object WHERE id = $1`, id).Scan(&data)
	return json.RawMessage(data), err
}

// page asks for a part of a list, the newest first.
type page struct {
	kind, parent, after, before string
	types                       []string
	from, to                    int64 // microseconds, both included
	limit                       int
}

func find(ctx context.Context, tx *db.Tx, p page) (all []json.RawMessage, more bool, err error) {
	query := `SELECT data FROM sandbox_object WHERE kind = $1 AND created_at >= $2 AND created_at <= $3`
	args := []any{p.kind, p.from, p.to}
	also := func(condition string, v any) {
		args = append(args, v)
		query += fmt.Sprintf(condition, len(args))
	}
	if p.parent != "" {
		also(` AND parent = $%d`, p.parent)
	}
	if p.after != "" {
		also(` AND (created_at, id) < (SELECT created_at, id FROM sandbox_object WHERE id = $%d)`, p.after)
	}
	if p.before != "" {
		also(` AND (created_at, id) > (SELECT created_at, id FROM sandbox_object WHERE id = $%d)`, p.before)
	}
	for i, t := range p.types {
		also(map[bool]string{true: ` AND (type = $%d`, false: ` OR type = $%d`}[i == 0], t)
	}
	if len(p.types) > 0 {
		query += `)`
	}
	also(` ORDER BY created_at DESC, id DESC LIMIT $%d`, p.limit+1)
	texts, err := db.All(ctx, tx, db.One[string], query, args...)
	if len(texts) > p.limit {
		texts, more = texts[:p.limit], true
	}
	for _, t := range texts {
		all = append(all, json.RawMessage(t))
	}
	return all, more, err
}

// due lists objects that have to change by themselves.
func due(ctx context.Context, tx *db.Tx) ([][2]string, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (o [2]string, err error) {
		err = scan(&o[0], &o[1])
		return o, err
	}, `SELECT kind, id FROM sandbox_object WHERE due_at <= $1 ORDER BY due_at LIMIT 100`, tx.Now())
}

// setting reads a setting, written as v when there is none.
func setting(ctx context.Context, tx *db.Tx, name, v string) (string, error) {
	err := tx.QueryRow(ctx, `
		INSERT INTO sandbox_setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = sandbox_setting.value RETURNING value`, name, v).Scan(&v)
	return v, err
}

func peekSetting(ctx context.Context, tx *db.Tx, name, otherwise string) (string, error) {
	var v string
	err := tx.QueryRow(ctx, `SELECT value FROM sandbox_setting WHERE name = $1`, name).Scan(&v)
	if errors.Is(err, db.ErrNoRows) {
		return otherwise, nil
	}
	return v, err
}

func setSetting(ctx context.Context, tx *db.Tx, name, v string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO sandbox_setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, v)
	return err
}

// keepAnswer claims an idempotency key for a request. When the key is taken it
// returns what was asked and answered then.
func keepAnswer(ctx context.Context, tx *db.Tx, key, request string, since time.Time) (asked, body string, err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM sandbox_answer WHERE key = $1 AND at < $2`, key, since); err != nil {
		return "", "", err
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO sandbox_answer (key, request, body, at) VALUES ($1, $2, '', $3) ON CONFLICT (key) DO NOTHING`, key, request, tx.Now())
	if err != nil || n == 1 {
		return "", "", err
	}
	err = tx.QueryRow(ctx, `SELECT request, body FROM sandbox_answer WHERE key = $1`, key).Scan(&asked, &body)
	return asked, body, err
}

func setAnswer(ctx context.Context, tx *db.Tx, key, body string) error {
	return tx.ExecOne(ctx, `UPDATE sandbox_answer SET body = $1 WHERE key = $2`, body, key)
}

// delivery is one sending of an event.
type delivery struct {
	id, event, state, err string
	attempts, status      int64
	due                   time.Time
}

func insertDelivery(ctx context.Context, tx *db.Tx, id, event, state string, rank int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO sandbox_delivery (id, event, state, rank, made_at, due_at) VALUES ($1, $2, $3, $4, $5, $5)`,
		id, event, state, rank, tx.Now())
	return err
}

const deliveryColumns = `SELECT id, event, state, error, attempts, status, due_at FROM sandbox_delivery `

func scanDelivery(scan func(...any) error) (d delivery, err error) {
	err = scan(&d.id, &d.event, &d.state, &d.err, &d.attempts, &d.status, &d.due)
	return d, err
}

func dueDeliveries(ctx context.Context, tx *db.Tx) ([]delivery, error) {
	return db.All(ctx, tx, scanDelivery, deliveryColumns+`
		WHERE state = 'waiting' AND due_at <= $1 ORDER BY rank, made_at, id LIMIT 100`, tx.Now())
}

func deliveriesOf(ctx context.Context, tx *db.Tx, event string) ([]delivery, error) {
	return db.All(ctx, tx, scanDelivery, deliveryColumns+`WHERE event = $1 ORDER BY made_at, id`, event)
}

// claimDelivery takes a delivery from other processes until t.
func claimDelivery(ctx context.Context, tx *db.Tx, d delivery, t time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE sandbox_delivery SET due_at = $1, attempts = attempts + 1
		WHERE id = $2 AND state = 'waiting' AND attempts = $3`, t, d.id, d.attempts)
	return n == 1, err
}

func markDelivery(ctx context.Context, tx *db.Tx, d delivery) error {
	_, err := tx.Exec(ctx, `UPDATE sandbox_delivery SET state = $1, status = $2, error = $3, due_at = $4 WHERE id = $5 AND state = 'waiting'`,
		d.state, d.status, d.err, d.due, d.id)
	return err
}

func releaseDeliveries(ctx context.Context, tx *db.Tx) (int64, error) {
	return tx.Exec(ctx, `UPDATE sandbox_delivery SET state = 'waiting', due_at = $1 WHERE state = 'held'`, tx.Now())
}

// moveClock adds d to the shift of the shop's clock.
func moveClock(ctx context.Context, tx *db.Tx, d time.Duration) (time.Duration, error) {
	var us int64
	err := tx.QueryRow(ctx, `
		INSERT INTO clock_shift (name, offset_us) VALUES ('shop', $1)
		ON CONFLICT (name) DO UPDATE SET offset_us = clock_shift.offset_us + excluded.offset_us
		RETURNING offset_us`, d.Microseconds()).Scan(&us)
	return time.Duration(us) * time.Microsecond, err
}

// LoadClock returns by how much the shop's clock has been moved, for processes
// that poll it.
func LoadClock(ctx context.Context, tx *db.Tx) (time.Duration, error) {
	var us int64
	err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(offset_us), 0) FROM clock_shift WHERE name = 'shop'`).Scan(&us)
	return time.Duration(us) * time.Microsecond, err
}
