package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"safelight/internal/blob"
)

// TestFullDiskIsAnErrorAndLeavesNothing lets another process put into a file
// system of 1 MiB, and where the machine allows no such thing, with a limit of
// 1 MiB on a file, which fails in the same place.
func TestFullDiskIsAnErrorAndLeavesNothing(t *testing.T) {
	t.Run("no space left", func(t *testing.T) {
		cmd := child(t, "full", t.TempDir())
		cmd.Env = append(cmd.Env, "DISK_TEST_TMPFS=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		if out := outcome(t, cmd); out == "" {
			t.Skip("this machine lets an ordinary process mount nothing; the limit on a file is tested instead")
		}
	})
	t.Run("file too large", func(t *testing.T) {
		if out := outcome(t, child(t, "full", t.TempDir())); out == "" {
			t.Error("the other process could not limit itself")
		}
	})
}

// outcome runs the other process. It returns an empty text where the process
// could not arrange its shortage.
func outcome(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	cmd.Stderr = nil
	b, err := cmd.CombinedOutput()
	out := string(b)
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit), err != nil && exit.ExitCode() == cannot:
		return ""
	case err != nil || !strings.HasSuffix(out, "as it should\n"):
		t.Errorf("%v: %s", err, out)
	}
	return out
}

const cannot = 7

func init() { children["full"] = childFillsTheDisk }

func childFillsTheDisk() int {
	dir := os.Getenv("DISK_TEST_DIR")
	shortage := syscall.EFBIG
	if os.Getenv("DISK_TEST_TMPFS") != "" {
		shortage = syscall.ENOSPC
		if syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m") != nil {
			return cannot
		}
	} else if syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}) != nil {
		return cannot
	}
	if err := fillTheDisk(dir, shortage); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("as it should")
	return 0
}

func fillTheDisk(dir string, shortage error) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.Put(ctx, "k", strings.NewReader("old"), 3, ""); err != nil {
		return err
	}
	for _, size := range []int{1<<20 + 1, 1<<20 - 64} { // the blob, and its trailer alone, do not fit
		err := s.Put(ctx, "k", strings.NewReader(strings.Repeat("x", size)), int64(size), "")
		if !errors.Is(err, shortage) || !errors.Is(err, blob.ErrUnavailable) {
			return fmt.Errorf("put of %d bytes: %w", size, err)
		}
		if err := onlyOld(ctx, s, dir); err != nil {
			return err
		}
	}
	return s.Put(ctx, "k2", strings.NewReader("small"), 5, "") // it recovers by itself
}

func onlyOld(ctx context.Context, s *Store, dir string) error {
	r, _, err := s.Open(ctx, "k")
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	if b, err := io.ReadAll(r); err != nil || string(b) != "old" {
		return fmt.Errorf("the old blob is %q, %w", b, err)
	}
	shard, _ := place("k")
	entries, err := os.ReadDir(dir + "/" + shard)
	if err != nil || len(entries) != 1 {
		return fmt.Errorf("left: %v, %w", entries, err)
	}
	return nil
}
