package edition

import (
	"context"
	"errors"
	"fmt"

	"safelight/internal/account"
	"safelight/internal/db"
)

// ErrBroken means that a stored text is not what was published; the error that
// wraps it names the text.
var ErrBroken = errors.New("a published text was changed")

// A Report counts what was verified.
type Report struct {
	Texts int64 // files and pages
	account.ConsentReport
}

func (r Report) String() string {
	return fmt.Sprintf("proofs ok: %d acceptances, %d blocks, %d not sealed yet, %d published texts", r.Consents, r.Blocks, r.Unsealed, r.Texts)
}

// Verify compares every stored text with its hash, and walks the chain of the
// proofs of acceptance: see [account.VerifyConsents].
func Verify(ctx context.Context, d *db.DB) (r Report, err error) {
	err = d.View(ctx, func(tx *db.Tx) error {
		return eachText(ctx, tx, func(what, text, hash string) error {
			r.Texts++
			if digest([]byte(text)) != hash {
				return fmt.Errorf("%w: %s", ErrBroken, what)
			}
			return nil
		})
	})
	if err != nil {
		return r, err
	}
	r.ConsentReport, err = account.VerifyConsents(ctx, d)
	return r, err
}
