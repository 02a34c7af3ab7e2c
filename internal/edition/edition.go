package edition

import (
	"time"

	"safelight/internal/fault"
	"safelight/internal/i18n"
)

// PublicationID names one act of publishing: "pub_…".
type PublicationID string

// An Edition is one published version of one document.
type Edition struct {
	Name           string
	Version        string
	Number         int64  // 1 is the first of its name
	Hash           string // of the bytes of all its languages
	Prevailing     i18n.Lang
	PrevailingHash string               // of the bytes of the text in that language
	Titles         map[i18n.Lang]string // by language
	Effective      time.Time            // the day that the text names
	InForce        time.Time            // when it took or takes effect here
	Publication    PublicationID
	Material       bool
	Note           string // what changed, as the operator put it; may be empty
	By             string
	Published      time.Time

	seal string // of all this behind the one before: see sealed
}

// Title is the document's title in the reader's language, or in the prevailing
// one.
func (e Edition) Title(l i18n.Lang) string {
	if t, ok := e.Titles[l]; ok {
		return t
	}
	return e.Titles[e.Prevailing]
}

// Path is the edition's own address on the site.
func (e Edition) Path() string { return "/" + e.Name + "/" + e.Version }

// A Page is an edition in one language as it was rendered when it was
// published.
type Page struct {
	Lang      i18n.Lang
	Title     string
	Statement string
	HTML      string
	Hash      string // of HTML
}

// How says who publishes, and how much it matters.
type How struct {
	Material bool   // customers are told by letter and notice
	Note     string // one or two sentences about what changed; may be empty
	By       string
}

// Errors of this package; what is not there at all is [policy.ErrUnknown].
var (
	ErrVersionTaken = fault.New(fault.Conflict, "edition.version_taken", "This version was published with another text. Give the change a version of its own.")
	ErrOlder        = fault.New(fault.Conflict, "edition.older", "A newer version is published already.")
	ErrText         = fault.New(fault.Invalid, "edition.text", "This file is not UTF-8 text.")
	ErrUnreadable   = fault.New(fault.Unavailable, "edition.unreadable", "This version can only be shown as it was published.")
)

// inForce picks the edition of all, newest first, that counts at a moment. The
// first one counts before itself: nothing else does.
func inForce(all []Edition, at time.Time) (Edition, bool) {
	for _, e := range all {
		if !e.InForce.After(at) {
			return e, true
		}
	}
	if len(all) == 0 {
		return Edition{}, false
	}
	return all[len(all)-1], true
}
