package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
)

const imageColumns = `image, account, role, name, format, width, height, alpha, bytes, sha256, file_key, thumb_key, preview_key,
	small_format, source, job, engine, model, created_at, expires_at`

func scanImage(scan func(dest ...any) error) (i Image, err error) {
	err = scan(&i.ID, &i.Account, &i.Role, &i.Name, &i.Format, &i.Width, &i.Height, &i.Alpha, &i.Bytes, &i.SHA256,
		&i.keys.file, &i.keys.thumb, &i.keys.preview, &i.smallFormat, &i.Source, &i.Job, &i.Engine, &i.Model, &i.Created, &i.Expires)
	return i, err
}

func insertImage(ctx context.Context, tx *db.Tx, i Image) error {
	_, err := tx.Exec(ctx, `INSERT INTO lab_image (`+imageColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		string(i.ID), string(i.Account), string(i.Role), i.Name, string(i.Format), i.Width, i.Height, i.Alpha, i.Bytes, i.SHA256,
		i.keys.file, i.keys.thumb, i.keys.preview, string(i.smallFormat), string(i.Source), string(i.Job), i.Engine, i.Model, i.Created, i.Expires)
	return err
}

// findImage reads an image of who's that has not expired at now; a zero now
// looks at no expiry.
func findImage(ctx context.Context, tx *db.Tx, who account.ID, id ImageID, now time.Time) (Image, error) {
	i, err := scanImage(tx.QueryRow(ctx, `SELECT `+imageColumns+` FROM lab_image
		WHERE image = $1 AND account = $2 AND deleted_at IS NULL AND expires_at > $3`,
		string(id), string(who), micros(now)).Scan)
	if errors.Is(err, db.ErrNoRows) {
		return Image{}, ErrNoImage
	}
	if err != nil {
		return Image{}, fmt.Errorf("lab: find %s: %w", id, err)
	}
	return i, nil
}

// micros is a moment to compare with; the zero one is before all others.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixMicro()
}

// stored is how many bytes an account's pictures have.
func stored(ctx context.Context, tx *db.Tx, who account.ID) (bytes int64, err error) {
	err = tx.QueryRow(ctx, `SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM lab_image WHERE account = $1 AND deleted_at IS NULL`, string(who)).Scan(&bytes)
	return bytes, err
}

func listImages(ctx context.Context, tx *db.Tx, who account.ID, p Page) ([]Image, error) {
	return db.All(ctx, tx, scanImage, `SELECT `+imageColumns+` FROM lab_image
		WHERE account = $1 AND deleted_at IS NULL AND expires_at > $2 AND ($3 = '' OR role = $3) AND ($4 = '' OR image < $4)
		ORDER BY image DESC LIMIT $5`, string(who), tx.Now().UnixMicro(), string(p.Role), p.Before, p.limit())
}

// bury hands the files of images over to the sweep and leaves tombstones: of
// the one image, or of all of who's if it is empty. It gives the files' keys.
func bury(ctx context.Context, tx *db.Tx, who account.ID, id ImageID) ([]string, int64, error) {
	const mine = ` FROM lab_image WHERE account = $1 AND deleted_at IS NULL AND ($2 = '' OR image = $2)`
	all, err := db.All(ctx, tx, scanKeys, `SELECT file_key, thumb_key, preview_key`+mine+` ORDER BY image`, string(who), string(id))
	if err != nil {
		return nil, 0, err
	}
	for _, column := range []string{"file_key", "thumb_key", "preview_key"} {
		_, err := tx.Exec(ctx, `INSERT INTO lab_leftover (blob, due_at, claimed) SELECT `+column+`, CAST($3 AS BIGINT), 1`+mine+`
			ON CONFLICT (blob) DO NOTHING`, string(who), string(id), tx.Now())
		if err != nil {
			return nil, 0, err
		}
	}
	n, err := tx.Exec(ctx, `UPDATE lab_image SET deleted_at = $3, name = '', sha256 = '', file_key = '', thumb_key = '', preview_key = ''
		WHERE account = $1 AND deleted_at IS NULL AND ($2 = '' OR image = $2)`, string(who), string(id), tx.Now())
	var blobs []string
	for _, k := range all {
		blobs = append(blobs, k.all()...)
	}
	return blobs, n, err
}

func scanKeys(scan func(dest ...any) error) (k keys, err error) {
	err = scan(&k.file, &k.thumb, &k.preview)
	return k, err
}

// expiredImages are some that are past their time and that no job needs.
func expiredImages(ctx context.Context, tx *db.Tx, limit int) ([]Image, error) {
	return db.All(ctx, tx, scanImage, `SELECT `+imageColumns+` FROM lab_image i
		WHERE deleted_at IS NULL AND expires_at <= $1 AND NOT EXISTS (
			SELECT 1 FROM lab_job j WHERE j.image = i.image AND j.status IN ('queued', 'running'))
		ORDER BY expires_at LIMIT $2`, tx.Now(), limit)
}

// intend says which blobs are about to be written. Whoever does not own them by
// the moment due loses them to the sweep.
func intend(ctx context.Context, tx *db.Tx, blobs []string, due time.Time) error {
	for _, b := range blobs {
		if _, err := tx.Exec(ctx, `INSERT INTO lab_leftover (blob, due_at, claimed) VALUES ($1, $2, 0)`, b, due); err != nil {
			return err
		}
	}
	return nil
}

// own takes blobs off the sweep's list; errSwept if it has begun with one.
func own(ctx context.Context, tx *db.Tx, blobs []string) error {
	for _, b := range blobs {
		n, err := tx.Exec(ctx, `DELETE FROM lab_leftover WHERE blob = $1 AND claimed = 0`, b)
		if err != nil {
			return err
		}
		if n != 1 {
			return errSwept
		}
	}
	return nil
}

// hasten makes blobs that nobody owns due now.
func hasten(ctx context.Context, tx *db.Tx, blobs []string) error {
	for _, b := range blobs {
		if _, err := tx.Exec(ctx, `UPDATE lab_leftover SET due_at = $2 WHERE blob = $1 AND due_at > $2`, b, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// claimDue gives blobs to delete now; from here on nobody can own them.
func claimDue(ctx context.Context, tx *db.Tx, limit int) ([]string, error) {
	due, err := db.All(ctx, tx, db.One[string], `SELECT blob FROM lab_leftover WHERE due_at <= $1 ORDER BY due_at LIMIT $2`, tx.Now(), limit)
	if err != nil {
		return nil, err
	}
	return claim(ctx, tx, due)
}

// claim gives those of the blobs that are still on the list.
func claim(ctx context.Context, tx *db.Tx, blobs []string) ([]string, error) {
	var mine []string
	for _, b := range blobs {
		n, err := tx.Exec(ctx, `UPDATE lab_leftover SET claimed = 1 WHERE blob = $1`, b)
		if err != nil {
			return nil, err
		}
		if n == 1 {
			mine = append(mine, b)
		}
	}
	return mine, nil
}

func forget(ctx context.Context, tx *db.Tx, blobs []string) error {
	for _, b := range blobs {
		if _, err := tx.Exec(ctx, `DELETE FROM lab_leftover WHERE blob = $1`, b); err != nil {
			return err
		}
	}
	return nil
}
