package edition

import (
	"context"
	"fmt"
	"strings"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// Proof is how a statement names a document: with the hash of all its bytes and
// of those in the prevailing language.
func Proof(d *policy.Document) account.Document {
	return account.Document{Name: d.Name, Version: d.Version, Hash: d.Hash, Prevailing: string(d.Prevailing),
		PrevailingHash: digest(d.Files[d.Name+".md"])}
}

// Accept keeps a proof that the account accepted the document, to which c adds
// the control, the text that was shown, its language, what it was given for and
// from where.
func Accept(ctx context.Context, tx *db.Tx, who account.ID, d *policy.Document, c account.Consent) error {
	c.Account, c.Document = who, Proof(d)
	return account.Accept(ctx, tx, c)
}

// maxUsers is how many people a shelf remembers; more are asked for again.
const maxUsers = 100_000

// Continue keeps that a person who is signed in uses the service under the
// texts in force, once for each edition of a document that is accepted so; what
// was accepted by another control is not kept again. It is cheap enough for
// every request: it asks the database when it does not know the person yet.
func (s *Shelf) Continue(ctx context.Context, who account.Account, c account.Client) error {
	if who.Usable() != nil {
		return nil
	}
	documents, key := s.byUse()
	if len(documents) == 0 || s.knows(who.ID, key) {
		return nil
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		for _, d := range documents {
			if err := use(ctx, tx, who, d, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("edition: continued use: %w", err)
	}
	s.remember(who.ID, key)
	return nil
}

// byUse gives the texts in force that are accepted by use, and their hashes in
// one.
func (s *Shelf) byUse() (all []*policy.Document, key string) {
	set, hashes := s.Now(), []string{}
	for _, name := range policy.Names {
		if d := set[name]; d.AcceptedByUse {
			all, hashes = append(all, d), append(hashes, d.Hash)
		}
	}
	return all, strings.Join(hashes, " ")
}

func (s *Shelf) knows(who account.ID, key string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.users[who] == key
}

func (s *Shelf) remember(who account.ID, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.users) >= maxUsers {
		clear(s.users)
	}
	s.users[who] = key
}

func use(ctx context.Context, tx *db.Tx, who account.Account, d *policy.Document, c account.Client) error {
	first, err := insertUse(ctx, tx, who.ID, d.Hash)
	if err != nil || !first {
		return err
	}
	if known, err := account.Accepted(ctx, tx, who.ID, d.Hash); err != nil || known {
		return err
	}
	p := i18n.For(who.Locale)
	return Accept(ctx, tx, who.ID, d, account.Consent{Control: account.ControlContinuedUse, Lang: p.Lang, Text: UseText(p, d), Client: c})
}

// UseText is the sentence that tells of acceptance by use: on the document's
// page, in the letter about a change, and in the proof.
func UseText(p *i18n.Printer, d *policy.Document) string {
	return useText(p, d.In(p.Lang).Title, d.Version)
}

func useText(p *i18n.Printer, title, version string) string {
	return p.T("edition.use", i18n.Args{"document": title, "version": version})
}
