package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"safelight/internal/blob"
)

func overwriteReplaces(t *testing.T, s blob.Store) {
	put(t, s, "k", strings.Repeat("long ", 100))
	if err := s.Put(t.Context(), "k", strings.NewReader("short"), -1, "image/avif"); err != nil {
		t.Fatal(err)
	}
	if body, info := get(t, s, "k"); string(body) != "short" || info.Size != 5 || info.ContentType != "image/avif" {
		t.Errorf("%q with %+v", body, info)
	}
	wantKeys(t, s, "", 1)
}

// overwriteIsAtomic has readers look at blobs of one repeated byte, whose length
// and type tell which version they are, while a writer changes them.
func overwriteIsAtomic(t *testing.T, s blob.Store) {
	const versions = 12
	version := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i)}, 300_000+i*1000) }
	first := version(0)
	if err := s.Put(t.Context(), "k", bytes.NewReader(first), -1, "v/a"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					seeWhole(t, s, version)
				}
			}
		})
	}
	for i := 1; i < versions; i++ {
		if err := s.Put(t.Context(), "k", bytes.NewReader(version(i)), -1, fmt.Sprintf("v/%c", 'a'+i)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
	seeWhole(t, s, version)
}

func seeWhole(t *testing.T, s blob.Store, version func(int) []byte) {
	r, info, err := s.Open(context.Background(), "k")
	if err != nil {
		t.Errorf("open in an overwrite: %v", err)
		return
	}
	defer closing(t, r)
	body, err := io.ReadAll(r)
	switch {
	case errors.Is(err, blob.ErrChanged): // allowed: an error, not a mixture
	case err != nil || len(body) == 0:
		t.Errorf("read in an overwrite: %d bytes, %v", len(body), err)
	case !bytes.Equal(body, version(int(body[0]-'a'))) || int64(len(body)) != info.Size ||
		info.ContentType != fmt.Sprintf("v/%c", body[0]):
		t.Errorf("a mixture: %d bytes beginning with %q, %+v", len(body), body[0], info)
	}
}

func failedSourceLeavesNothing(t *testing.T, s blob.Store) {
	boom := errors.New("boom")
	put(t, s, "old", "stays")
	for _, n := range []int{0, 1, 1000, 20 << 20} { // the last is in several parts
		src := io.MultiReader(bytes.NewReader(noise(5, n)), iotest.ErrReader(boom))
		for _, key := range []string{"new", "old"} {
			if err := s.Put(t.Context(), key, src, -1, "image/png"); !errors.Is(err, boom) {
				t.Errorf("after %d bytes: %v, want the source's own error", n, err)
			}
		}
	}
	want(t, s, "old", "stays")
	if found := keys(t, s, ""); len(found) != 1 || found["old"] != 5 {
		t.Errorf("what is left: %v", found)
	}
}

func wrongLengthIsRefused(t *testing.T, s blob.Store) {
	for body, size := range map[string]int64{"short": 6, "too long": 3, "some": 0, "": 1} {
		if err := s.Put(t.Context(), "k", strings.NewReader(body), size, ""); !errors.Is(err, blob.ErrSize) {
			t.Errorf("%q as %d bytes: %v", body, size, err)
		}
	}
	wantKeys(t, s, "", 0)
}

func badTypesAreRefused(t *testing.T, s blob.Store) {
	for _, ct := range []string{"a\r\nb: c", "é", strings.Repeat("x", 101)} {
		if err := s.Put(t.Context(), "k", strings.NewReader("a"), 1, ct); !errors.Is(err, blob.ErrType) {
			t.Errorf("%q: %v", ct, err)
		}
	}
	wantKeys(t, s, "", 0)
}

func endedContextStops(t *testing.T, s blob.Store) {
	put(t, s, "k", "hello")
	ctx, end := context.WithCancel(t.Context())
	open, _, err := s.Open(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, open)
	end()
	_, readErr := open.Read(make([]byte, 5))
	_, _, openErr := s.Open(ctx, "k")
	var listErr error
	for _, err := range s.List(ctx, "") {
		listErr = err
	}
	for verb, err := range map[string]error{
		"put": s.Put(ctx, "new", strings.NewReader("a"), 1, ""), "delete": s.Delete(ctx, "k"),
		"read": readErr, "open": openErr, "list": listErr,
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", verb, err)
		}
	}
	want(t, s, "k", "hello")
	wantKeys(t, s, "", 1)
}

func endingContextLeavesNothing(t *testing.T, s blob.Store) {
	for _, size := range []int64{-1, 20 << 20} {
		ctx, end := context.WithCancel(t.Context())
		src := io.MultiReader(bytes.NewReader(noise(6, 10<<20)), acting(end), bytes.NewReader(noise(7, 10<<20)))
		if err := s.Put(ctx, "k", src, size, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("put: %v", err)
		}
	}
	wantKeys(t, s, "", 0)
}

// acting is an empty reader that does something when it is reached.
type acting func()

func (a acting) Read([]byte) (int, error) {
	a()
	return 0, io.EOF
}

func deletionIsFinal(t *testing.T, s blob.Store) {
	put(t, s, "a/b", "one")
	put(t, s, "a/c", "two")
	for range 2 {
		if err := s.Delete(t.Context(), "a/b"); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Open(t.Context(), "a/b"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("open: %v", err)
	}
	want(t, s, "a/c", "two")
	wantKeys(t, s, "", 1)
	put(t, s, "a/b", "again")
	want(t, s, "a/b", "again")
}

func putsDoNotMix(t *testing.T, s blob.Store) {
	body := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i)}, 100_000+i) }
	var writers sync.WaitGroup
	for i := range 16 {
		writers.Go(func() {
			for _, key := range []string{"same", fmt.Sprintf("own/%d", i)} {
				if err := s.Put(context.Background(), key, bytes.NewReader(body(i)), int64(100_000+i), ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	for i := range 16 {
		want(t, s, fmt.Sprintf("own/%d", i), string(body(i)))
	}
	if got, _ := get(t, s, "same"); !bytes.Equal(got, body(int(got[0]-'a'))) {
		t.Errorf("a mixture of %d bytes", len(got))
	}
	wantKeys(t, s, "", 17)
}
