//go:build unix

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"safelight/internal/blob"
)

func TestLinksDoNotLeadOut(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, append([]byte("secret"), trailer(6, "")...), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	shard, name := place("k")
	for _, plant := range []struct{ what, target, link string }{
		{"a file", secret, filepath.Join(dir, shard, name)},
		{"a folder", outside, filepath.Join(dir, shard)},
	} {
		if err := os.RemoveAll(filepath.Join(dir, shard)); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(plant.link), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(plant.target, plant.link); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Open(t.Context(), "k"); err == nil {
			t.Errorf("%s: the link was followed", plant.what)
		}
		for info := range s.List(t.Context(), "") {
			t.Errorf("%s: %s is listed", plant.what, info.Key)
		}
		_ = s.Put(t.Context(), "k", strings.NewReader("mine"), 4, "") // may fail, or replace the link
		_ = s.Delete(t.Context(), "k")
		if b, err := os.ReadFile(secret); err != nil || !strings.HasPrefix(string(b), "secret") {
			t.Errorf("%s: outside there is %q, %v", plant.what, b, err)
		}
		if left := files(t, outside); len(left) != 1 {
			t.Errorf("%s: outside there are %v", plant.what, left)
		}
	}
}

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	shard, name := place("k")
	path := filepath.Join(dir, shard, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Open(t.Context(), "k"); !errors.Is(err, errNotRegular) {
		t.Errorf("a pipe: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Open(t.Context(), "k"); !errors.Is(err, errNotRegular) {
		t.Errorf("a folder: %v", err)
	}
}

func TestOnlyTheOwnerCanLook(t *testing.T) {
	before := syscall.Umask(0)
	defer syscall.Umask(before)
	dir := filepath.Join(t.TempDir(), "made", "here")
	s := open(t, dir)
	for _, key := range []string{"a", "b/c"} {
		if err := s.Put(t.Context(), key, strings.NewReader("x"), 1, ""); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fileMode
		if d.IsDir() {
			want = dirMode
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStrangersInTheFolderAreIgnored(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "k", strings.NewReader("x"), 1, ""); err != nil {
		t.Fatal(err)
	}
	shard, _ := place("k")
	upper, _ := place("UPPER")
	for _, name := range []string{"README", ".DS_Store", "lost+found/x", upper + "/UPPER", shard + "/not-of-this-shard", "zz/k"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen(t, open(t, dir), "k", "x")
	if n := len(files(t, dir)); n != 7 {
		t.Errorf("%d files: a stranger's file is gone", n)
	}
}

func TestPutIsSpreadOverFolders(t *testing.T) {
	shards := map[string]int{}
	for range 10_000 {
		shard, _ := place(blob.NewKey("upload"))
		shards[shard]++
	}
	if len(shards) != 256 {
		t.Errorf("%d folders", len(shards))
	}
}
