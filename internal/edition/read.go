package edition

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"unicode/utf8"

	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// Load parses and checks a folder of policies, for one shop.
type Load func(files fs.FS) (policy.Set, error)

// A Draft is a shop's folder, checked and rendered, ready to be published.
type Draft struct {
	Set   policy.Set
	pages map[string][]Page // by document
}

// Read takes a folder of policies as it is now. What load finds faulty cannot
// be published.
func Read(files fs.FS, load Load) (Draft, error) {
	d := Draft{pages: map[string][]Page{}}
	all, err := readFolder(files)
	if err != nil {
		return d, fmt.Errorf("edition: read: %w", err)
	}
	for _, name := range all.names() {
		if data := all[name]; !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
			return d, fmt.Errorf("edition: %s: %w", name, ErrText)
		}
	}
	if d.Set, err = load(all); err != nil {
		return d, err
	}
	for _, name := range policy.Names {
		doc, err := d.Set.Get(name)
		if err != nil {
			return d, fmt.Errorf("edition: %s: %w", name, err)
		}
		if d.pages[name], err = pages(doc); err != nil {
			return d, fmt.Errorf("edition: %s: %w", name, err)
		}
	}
	return d, nil
}

// pages renders a document in each of its languages.
func pages(d *policy.Document) ([]Page, error) {
	all, errs := []Page{}, []error{}
	for _, l := range i18n.Languages {
		t, ok := d.Texts[l]
		if !ok {
			continue
		}
		html, err := t.HTML()
		errs = append(errs, err)
		all = append(all, Page{Lang: l, Title: t.Title, Statement: t.Statement, HTML: html, Hash: digest([]byte(html))})
	}
	return all, errors.Join(errs...)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
