package edition

import (
	"context"
	"fmt"
	"maps"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
	"safelight/internal/policy"
	"safelight/internal/queue"
)

// Publish stores what is new in the draft and returns it: nothing where the
// newest editions have the same bytes. It returns [ErrVersionTaken] for a
// version that was published with other bytes and [ErrOlder] for one before the
// newest. A material change is told when tx commits. Those who publish at once
// do so one after another.
func Publish(ctx context.Context, tx *db.Tx, d Draft, how How) ([]Edition, error) {
	return publish(ctx, tx, d, how, func(int64) bool { return true })
}

// First stores the documents of which there is no edition yet.
func First(ctx context.Context, tx *db.Tx, d Draft, by string) ([]Edition, error) {
	return publish(ctx, tx, d, How{By: by}, func(number int64) bool { return number == 1 })
}

func publish(ctx context.Context, tx *db.Tx, d Draft, how How, wanted func(number int64) bool) ([]Edition, error) {
	now := tx.Now()
	publication, all := id.New[PublicationID]("pub"), []Edition{}
	for _, name := range policy.Names {
		e, isNew, err := next(ctx, tx, d, name)
		if err != nil {
			return nil, fmt.Errorf("edition: publish %s: %w", name, err)
		}
		if !isNew || !wanted(e.Number) {
			continue
		}
		e.Publication, e.Material, e.Note, e.By, e.Published = publication, how.Material, how.Note, how.By, now
		e.InForce = takesEffect(e, now)
		e.seal = sealed(e, e.seal, hashes(d.Set[name].Files), d.pages[name])
		all = append(all, e)
	}
	if len(all) == 0 {
		return all, nil
	}
	if err := insertPublication(ctx, tx, publication, how); err != nil {
		return nil, fmt.Errorf("edition: publish: %w", err)
	}
	for _, e := range all {
		if err := insertEdition(ctx, tx, e, d.Set[e.Name].Files, d.pages[e.Name]); err != nil {
			return nil, fmt.Errorf("edition: publish %s: %w", e.Name, err)
		}
	}
	if !how.Material {
		return all, nil
	}
	return all, startMailing(ctx, tx, publication)
}

// List gives all editions, by name and the newest first.
func List(ctx context.Context, tx *db.Tx) ([]Edition, error) {
	all, err := selectEditions(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("edition: list: %w", err)
	}
	return all, nil
}

// takesEffect: the first edition on the day that it names, if that has been:
// the shop is older than its database; a later one when it is posted, or on the
// later day that it names.
func takesEffect(e Edition, now time.Time) time.Time {
	if first := e.Number == 1; first == e.Effective.After(now) {
		return now
	}
	return e.Effective
}

// next compares a document of the draft with its newest edition, which it holds
// until tx ends, and gives the edition that would follow, with the seal of the
// one before.
func next(ctx context.Context, tx *db.Tx, d Draft, name string) (e Edition, isNew bool, err error) {
	doc := d.Set[name]
	head, err := lockHead(ctx, tx, name)
	if err != nil {
		return e, false, err
	}
	e = edition(doc, d.pages[name])
	e.Number, e.seal = head.number+1, head.seal
	if doc.Version < head.version {
		return e, false, ErrOlder.With(fault.Args{"name": name, "version": doc.Version, "newest": head.version})
	}
	if doc.Version != head.version {
		return e, true, nil
	}
	same, err := sameFiles(ctx, tx, head.hash, doc.Files)
	if err == nil && !same {
		err = ErrVersionTaken.With(fault.Args{"name": name, "version": doc.Version})
	}
	return e, false, err
}

// edition is what the draft's document would be published as.
func edition(doc *policy.Document, pages []Page) Edition {
	return Edition{Name: doc.Name, Version: doc.Version, Hash: doc.Hash, Prevailing: doc.Prevailing,
		PrevailingHash: digest(doc.Files[doc.Name+".md"]), Titles: titles(pages), Effective: doc.Effective}
}

// hashes are those of files, by name.
func hashes(files map[string][]byte) map[string]string {
	all := map[string]string{}
	for name, data := range files {
		all[name] = digest(data)
	}
	return all
}

// sameFiles reports whether the edition's files are these.
func sameFiles(ctx context.Context, tx *db.Tx, hash string, files map[string][]byte) (bool, error) {
	kept, err := selectFileHashes(ctx, tx, hash)
	return err == nil && maps.Equal(kept, hashes(files)), err
}

func startMailing(ctx context.Context, tx *db.Tx, p PublicationID) error {
	if err := insertMailing(ctx, tx, p); err != nil {
		return fmt.Errorf("edition: publish: %w", err)
	}
	return enqueue(ctx, tx, p)
}

func enqueue(ctx context.Context, tx *db.Tx, p PublicationID) error {
	_, err := queue.Enqueue(ctx, tx, queue.Job{Kind: tellKind, Key: string(p), Args: p})
	return err
}
