package mail

import (
	"context"

	"safelight/internal/db"
)

// Stage is how far a message has come.
type Stage string

// The stages.
const (
	Waiting Stage = "waiting" // to be tried, or tried again
	Taken   Stage = "sent"    // a mail server has it
	Failed  Stage = "failed"  // given up
)

// Stage is how far the message has come.
func (m Sent) Stage() Stage {
	switch {
	case !m.SentAt.IsZero():
		return Taken
	case !m.GivenUpAt.IsZero():
		return Failed
	}
	return Waiting
}

// A Filter picks messages; an empty field picks all.
type Filter struct {
	To    string
	Class Class
	Stage Stage
}

// A Page is at most Limit messages (50 if 0) older than Before, if that is
// given.
type Page struct {
	Before ID
	Limit  int
}

// List gives messages, the newest first, for the operator.
func List(ctx context.Context, tx *db.Tx, f Filter, p Page) ([]Sent, error) {
	if p.Limit <= 0 {
		p.Limit = 50
	}
	return list(ctx, tx, f, p)
}

// Mailbox gives the newest messages: for the sandbox's page.
func Mailbox(ctx context.Context, tx *db.Tx, limit int) ([]Sent, error) {
	return List(ctx, tx, Filter{}, Page{Limit: limit})
}
