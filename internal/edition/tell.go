package edition

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/mail"
	"safelight/internal/policy"
	"safelight/internal/queue"
)

const tellKind = "edition.tell"

// batch is how many letters one transaction writes: few enough that it holds up
// nobody on SQLite.
const batch = 50

// Register hands the letters about material changes to q.
func (s *Shelf) Register(q *queue.Queue) {
	q.Handle(tellKind, queue.Options{}, func(ctx context.Context, r *queue.Run) error {
		var p PublicationID
		if err := r.Decode(&p); err != nil {
			return queue.Permanent(err)
		}
		return s.Tell(ctx, p)
	})
	q.Tick(tellKind, time.Minute, s.resume)
}

// resume has mailings that were given up taken up again.
func (s *Shelf) resume(ctx context.Context) error {
	all, err := db.Ask(ctx, s.DB, func(tx *db.Tx) ([]PublicationID, error) { return selectUnfinished(ctx, tx) })
	if err != nil || len(all) == 0 {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		for _, p := range all {
			if err := enqueue(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// Tell writes the letters about a publication to everybody whose account is
// active and older than it, in batches. It goes on where it ended, and a person
// gets one letter whatever happens.
func (s *Shelf) Tell(ctx context.Context, p PublicationID) error {
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	letters, err := s.letters(p)
	if err != nil {
		return err
	}
	for {
		more, err := db.Do(ctx, s.DB, func(tx *db.Tx) (bool, error) { return tellSome(ctx, tx, p, letters, s.Log) })
		if err != nil {
			return fmt.Errorf("edition: tell of %s: %w", p, err)
		}
		if !more {
			return nil
		}
	}
}

// tellSome writes the next batch; false when none is left.
func tellSome(ctx context.Context, tx *db.Tx, p PublicationID, letters map[i18n.Lang]mail.Message, log *slog.Logger) (more bool, err error) {
	m, err := selectMailing(ctx, tx, p)
	if err != nil || !m.done.IsZero() {
		return false, err
	}
	people, err := account.Reachable(ctx, tx, m.reached, m.published, batch)
	if err != nil {
		return false, err
	}
	to := m
	for _, a := range people {
		to.reached = a.ID
		letter := letters[i18n.For(a.Locale).Lang]
		letter.Key, letter.To = "edition:"+string(p)+":"+string(a.ID), a.Deliver()
		switch err := mail.Send(ctx, tx, letter); {
		case errors.Is(err, mail.ErrAddress):
			log.WarnContext(ctx, "a change of the texts cannot be told", slog.String("account", string(a.ID)), slog.Any("error", err))
		case err != nil:
			return false, err
		default:
			to.told++
		}
	}
	if more = len(people) == batch; !more {
		to.done = tx.Now()
	}
	mine, err := advance(ctx, tx, p, m, to)
	if err == nil && !mine {
		err = errors.New("another worker tells of it")
	}
	return more, err
}

// letters are what is written about a publication, in each language.
func (s *Shelf) letters(p PublicationID) (map[i18n.Lang]mail.Message, error) {
	changed := []Edition{}
	for _, name := range policy.Names {
		for _, e := range s.list(name) {
			if e.Publication == p {
				changed = append(changed, e)
			}
		}
	}
	if len(changed) == 0 {
		return nil, policy.ErrUnknown
	}
	all := map[i18n.Lang]mail.Message{}
	for _, l := range i18n.Languages {
		all[l] = s.letter(i18n.For(l), changed)
	}
	return all, nil
}

// letter is transactional: changes of the texts are told to those too who want
// no news.
func (s *Shelf) letter(p *i18n.Printer, changed []Edition) mail.Message {
	l := mail.Letter{Shop: s.Letters, Button: mail.Button{Label: p.T("edition.letter_read"), URL: s.Letters.BaseURL + changed[0].Path()}}
	shop := i18n.Args{"shop": s.Letters.Name}
	l.Subject = p.T("edition.letter_subject_several", shop)
	if len(changed) == 1 {
		l.Subject = p.T("edition.letter_subject", shop, i18n.Args{"document": changed[0].Title(p.Lang)})
	}
	l.Paragraphs = []string{p.T("edition.letter_text", shop)}
	if changed[0].Note != "" {
		l.Paragraphs = append(l.Paragraphs, changed[0].Note)
	}
	for _, e := range changed {
		l.Rows = append(l.Rows, [2]string{e.Title(p.Lang),
			p.T("edition.letter_row", i18n.Args{"date": p.Date(e.InForce), "url": s.Letters.BaseURL + e.Path()})})
		if e.Name == policy.Refund {
			l.Paragraphs = append(l.Paragraphs, p.T("edition.letter_purchases"))
		}
		if d := s.parsed(e.Hash); d != nil && d.AcceptedByUse {
			l.Paragraphs = append(l.Paragraphs, useText(p, e.Title(p.Lang), e.Version))
		}
	}
	m := mail.Message{Class: mail.Transactional, Lang: p.Lang, Subject: l.Subject}
	m.Text, m.HTML = mail.Compose(p, l)
	return m
}
