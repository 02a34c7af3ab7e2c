package lab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"safelight/internal/account"
	"safelight/internal/db"
)

// beginUpload makes room for an upload unless its account has too many.
func beginUpload(ctx context.Context, tx *db.Tx, u upload) error {
	n, err := tx.Exec(ctx, `INSERT INTO lab_upload (upload, account, name, bytes, got, image, created_at, expires_at)
		SELECT $1, $2, $3, CAST($4 AS BIGINT), 0, '', CAST($5 AS BIGINT), CAST($6 AS BIGINT)
		WHERE (SELECT count(*) FROM lab_upload WHERE account = $2 AND image = '') < $7`,
		u.id, string(u.who), u.name, u.bytes, tx.Now(), tx.Now().Add(keepUpload), maxUploads)
	if err == nil && n == 0 {
		return ErrTooManyUploads
	}
	return err
}

// findUpload reads an upload of who's with its parts in order.
func findUpload(ctx context.Context, tx *db.Tx, who account.ID, id string) (u upload, err error) {
	err = tx.QueryRow(ctx, `SELECT upload, account, name, bytes, got, image FROM lab_upload
		WHERE upload = $1 AND account = $2 AND expires_at > $3`, id, string(who), tx.Now()).
		Scan(&u.id, &u.who, &u.name, &u.bytes, &u.got, &u.image)
	if errors.Is(err, db.ErrNoRows) {
		return upload{}, ErrNoUpload
	}
	if err != nil {
		return upload{}, fmt.Errorf("lab: find an upload: %w", err)
	}
	u.parts, err = partsOf(ctx, tx, u.id)
	return u, err
}

func partsOf(ctx context.Context, tx *db.Tx, id string) ([]part, error) {
	return db.All(ctx, tx, func(scan func(dest ...any) error) (p part, err error) {
		err = scan(&p.at, &p.bytes, &p.blob)
		return p, err
	}, `SELECT offset_at, bytes, blob FROM lab_upload_part WHERE upload = $1 ORDER BY offset_at`, id)
}

// addPart counts a part that is stored. Somebody else's part at its place is
// ErrUploadMoved. The part stays on the sweep's list until its upload's time.
func addPart(ctx context.Context, tx *db.Tx, u upload, p part) error {
	n, err := tx.Exec(ctx, `UPDATE lab_upload SET got = got + $3, expires_at = CASE WHEN got + $3 = bytes THEN CAST($5 AS BIGINT) ELSE CAST($6 AS BIGINT) END
		WHERE upload = $1 AND account = $2 AND got = $4`, u.id, string(u.who), p.bytes, p.at, tx.Now().Add(keepTaken), tx.Now().Add(keepUpload))
	if err == nil && n == 0 {
		return ErrUploadMoved
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO lab_upload_part (upload, offset_at, bytes, blob) VALUES ($1, $2, $3, $4)`, u.id, p.at, p.bytes, p.blob)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE lab_leftover SET due_at = $2 WHERE blob IN (SELECT blob FROM lab_upload_part WHERE upload = $1) AND due_at < $2`,
		u.id, tx.Now().Add(keepUpload+intention))
	return err
}

// stepBack forgets the last part of an upload that could not be taken.
func stepBack(ctx context.Context, tx *db.Tx, u upload) ([]string, error) {
	if len(u.parts) == 0 {
		return nil, nil
	}
	last := u.parts[len(u.parts)-1]
	n, err := tx.Exec(ctx, `UPDATE lab_upload SET got = $3, expires_at = $5 WHERE upload = $1 AND account = $2 AND got = $4 AND image = ''`,
		u.id, string(u.who), last.at, u.bytes, tx.Now().Add(keepUpload))
	if err != nil || n == 0 {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM lab_upload_part WHERE upload = $1 AND offset_at = $2`, u.id, last.at); err != nil {
		return nil, err
	}
	return []string{last.blob}, hasten(ctx, tx, []string{last.blob})
}

// taken notes which image an upload became, and lets its parts go.
func taken(ctx context.Context, tx *db.Tx, u upload, image ImageID) ([]string, error) {
	if _, err := tx.Exec(ctx, `UPDATE lab_upload SET image = $3, name = '' WHERE upload = $1 AND account = $2`,
		u.id, string(u.who), string(image)); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM lab_upload_part WHERE upload = $1`, u.id); err != nil {
		return nil, err
	}
	blobs := make([]string, len(u.parts))
	for i, p := range u.parts {
		blobs[i] = p.blob
	}
	return blobs, hasten(ctx, tx, blobs)
}

// dropUploads removes uploads of who's: one, or all if it is empty. It gives
// the blobs to remove, which are due at once.
func dropUploads(ctx context.Context, tx *db.Tx, who account.ID, id string) ([]string, error) {
	const mine = `SELECT upload FROM lab_upload WHERE account = $1 AND ($2 = '' OR upload = $2)`
	parts, err := db.All(ctx, tx, db.One[string], `SELECT blob FROM lab_upload_part WHERE upload IN (`+mine+`)`, string(who), id)
	if err != nil {
		return nil, err
	}
	if err := hasten(ctx, tx, parts); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM lab_upload_part WHERE upload IN (`+mine+`)`, string(who), id); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM lab_upload WHERE account = $1 AND ($2 = '' OR upload = $2)`, string(who), id)
	return parts, err
}

func expiredUploads(ctx context.Context, tx *db.Tx) ([]upload, error) {
	all, err := db.All(ctx, tx, func(scan func(dest ...any) error) (u upload, err error) {
		err = scan(&u.id, &u.who, &u.name, &u.bytes, &u.got, &u.image)
		return u, err
	}, `SELECT upload, account, name, bytes, got, image FROM lab_upload WHERE expires_at <= $1 LIMIT 500`, tx.Now())
	for i := 0; i < len(all) && err == nil; i++ {
		all[i].parts, err = partsOf(ctx, tx, all[i].id)
	}
	return all, err
}

// expireUploads drops uploads past their time. One that arrived whole, and of
// which a crash kept the image from being made, is taken now.
func (l *Lab) expireUploads(ctx context.Context) error {
	all, err := db.Ask(ctx, l.DB, func(tx *db.Tx) ([]upload, error) { return expiredUploads(ctx, tx) })
	if err != nil {
		return fmt.Errorf("lab: expire uploads: %w", err)
	}
	for _, u := range all {
		if u.got == u.bytes && u.image == "" {
			_, err := (&arrivals{l}).take(ctx, u)
			l.Log.InfoContext(ctx, "an upload was taken late", slog.String("upload", u.id), slog.Any("error", err))
			continue
		}
		blobs, err := db.Do(ctx, l.DB, func(tx *db.Tx) ([]string, error) { return dropUploads(ctx, tx, u.who, u.id) })
		if err == nil {
			err = l.remove(ctx, blobs)
		}
		if err != nil {
			return fmt.Errorf("lab: expire uploads: %w", err)
		}
	}
	return nil
}
