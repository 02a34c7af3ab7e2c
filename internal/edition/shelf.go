package edition

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/mail"
	"safelight/internal/policy"
)

// Config is what a shelf needs.
type Config struct {
	DB      *db.DB
	Files   fs.FS // the shop's folder of policies
	Load    Load
	Letters mail.Shop
	Log     *slog.Logger
}

// Validate reports what is missing.
func (c Config) Validate() error {
	if c.DB == nil || c.Files == nil || c.Load == nil || c.Log == nil {
		return errors.New("edition: the configuration is not complete")
	}
	return nil
}

// A Shelf gives the texts that are published. It is safe for concurrent use;
// several shelves on one database agree within the second that [Shelf.Watch]
// takes.
type Shelf struct {
	Config
	disk policy.Set // of the shop's folder when the shelf was opened

	refreshing sync.Mutex

	mu        sync.RWMutex
	heads     []head
	editions  map[string][]Edition // by name, newest first
	documents map[string]*policy.Document
	users     map[account.ID]string // the editions that each is known to use, by their hashes
}

// Open publishes what the shop has not published yet, and reads what it has.
// Where the folder says something newer than the newest edition, that is logged
// and not served: it takes effect when it is posted.
func Open(ctx context.Context, c Config) (*Shelf, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d, err := Read(c.Files, c.Load)
	if err != nil {
		return nil, err
	}
	first, err := db.Do(ctx, c.DB, func(tx *db.Tx) ([]Edition, error) { return First(ctx, tx, d, "first start") })
	if err != nil {
		return nil, err
	}
	for _, e := range first {
		c.Log.InfoContext(ctx, "a first edition was published", slog.String("document", e.Name), slog.String("version", e.Version))
	}
	s := &Shelf{Config: c, disk: d.Set, editions: map[string][]Edition{}, documents: map[string]*policy.Document{}, users: map[account.ID]string{}}
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	return s, s.compare(ctx, d)
}

// compare tells what in the folder is not published.
func (s *Shelf) compare(ctx context.Context, d Draft) error {
	for _, name := range policy.Names {
		newest := s.list(name)[0]
		same, err := db.Ask(ctx, s.DB, func(tx *db.Tx) (bool, error) { return sameFiles(ctx, tx, newest.Hash, d.Set[name].Files) })
		if err != nil {
			return fmt.Errorf("edition: compare: %w", err)
		}
		if !same {
			s.Log.WarnContext(ctx, "the folder differs from what is published; `safelight policy publish` posts it, until then the published text counts",
				slog.String("document", name), slog.String("published", newest.Version), slog.String("folder", d.Set[name].Version))
		}
	}
	return nil
}

// Watch keeps the shelf up to date until ctx ends.
func (s *Shelf) Watch(ctx context.Context) {
	last := ""
	for t := time.NewTicker(time.Second); ; {
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		err := s.Refresh(ctx)
		if err != nil && ctx.Err() == nil && err.Error() != last {
			s.Log.ErrorContext(ctx, "published texts were not read; the ones from before go on counting here", slog.Any("error", err))
		}
		last = fmt.Sprint(err)
	}
}

// Refresh reads what was published since the last time. Where a text that is or
// will be in force cannot be parsed, all stays as it was.
func (s *Shelf) Refresh(ctx context.Context) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	heads, err := db.Ask(ctx, s.DB, func(tx *db.Tx) ([]head, error) { return selectHeads(ctx, tx) })
	if err != nil {
		return fmt.Errorf("edition: refresh: %w", err)
	}
	s.mu.RLock()
	same := slices.Equal(heads, s.heads)
	s.mu.RUnlock()
	if same {
		return nil
	}
	all, err := db.Ask(ctx, s.DB, func(tx *db.Tx) ([]Edition, error) { return List(ctx, tx) })
	if err != nil {
		return fmt.Errorf("edition: refresh: %w", err)
	}
	editions := map[string][]Edition{}
	for _, e := range all {
		editions[e.Name] = append(editions[e.Name], e)
	}
	documents, err := s.parseLive(ctx, editions)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heads, s.editions = heads, editions
	maps.Copy(s.documents, documents)
	clear(s.users)
	return nil
}

// parseLive parses the editions that are in force or will be.
func (s *Shelf) parseLive(ctx context.Context, editions map[string][]Edition) (map[string]*policy.Document, error) {
	documents := map[string]*policy.Document{}
	for _, name := range policy.Names {
		now, ok := inForce(editions[name], s.DB.Clock().Now())
		if !ok {
			return nil, fmt.Errorf("edition: no %s is published", name)
		}
		for _, e := range editions[name] {
			if e.Number < now.Number {
				break
			}
			d := s.parsed(e.Hash)
			if d == nil {
				var err error
				if d, err = s.parse(ctx, e); err != nil {
					return nil, fmt.Errorf("edition: %s %s as published cannot be read by this program; publish a version that can: %w", name, e.Version, err)
				}
			}
			documents[e.Hash] = d
		}
	}
	return documents, nil
}

func (s *Shelf) parsed(hash string) *policy.Document {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.documents[hash]
}

// parse reads an edition from its bytes. The other documents, which a folder
// must have, are those of today.
func (s *Shelf) parse(ctx context.Context, e Edition) (*policy.Document, error) {
	own, err := db.Ask(ctx, s.DB, func(tx *db.Tx) (folder, error) { return selectFiles(ctx, tx, e.Hash) })
	if err != nil {
		return nil, fmt.Errorf("edition: read %s %s: %w", e.Name, e.Version, err)
	}
	for _, other := range s.disk {
		if other.Name != e.Name {
			maps.Copy(own, other.Files)
		}
	}
	set, err := s.Load(own)
	if err != nil {
		return nil, err
	}
	d := set[e.Name]
	d.Hash = e.Hash // what proofs name, however this program would compute it
	return d, nil
}

// list gives the editions of a name, newest first.
func (s *Shelf) list(name string) []Edition {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.editions[name]
}

// Current is [Shelf.Now]; it never fails.
func (s *Shelf) Current(context.Context) (policy.Set, error) { return s.Now(), nil }

// Now is the set of texts in force now. It asks no database, so it may be
// called anywhere.
func (s *Shelf) Now() policy.Set {
	now := s.DB.Clock().Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	set := policy.Set{}
	for _, name := range policy.Names {
		e, _ := inForce(s.editions[name], now)
		set[name] = s.documents[e.Hash]
	}
	return set
}

// InForce is the edition of a document that counts at a moment.
func (s *Shelf) InForce(name string, at time.Time) (Edition, error) {
	e, ok := inForce(s.list(name), at)
	if !ok {
		return Edition{}, policy.ErrUnknown
	}
	return e, nil
}

// All are the editions of a document, newest first.
func (s *Shelf) All(_ context.Context, name string) ([]Edition, error) {
	all := s.list(name)
	if len(all) == 0 {
		return nil, policy.ErrUnknown
	}
	return slices.Clone(all), nil
}

// Find is the edition of this version.
func (s *Shelf) Find(name, version string) (Edition, error) {
	return s.first(name, func(e Edition) bool { return e.Version == version })
}

func (s *Shelf) first(name string, is func(Edition) bool) (Edition, error) {
	all := s.list(name)
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], nil
	}
	return Edition{}, policy.ErrUnknown
}

// Version is the document in this version; [ErrUnreadable] where it can only be
// shown by its [Shelf.Page]. It may ask the database: not to be called in a
// transaction.
func (s *Shelf) Version(ctx context.Context, name, version string) (*policy.Document, error) {
	e, err := s.Find(name, version)
	if err != nil {
		return nil, err
	}
	return s.document(ctx, e)
}

// At is the document that was in force at a moment, under which a purchase of
// that moment is judged. Otherwise it is as [Shelf.Version].
func (s *Shelf) At(ctx context.Context, name string, at time.Time) (*policy.Document, error) {
	e, err := s.InForce(name, at)
	if err != nil {
		return nil, err
	}
	return s.document(ctx, e)
}

// ByHash is the document that a proof names. Otherwise it is as
// [Shelf.Version].
func (s *Shelf) ByHash(ctx context.Context, hash string) (*policy.Document, error) {
	for _, name := range policy.Names {
		if e, err := s.first(name, func(e Edition) bool { return e.Hash == hash }); err == nil {
			return s.document(ctx, e)
		}
	}
	return nil, policy.ErrUnknown
}

func (s *Shelf) document(ctx context.Context, e Edition) (*policy.Document, error) {
	if d := s.parsed(e.Hash); d != nil {
		return d, nil
	}
	d, err := s.parse(ctx, e)
	if err != nil {
		return nil, ErrUnreadable.With(fault.Args{"version": e.Version}).Because(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents[e.Hash] = d
	return d, nil
}
