package lab

import (
	"context"

	"safelight/internal/account"
	"safelight/internal/db"
)

// dropUploads removes unfinished uploads of who's: one, or all if it is empty.
// It gives the blobs to remove, which are due at once.
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

type expired struct {
	who account.ID
	id  string
}

func expiredUploads(ctx context.Context, tx *db.Tx) ([]expired, error) {
	return db.All(ctx, tx, func(scan func(dest ...any) error) (e expired, err error) {
		err = scan(&e.who, &e.id)
		return e, err
	}, `SELECT account, upload FROM lab_upload WHERE expires_at <= $1 LIMIT 500`, tx.Now())
}

func (l *Lab) expireUploads(ctx context.Context) error {
	all, err := db.Ask(ctx, l.DB, func(tx *db.Tx) ([]expired, error) { return expiredUploads(ctx, tx) })
	if err != nil {
		return err
	}
	for _, e := range all {
		blobs, err := db.Do(ctx, l.DB, func(tx *db.Tx) ([]string, error) { return dropUploads(ctx, tx, e.who, e.id) })
		if err == nil {
			err = l.remove(ctx, blobs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
