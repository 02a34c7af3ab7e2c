package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"safelight/internal/db"
)

func open(t *testing.T) *Backend {
	t.Helper()
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "a folder", "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func exec(query string, args ...any) func(db.Conn) error {
	return func(c db.Conn) error {
		_, err := c.Exec(context.Background(), query, args)
		return err
	}
}

func TestWaitingClosuresShareACommit(t *testing.T) {
	b := open(t)
	if err := b.Write(t.Context(), exec("CREATE TABLE x (n INTEGER) STRICT")); err != nil {
		t.Fatal(err)
	}
	release, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = b.Write(t.Context(), func(db.Conn) error { close(held); <-release; return nil })
	})
	<-held
	for i := range 100 {
		wg.Go(func() {
			if err := b.Write(t.Context(), exec("INSERT INTO x VALUES ($1)", i)); err != nil {
				t.Error(err)
			}
		})
	}
	for len(b.writer.queue) < 100 {
		runtime.Gosched()
	}
	before := b.writer.groups
	close(release)
	wg.Wait()
	if shared := b.writer.groups - before; shared > 20 { // one or two, but a busy machine ends a group by its time
		t.Errorf("101 closures took %d commits", shared)
	}
}

// SQLite rolls the whole transaction back for some errors; the neighbours must
// not notice.
func TestAClosureThatSpoilsTheGroupHarmsNoNeighbour(t *testing.T) {
	b := open(t)
	if err := b.Write(t.Context(), exec("CREATE TABLE x (n INTEGER PRIMARY KEY) STRICT")); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := b.Write(t.Context(), func(c db.Conn) error {
				if err := exec("INSERT INTO x VALUES ($1)", i)(c); err != nil {
					return err
				}
				if i == 7 {
					return exec("INSERT OR ROLLBACK INTO x VALUES ($1)", i)(c)
				}
				return nil
			})
			if (err != nil) != (i == 7) {
				t.Errorf("closure %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	var n int
	err := b.Read(t.Context(), func(c db.Conn) error {
		r, err := c.Query(t.Context(), "SELECT count(*) FROM x", nil)
		if err != nil {
			return err
		}
		r.Next()
		return errors.Join(r.Scan(&n), r.Close())
	})
	if err != nil || n != 19 {
		t.Errorf("%d rows kept, %v", n, err)
	}
}

func TestAClosedDatabaseSaysSo(t *testing.T) {
	b := open(t)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Write(t.Context(), exec("SELECT 1")); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

func TestAClosureThatFailsAfterWritingLeavesItsGroupWhole(t *testing.T) {
	b := open(t)
	if err := b.Write(t.Context(), exec("CREATE TABLE x (n INTEGER PRIMARY KEY) STRICT")); err != nil {
		t.Fatal(err)
	}
	refused, lost := errors.New("refused"), errors.New("lost, with whatever error")
	for _, c := range []struct {
		sentence string
		fifth    func(c db.Conn) error
		kept     int
		want     error
	}{
		{"it wrote and refuses", func(c db.Conn) error {
			return errors.Join(exec("INSERT INTO x VALUES (1000)")(c), refused)
		}, 19, refused},
		{"it wrote and asks for what it wrote", func(c db.Conn) error {
			r, err := c.Query(context.Background(), " INSERT INTO x VALUES (1000) RETURNING n", nil)
			return errors.Join(err, r.Close(), refused)
		}, 19, refused},
		{"it wrote nothing and refuses", func(c db.Conn) error {
			return errors.Join(exec("UPDATE x SET n = 5 WHERE n = 5000")(c), refused)
		}, 19, refused},
		{"a statement fails and nobody minds", func(c db.Conn) error {
			_ = exec("INSERT INTO x VALUES (1), (1)")(c)
			return nil
		}, 19, nil},
		{"SQLite rolls back by itself and nobody minds", func(c db.Conn) error {
			_ = exec("INSERT OR ROLLBACK INTO x VALUES (1), (1)")(c)
			return nil
		}, 19, lost},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			b.writer.careful = 0
			if err := b.Write(t.Context(), exec("DELETE FROM x")); err != nil {
				t.Fatal(err)
			}
			release, held := make(chan struct{}), make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				_ = b.Write(t.Context(), func(db.Conn) error {
					select {
					case <-held:
					default:
						close(held)
					}
					<-release
					return nil
				})
			})
			<-held
			for i := range 20 {
				wg.Go(func() {
					fn, want := exec("INSERT INTO x VALUES ($1)", 100+i), error(nil)
					if i == 5 {
						fn, want = c.fifth, c.want
					}
					if err := b.Write(t.Context(), fn); !errors.Is(err, want) && (!errors.Is(want, lost) || err == nil) {
						t.Errorf("closure %d: %v", i, err)
					}
				})
			}
			for len(b.writer.queue) < 20 {
				runtime.Gosched()
			}
			close(release)
			wg.Wait()
			n := 0
			err := b.Read(t.Context(), func(d db.Conn) error {
				r, err := d.Query(t.Context(), "SELECT count(*) FROM x WHERE n >= 100 AND n < 200", nil)
				if err != nil {
					return err
				}
				r.Next()
				return errors.Join(r.Scan(&n), r.Close())
			})
			if err != nil || n != c.kept {
				t.Errorf("%d rows kept, %v", n, err)
			}
		})
	}
}
