package edition

import (
	"context"
	"fmt"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// A Notice tells a person that a document has changed in something that
// matters, until the person dismisses it by the edition's hash.
type Notice struct {
	Edition
	Before string // the version before it, for the differences
}

// Text is the notice in words.
func (n Notice) Text(p *i18n.Printer) string {
	return p.T("edition.notice", i18n.Args{"document": n.Title(p.Lang), "date": p.Date(n.InForce)})
}

// Notices are the material changes that were posted since the person came, at
// most one a document: the newest. Where there are none, nothing is asked.
func (s *Shelf) Notices(ctx context.Context, tx *db.Tx, who account.Account) ([]Notice, error) {
	all := s.material(who)
	if len(all) == 0 {
		return nil, nil
	}
	seen, err := selectSeen(ctx, tx, who.ID)
	if err != nil {
		return nil, fmt.Errorf("edition: notices: %w", err)
	}
	open := []Notice{}
	for _, n := range all {
		if n.Number > seen[n.Name] {
			open = append(open, n)
		}
	}
	return open, nil
}

// material gives the newest material change of each document since the person
// came.
func (s *Shelf) material(who account.Account) []Notice {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := []Notice{}
	for _, name := range policy.Names {
		editions := s.editions[name]
		for i, e := range editions {
			if e.Material && i+1 < len(editions) && e.Published.After(who.CreatedAt) {
				all = append(all, Notice{Edition: e, Before: editions[i+1].Version})
				break
			}
		}
	}
	return all
}

// Seen dismisses the notice of an edition, and those before it.
func Seen(ctx context.Context, tx *db.Tx, who account.ID, hash string) error {
	ok, err := markSeen(ctx, tx, who, hash)
	if err != nil {
		return fmt.Errorf("edition: dismiss: %w", err)
	}
	if !ok {
		return policy.ErrUnknown
	}
	return nil
}
