package edition

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"safelight/internal/account"
	"safelight/internal/db"
)

// ErrBroken means that what is stored is not what was published; the error that
// wraps it names the text or the edition.
var ErrBroken = errors.New("what was published was changed")

// sealed is the hash of an edition with all that is known of it, behind the
// seal of the edition before. Text is quoted and a number decimal, so that no
// two histories share a text.
func sealed(e Edition, previous string, files map[string]string, pages []Page) string {
	var b []byte
	text := func(all ...string) {
		for _, s := range all {
			b = append(strconv.AppendQuote(b, s), ' ')
		}
	}
	text(previous, e.Name, e.Version, e.Hash, string(e.Prevailing), string(e.Publication), e.Note, e.By)
	b = fmt.Appendf(b, "%d %d %d %d %t ", e.Number, e.Effective.UnixMicro(), e.InForce.UnixMicro(), e.Published.UnixMicro(), e.Material)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text(name, files[name])
	}
	for _, p := range slices.SortedFunc(slices.Values(pages), func(p, q Page) int { return strings.Compare(string(p.Lang), string(q.Lang)) }) {
		text(string(p.Lang), p.Title, p.Statement, p.Hash)
	}
	return digest(b)
}

// verifySeals walks the editions of each document from the first to the newest.
func verifySeals(ctx context.Context, tx *db.Tx) error {
	all, err := List(ctx, tx)
	if err != nil {
		return err
	}
	last := map[string]Edition{}
	for _, e := range slices.Backward(all) {
		before := last[e.Name]
		if e.Number != before.Number+1 {
			return fmt.Errorf("%w: edition %s %d: missing", ErrBroken, e.Name, before.Number+1)
		}
		files, err := selectFileHashes(ctx, tx, e.Hash)
		if err != nil {
			return err
		}
		pages, err := selectPages(ctx, tx, e.Hash)
		if err != nil {
			return err
		}
		if sealed(e, before.seal, files, pages) != e.seal {
			return fmt.Errorf("%w: edition %s %s: it is not as it was published", ErrBroken, e.Name, e.Version)
		}
		last[e.Name] = e
	}
	heads, err := selectHeads(ctx, tx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.seal != last[h.name].seal {
			return fmt.Errorf("%w: edition %s %s: missing", ErrBroken, h.name, h.version)
		}
	}
	return nil
}

// A Report counts what was verified.
type Report struct {
	Texts int64 // files and pages
	account.ConsentReport
}

func (r Report) String() string {
	return fmt.Sprintf("proofs ok: %d acceptances, %d blocks, %d not sealed yet, %d published texts", r.Consents, r.Blocks, r.Unsealed, r.Texts)
}

// Verify compares every stored text with its hash and every edition with its
// seal, and walks the chain of the proofs of acceptance: see
// [account.VerifyConsents].
func Verify(ctx context.Context, d *db.DB) (r Report, err error) {
	if r.Texts, err = db.Ask(ctx, d, func(tx *db.Tx) (int64, error) { return verifyTexts(ctx, tx) }); err != nil {
		return r, err
	}
	r.ConsentReport, err = account.VerifyConsents(ctx, d)
	return r, err
}

func verifyTexts(ctx context.Context, tx *db.Tx) (n int64, err error) {
	err = eachText(ctx, tx, func(what, text, hash string) error {
		n++
		if digest([]byte(text)) != hash {
			return fmt.Errorf("%w: %s", ErrBroken, what)
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	return n, verifySeals(ctx, tx)
}
