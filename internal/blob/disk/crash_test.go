//go:build unix

package disk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safelight/internal/blob"
)

// TestMain lets the tests start this program again as another process, which
// does what its environment says in place of the tests.
func TestMain(m *testing.M) {
	if act := children[os.Getenv("DISK_TEST_CHILD")]; act != nil {
		os.Exit(act())
	}
	os.Exit(m.Run())
}

var children = map[string]func() int{"write": childWrites}

func child(t *testing.T, what, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "DISK_TEST_CHILD="+what, "DISK_TEST_DIR="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// childWrites puts an endless blob and says so once it is on its way.
func childWrites() int {
	s, err := Open(os.Getenv("DISK_TEST_DIR"))
	if err != nil {
		return 1
	}
	said := false
	_ = s.Put(context.Background(), "victim", readerFunc(func(p []byte) (int, error) {
		if !said {
			said = true
			return copy(p, "the beginning"), nil
		}
		_, _ = os.Stdout.WriteString("writing\n")
		select {} // until it is killed
	}), -1, "")
	return 1
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// startWriter returns a process that is in the middle of a Put to dir.
func startWriter(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := child(t, "write", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "writing\n" {
		t.Fatalf("the writer said %q, %v", line, err)
	}
	return cmd
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// files returns the names of all files below dir.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestKilledWriterLeavesNothingToSee(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "victim", strings.NewReader("old"), 3, ""); err != nil {
		t.Fatal(err)
	}
	kill(startWriter(t, dir))
	if n := len(files(t, dir)); n != 2 {
		t.Fatalf("%d files after the kill: the test has no leftover to look at", n)
	}
	seen(t, s, "victim", "old")
	again := open(t, dir)
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("after opening anew: %v", left)
	}
	seen(t, again, "victim", "old")
}

// seen checks that a blob is all that the store shows.
func seen(t *testing.T, s *Store, key, body string) {
	t.Helper()
	n := 0
	for info, err := range s.List(t.Context(), "") {
		if n++; err != nil || info.Key != key {
			t.Errorf("listed %+v, %v", info, err)
		}
	}
	r, _, err := s.Open(t.Context(), key)
	if err != nil || n != 1 {
		t.Fatalf("%d listed, open: %v", n, err)
	}
	defer func() { _ = r.Close() }()
	if got, err := io.ReadAll(r); err != nil || string(got) != body {
		t.Errorf("%q, %v", got, err)
	}
}

func TestOpenSparesTheTemporaryFilesOfTheLiving(t *testing.T) {
	dir := t.TempDir()
	writer := startWriter(t, dir)
	open(t, dir)
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("another process opened the store: %v", left)
	}
	kill(writer)
	open(t, dir)
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("its writer is dead: %v", left)
	}
}

func TestOwnPutsOutliveOthersOpening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < 60 && err == nil; i++ {
			err = s.Put(context.Background(), "k", strings.NewReader("x"), 1, "")
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
			other, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			_ = other.Close()
		}
	}
}

func TestFailedRenameLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	shard, name := place("k")
	if err := os.MkdirAll(filepath.Join(dir, shard, name, "in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "k", strings.NewReader("x"), 1, ""); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("put: %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestDamagedFilesAreNotServed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "k", strings.NewReader("hello"), 5, "image/png"); err != nil {
		t.Fatal(err)
	}
	shard, name := place("k")
	path := filepath.Join(dir, shard, name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]byte{
		"cut by a byte": whole[:len(whole)-1], "cut to nothing": nil, "a byte more": append([]byte("x"), whole...),
		"zeros": make([]byte, len(whole)), "another magic": bytes.Replace(whole, []byte("SLBLOB1"), []byte("SLBLOB2"), 1),
	}
	for what, b := range tests {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Open(t.Context(), "k")
		if !errors.Is(err, blob.ErrUnavailable) || !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestModTimeIsWhenItWasPut(t *testing.T) {
	s := open(t, t.TempDir())
	before := time.Now().Add(-time.Second)
	if err := s.Put(t.Context(), "k", strings.NewReader("x"), 1, ""); err != nil {
		t.Fatal(err)
	}
	for info := range s.List(t.Context(), "k") {
		if info.ModTime.Before(before) {
			t.Errorf("%v", info.ModTime)
		}
	}
}

func FuzzReadTrailer(f *testing.F) {
	f.Add(trailer(0, ""))
	f.Add(append([]byte("hello"), trailer(5, "image/png")...))
	f.Add(make([]byte, 300))
	f.Fuzz(func(t *testing.T, b []byte) {
		size, ct, err := readTrailer(bytes.NewReader(b), int64(len(b)))
		if err == nil && (size != int64(len(b)-trailerSize) || !bytes.HasPrefix(b[size+typeAt:], []byte(ct))) {
			t.Errorf("size %d, type %q of %d bytes", size, ct, len(b))
		}
	})
}
