package disk

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"safelight/internal/blob"
)

// TestPutIsOnStableStorageBeforeItReturns looks at the folder at each sync: first
// the whole new file under a temporary name with the old one in place, then,
// with the new one in place, the folder.
func TestPutIsOnStableStorageBeforeItReturns(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "k", strings.NewReader("old"), 3, ""); err != nil {
		t.Fatal(err)
	}
	shard, _ := place("k")
	var log []string
	s.sync = func(f *os.File) error {
		fi, err := f.Stat()
		if err != nil {
			return err
		}
		what := "folder"
		if !fi.IsDir() {
			what = "file of " + content(t, filepath.Join(dir, shard, filepath.Base(f.Name())))
		}
		log = append(log, what+" while k is "+read(t, s, "k"))
		return f.Sync()
	}
	if err := s.Put(t.Context(), "k", strings.NewReader("new"), 3, ""); err != nil {
		t.Fatal(err)
	}
	if want := []string{"file of new while k is old", "folder while k is new"}; !slices.Equal(log, want) {
		t.Errorf("synced: %q, want %q", log, want)
	}
}

func TestNewFolderIsSyncedToo(t *testing.T) {
	s := open(t, t.TempDir())
	syncs := 0
	s.sync = func(f *os.File) error { syncs++; return f.Sync() }
	if err := s.Put(t.Context(), "k", strings.NewReader("x"), 1, ""); err != nil {
		t.Fatal(err)
	}
	if syncs != 3 { // the root for the folder's name, the file, the folder for the file's name
		t.Errorf("%d syncs", syncs)
	}
}

func TestFailedSyncIsAnErrorAndKeepsTheOld(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "k", strings.NewReader("old"), 3, ""); err != nil {
		t.Fatal(err)
	}
	s.sync = func(*os.File) error { return syscall.EIO }
	err := s.Put(t.Context(), "k", strings.NewReader("new"), 3, "")
	if !errors.Is(err, blob.ErrUnavailable) || !errors.Is(err, syscall.EIO) {
		t.Errorf("put: %v", err)
	}
	if got := read(t, s, "k"); got != "old" {
		t.Errorf("k is %q", got)
	}
	shard, _ := place("k")
	if entries, err := os.ReadDir(filepath.Join(dir, shard)); err != nil || len(entries) != 1 {
		t.Errorf("left: %v, %v", entries, err)
	}
	s.sync = (*os.File).Sync
	if err := s.Put(t.Context(), "k", strings.NewReader("new"), 3, ""); err != nil || read(t, s, "k") != "new" {
		t.Errorf("it did not recover: %v", err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || len(b) < trailerSize {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	return string(b[:len(b)-trailerSize])
}

func read(t *testing.T, s *Store, key string) string {
	t.Helper()
	r, _, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
