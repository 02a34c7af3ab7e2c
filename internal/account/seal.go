package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"

	"safelight/internal/db"
)

// consentsPerBlock is how many proofs one block seals at most.
const consentsPerBlock = 1000

// digest is over every field: of text quoted, of numbers decimal, so that no
// two proofs share a text.
func (c Consent) digest() string {
	var b []byte
	for _, f := range []string{c.ID, string(c.Account), c.Control, c.Document.Name, c.Document.Version, c.Document.Hash,
		c.Document.Prevailing, c.Document.PrevailingHash, string(c.Lang), c.Text, c.About, c.Client.IP, c.Client.UserAgent} {
		b = append(strconv.AppendQuote(b, f), ' ')
	}
	sum := sha256.Sum256(strconv.AppendInt(b, c.At.UnixMicro(), 10))
	return hex.EncodeToString(sum[:])
}

// A consentBlock seals proofs in the order of their ids.
type consentBlock struct {
	number, consents int64
	hash             string
}

// A consentSealer hashes the digests of a block behind the block before it.
type consentSealer struct {
	consentBlock
	sum hash.Hash
}

func newConsentSealer(number int64, previous string) *consentSealer {
	s := &consentSealer{consentBlock: consentBlock{number: number}, sum: sha256.New()}
	fmt.Fprintf(s.sum, "consents %d %s\n", number, previous)
	return s
}

func (s *consentSealer) add(digest string) {
	s.consents++
	fmt.Fprintf(s.sum, "%s\n", digest)
}

func (s *consentSealer) end() consentBlock {
	s.hash = hex.EncodeToString(s.sum.Sum(nil))
	return s.consentBlock
}

// SealConsents puts proofs that are committed and not sealed yet into the next
// block of the chain, and returns how many. It runs behind those who accept, so
// that they never wait for each other; a proof that is committed late comes
// into a later block.
func SealConsents(ctx context.Context, tx *db.Tx) (int64, error) {
	n, err := sealConsents(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("account: seal consents: %w", err)
	}
	return n, nil
}

func sealConsents(ctx context.Context, tx *db.Tx) (int64, error) {
	last, previous, err := lockConsentChain(ctx, tx)
	if err != nil {
		return 0, err
	}
	n, err := takeConsents(ctx, tx, last+1, consentsPerBlock)
	if err != nil || n == 0 {
		return 0, err
	}
	s, undigested := newConsentSealer(last+1, previous), map[string]string{}
	err = eachConsent(ctx, tx, func(c sealedConsent) error {
		if c.kept == "" { // from before there were digests
			c.kept = c.digest()
			undigested[c.ID] = c.kept
		}
		s.add(c.kept) // one that was changed meanwhile is for VerifyConsents to find
		return nil
	}, `WHERE block = $1 ORDER BY id`, last+1)
	if err != nil {
		return 0, err
	}
	for consent, digest := range undigested {
		if err := setConsentDigest(ctx, tx, consent, digest); err != nil {
			return 0, err
		}
	}
	return n, insertConsentBlock(ctx, tx, s.end())
}

// SealAllConsents seals until nothing is left, each block in its own
// transaction.
func SealAllConsents(ctx context.Context, d *db.DB) error {
	for {
		n, err := db.Do(ctx, d, func(tx *db.Tx) (int64, error) { return SealConsents(ctx, tx) })
		if err != nil || n < consentsPerBlock {
			return err
		}
	}
}

// ErrConsents means that the proofs are not what was sealed; the error that
// wraps it names the row or the block.
var ErrConsents = errors.New("the proofs of acceptance contradict their chain")

func brokenConsent(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrConsents}, args...)...)
}

// A ConsentReport counts what was verified.
type ConsentReport struct {
	Consents int64
	Blocks   int64
	Unsealed int64 // proofs that no block seals yet
}

// VerifyConsents recomputes the digest of every proof and the chain over them,
// of one moment. A proof that was changed, removed, added or put elsewhere
// after it was sealed is an error that wraps [ErrConsents]; of one that is not
// sealed yet a change alone is found.
func VerifyConsents(ctx context.Context, d *db.DB) (ConsentReport, error) {
	return db.Ask(ctx, d, func(tx *db.Tx) (ConsentReport, error) {
		v := consentVerifier{}
		r, err := v.run(ctx, tx)
		if err != nil && !errors.Is(err, ErrConsents) {
			err = fmt.Errorf("account: verify consents: %w", err)
		}
		return r, err
	})
}

// A consentVerifier walks the rows beside the blocks.
type consentVerifier struct {
	ConsentReport
	blocks  []consentBlock // not yet met
	current *consentSealer // of blocks[0]; nil before its first row
	last    string         // the hash of the block before
}

func (v *consentVerifier) run(ctx context.Context, tx *db.Tx) (ConsentReport, error) {
	var err error
	if v.blocks, err = selectConsentBlocks(ctx, tx); err != nil {
		return v.ConsentReport, err
	}
	v.Blocks = int64(len(v.blocks))
	for i, b := range v.blocks {
		if b.number != int64(i)+1 {
			return v.ConsentReport, brokenConsent("account_consent_block %d: missing", i+1)
		}
	}
	if err := eachConsent(ctx, tx, v.row, `ORDER BY block, id`); err != nil {
		return v.ConsentReport, err
	}
	for len(v.blocks) > 0 {
		if err := v.finish(); err != nil {
			return v.ConsentReport, err
		}
	}
	return v.ConsentReport, v.end(ctx, tx)
}

func (v *consentVerifier) row(c sealedConsent) error {
	v.Consents++
	digest := c.digest()
	if c.kept != digest && (c.block != 0 || c.kept != "") {
		return brokenConsent("account_consent %s: it is not as it was written", c.ID)
	}
	if c.block == 0 {
		v.Unsealed++
		return nil
	}
	for len(v.blocks) > 0 && v.blocks[0].number < c.block {
		if err := v.finish(); err != nil {
			return err
		}
	}
	if len(v.blocks) == 0 || v.blocks[0].number != c.block {
		return brokenConsent("account_consent %s: there is no block %d", c.ID, c.block)
	}
	v.sealer().add(digest)
	return nil
}

func (v *consentVerifier) sealer() *consentSealer {
	if v.current == nil {
		v.current = newConsentSealer(v.blocks[0].number, v.last)
	}
	return v.current
}

// finish compares the first block with its rows.
func (v *consentVerifier) finish() error {
	kept, got := v.blocks[0], v.sealer().end()
	if kept.consents != got.consents {
		return brokenConsent("account_consent_block %d: it sealed %d proofs, %d are there", kept.number, kept.consents, got.consents)
	}
	if kept.hash != got.hash {
		return brokenConsent("account_consent_block %d: its proofs are not those that it sealed, or not in their order", kept.number)
	}
	v.blocks, v.current, v.last = v.blocks[1:], nil, kept.hash
	return nil
}

func (v *consentVerifier) end(ctx context.Context, tx *db.Tx) error {
	block, hash, err := selectConsentChain(ctx, tx)
	if err != nil {
		return err
	}
	if block != v.Blocks || hash != v.last {
		return brokenConsent("account_consent_chain: it ends at block %d, the blocks at %d", block, v.Blocks)
	}
	return nil
}
