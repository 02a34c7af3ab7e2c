package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/id"
)

// The controls of the sign-up form: the names of its boxes.
const (
	ControlAdult      = "adult"
	ControlTerms      = "terms"
	ControlTransfer   = "transfer"
	ControlNewsletter = "newsletter"
)

// Controls elsewhere: of the checkout, of a client's program, and none at all.
const (
	ControlCheckbox     = "checkbox"
	ControlAPI          = "api"
	ControlContinuedUse = "continued_use" // going on using the service, where the document says that this accepts it
)

// A Document is what a statement speaks of, in the version in force.
type Document struct {
	Name           string // "terms", "privacy", "refund"
	Version        string
	Hash           string // of the bytes of all its languages
	Prevailing     string // the language that counts
	PrevailingHash string // of the bytes of the text in that language
}

// A Statement is a sentence in the first person beside a box that is never
// ticked beforehand.
type Statement struct {
	Control   string
	Text      string // exactly as shown, without markup
	Documents []Document
	Required  bool
}

// Statements are the usual ones, in the printer's language: of age, the
// documents, the processing across borders, and the newsletter, which alone
// may be left out. An empty transfer text takes the usual one.
func Statements(p *i18n.Printer, documents []Document, transfer string) []Statement {
	if transfer == "" {
		transfer = p.T("account.statement_transfer")
	}
	return []Statement{
		{Control: ControlAdult, Text: p.T("account.statement_adult"), Required: true},
		{Control: ControlTerms, Text: p.T("account.statement_terms"), Documents: documents, Required: true},
		{Control: ControlTransfer, Text: transfer, Required: true},
		{Control: ControlNewsletter, Text: p.T("account.statement_newsletter")},
	}
}

// Seal identifies what a form showed. A form that sends it back is refused
// when the text has changed in between.
func Seal(all []Statement) string {
	data, err := json.Marshal(all)
	if err != nil {
		panic(err) // strings and booleans always encode
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// agreed returns the statements that were ticked, or which one is needed.
func agreed(all []Statement, ticked map[string]bool) ([]Statement, error) {
	given, missing := []Statement{}, []error{}
	for _, s := range all {
		switch {
		case ticked[s.Control]:
			given = append(given, s)
		case s.Required:
			missing = append(missing, ErrStatement.On(s.Control))
		}
	}
	return given, errors.Join(missing...)
}

// A Consent is the proof of one statement about one document. It is written
// once and sealed into a chain of hashes: see [VerifyConsents].
type Consent struct {
	ID       string
	Account  ID
	Control  string
	Document Document // the zero Document for a statement about none
	Lang     i18n.Lang
	Text     string // exactly as shown
	About    string // the order or the like that it was given for; empty for none
	Client   Client
	At       time.Time
}

// Agree keeps the proof that the account agreed to the statements shown in
// the language.
func Agree(ctx context.Context, tx *db.Tx, account ID, given []Statement, lang i18n.Lang, c Client) error {
	for _, s := range given {
		documents := s.Documents
		if len(documents) == 0 {
			documents = []Document{{}}
		}
		for _, d := range documents {
			err := Accept(ctx, tx, Consent{Account: account, Control: s.Control, Document: d, Lang: lang, Text: s.Text, Client: c})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Accept keeps one proof; its ID and time are given here.
func Accept(ctx context.Context, tx *db.Tx, c Consent) error {
	c.ID, c.At = id.New[string]("con"), tx.Now()
	if err := insertConsent(ctx, tx, c, c.digest()); err != nil {
		return fmt.Errorf("account: keep a consent: %w", err)
	}
	return nil
}

// Accepted reports whether the account has accepted the document with this
// hash, by any control.
func Accepted(ctx context.Context, tx *db.Tx, account ID, hash string) (bool, error) {
	ok, err := selectAccepted(ctx, tx, account, hash)
	if err != nil {
		return false, fmt.Errorf("account: look for a consent: %w", err)
	}
	return ok, nil
}

// Consents are the proofs of an account, oldest first.
func Consents(ctx context.Context, tx *db.Tx, account ID) ([]Consent, error) {
	return selectConsents(ctx, tx, account)
}

// Statements are what a person is asked to agree to at sign-up now, for the
// page that shows the form.
func (p *People) Statements(ctx context.Context, lang i18n.Lang) ([]Statement, error) {
	all, err := db.Ask(ctx, p.db, func(tx *db.Tx) ([]Statement, error) { return p.cfg.Statements(ctx, tx, lang) })
	if err != nil {
		return nil, fmt.Errorf("account: statements: %w", err)
	}
	return all, nil
}
