package edition

import (
	"context"
	"fmt"

	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// Page is a version as it was rendered when it was published, in the reader's
// language or else in the prevailing one.
func (s *Shelf) Page(ctx context.Context, name, version string, l i18n.Lang) (Page, error) {
	e, err := s.Find(name, version)
	if err != nil {
		return Page{}, err
	}
	all, err := db.Ask(ctx, s.DB, func(tx *db.Tx) ([]Page, error) { return selectPages(ctx, tx, e.Hash) })
	if err != nil {
		return Page{}, fmt.Errorf("edition: page: %w", err)
	}
	for _, wanted := range []i18n.Lang{l, e.Prevailing} {
		for _, p := range all {
			if p.Lang == wanted {
				return p, nil
			}
		}
	}
	return Page{}, policy.ErrUnknown
}

// Bytes are the files of an edition as they were published, by name.
func (s *Shelf) Bytes(ctx context.Context, e Edition) (map[string][]byte, error) {
	all, err := db.Ask(ctx, s.DB, func(tx *db.Tx) (folder, error) { return selectFiles(ctx, tx, e.Hash) })
	if err != nil {
		return nil, fmt.Errorf("edition: bytes: %w", err)
	}
	return all, nil
}
