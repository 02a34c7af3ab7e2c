package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"safelight/internal/blob"
	"safelight/internal/blob/blobtest"
)

func open(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// under returns the store of a URL under a prefix.
func under(prefix, url string) string {
	return strings.Replace(url, blobtest.Bucket, blobtest.Bucket+"/"+prefix, 1)
}

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, blobtest.S3(t)) })
}

func TestStoreUnderAPrefix(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, under("some/where", blobtest.S3(t))) })
}

func TestPrefixesKeepStoresApart(t *testing.T) {
	url := blobtest.S3(t)
	one, two := open(t, under("one", url)), open(t, under("one-more", url))
	if err := one.Put(t.Context(), "k", strings.NewReader("x"), 1, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.Open(t.Context(), "k"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("open: %v", err)
	}
	for info := range two.List(t.Context(), "") {
		t.Errorf("listed %s", info.Key)
	}
}

func TestListGoesOnBeyondAPage(t *testing.T) {
	s := open(t, blobtest.S3(t))
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := w; i < 1003; i += 4 {
				if err := s.Put(context.Background(), fmt.Sprintf("k/%d", i), strings.NewReader("x"), 1, ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	seen := map[string]bool{}
	for info, err := range s.List(t.Context(), "k/") {
		if err != nil {
			t.Fatal(err)
		}
		seen[info.Key] = true
	}
	if len(seen) != 1003 {
		t.Errorf("%d of 1003 blobs listed", len(seen))
	}
}

func TestURLIsChecked(t *testing.T) {
	bad := []string{"", "bucket", "file:///x", "s3://", "s3://key:secret@bucket", "s3://b?nope=1", "s3://b?path_style=perhaps",
		"s3://b?endpoint=127.0.0.1:9000", "s3://b?endpoint=ftp://x", "s3://b?endpoint=http://u:p@x", "s3://b/../c", "s3://b/UP",
		"s3://b?endpoint=%zz", "s3://b#f"}
	for _, url := range bad {
		_, err := parse(url)
		if err == nil {
			t.Errorf("%q was accepted", url)
		}
		if err != nil && strings.Contains(err.Error(), "secret") && strings.Contains(url, "secret") {
			t.Errorf("%q: the error tells the secret: %v", url, err)
		}
	}
	got, err := parse("s3://b/p/q/?endpoint=http://127.0.0.1:9000&path_style=true")
	want := target{bucket: "b", prefix: "p/q", endpoint: "http://127.0.0.1:9000", region: "us-east-1", pathStyle: true}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWrongBucketFailsAtOpen(t *testing.T) {
	url := strings.Replace(blobtest.S3(t), blobtest.Bucket, "another", 1)
	if _, err := Open(t.Context(), url); err == nil {
		t.Error("a bucket that is not there was opened")
	}
}

func TestReaderDoesNotMixVersions(t *testing.T) {
	s := open(t, blobtest.S3(t))
	for _, second := range []string{"overwritten", "deleted"} {
		first := bytes.Repeat([]byte("1"), windowSize+1000)
		if err := s.Put(t.Context(), "k", bytes.NewReader(first), -1, ""); err != nil {
			t.Fatal(err)
		}
		r, _, err := s.Open(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, r, 10); err != nil {
			t.Fatal(err)
		}
		if second == "deleted" {
			err = s.Delete(t.Context(), "k")
		} else {
			err = s.Put(t.Context(), "k", bytes.NewReader(bytes.Repeat([]byte("2"), windowSize+1000)), -1, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(r)
		if !errors.Is(err, blob.ErrChanged) || bytes.Contains(rest, []byte("2")) {
			t.Errorf("%s: %d bytes, %v", second, len(rest), err)
		}
		_ = r.Close()
	}
}

func TestAbandonedUploadLeavesNoParts(t *testing.T) {
	var begun, ended atomic.Int32
	url, _ := blobtest.S3Through(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.URL.Query().Has("uploads") {
				begun.Add(1)
			}
			if r.Method == http.MethodDelete && r.URL.Query().Has("uploadId") {
				ended.Add(1)
			}
			next.ServeHTTP(w, r)
		})
	})
	s := open(t, url)
	boom := errors.New("boom")
	src := io.MultiReader(bytes.NewReader(make([]byte, 2*partSize+1000)), iotest.ErrReader(boom))
	if err := s.Put(t.Context(), "k", src, -1, ""); !errors.Is(err, boom) {
		t.Errorf("put: %v", err)
	}
	if begun.Load() != 1 || ended.Load() != 1 {
		t.Errorf("%d uploads in parts begun, %d abandoned", begun.Load(), ended.Load())
	}
}

// breaking cuts the bodies of object reads after n bytes, so long as it may.
func breaking(n int, times *atomic.Int32) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			object := r.Method == http.MethodGet && strings.Count(strings.Trim(r.URL.Path, "/"), "/") > 0
			if object && times.Add(-1) >= 0 {
				w = &cutWriter{ResponseWriter: w, left: n}
			}
			next.ServeHTTP(w, r)
		})
	}
}

type cutWriter struct {
	http.ResponseWriter
	left int
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		_, _ = w.ResponseWriter.Write(p[:w.left])
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	w.left -= len(p)
	return w.ResponseWriter.Write(p)
}

func TestBrokenReadIsPickedUp(t *testing.T) {
	var times atomic.Int32
	url, _ := blobtest.S3Through(t, breaking(100_000, &times))
	s := open(t, url)
	body := bytes.Repeat([]byte("0123456789"), 100_000)
	if err := s.Put(t.Context(), "k", bytes.NewReader(body), -1, ""); err != nil {
		t.Fatal(err)
	}
	times.Store(5)
	r, _, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes of %d, %v", len(got), len(body), err)
	}
	if times.Load() > 0 {
		t.Error("nothing was broken")
	}
}

func TestReadThatBringsNothingEnds(t *testing.T) {
	var times atomic.Int32
	url, _ := blobtest.S3Through(t, breaking(0, &times))
	s := open(t, url)
	if err := s.Put(t.Context(), "k", strings.NewReader("hello"), 5, ""); err != nil {
		t.Fatal(err)
	}
	times.Store(1000)
	r, _, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := io.ReadAll(r); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("read: %v", err)
	}
	if tried := 1000 - times.Load(); tried < tries || tried > 3*tries {
		t.Errorf("the service was asked %d times", tried)
	}
}

func TestSilentServiceIsGivenUp(t *testing.T) {
	var silent atomic.Bool
	release := make(chan struct{})
	url, _ := blobtest.S3Through(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if silent.Load() && r.Method != http.MethodHead {
				select {
				case <-release:
				case <-r.Context().Done():
				}
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	defer close(release)
	s := open(t, url)
	s.stall = 50 * time.Millisecond
	if err := s.Put(t.Context(), "k", strings.NewReader("hello"), 5, ""); err != nil {
		t.Fatal(err)
	}
	silent.Store(true)
	if err := s.Put(t.Context(), "k", strings.NewReader("hello"), 5, ""); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("put: %v", err)
	}
	r, _, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := io.ReadAll(r); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("read: %v", err)
	}
}

func TestUnreachableServiceIsUnavailable(t *testing.T) {
	url, _ := blobtest.S3Through(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("list-type") {
				next.ServeHTTP(w, r)
				return
			}
			http.Error(w, "no", http.StatusForbidden)
		})
	})
	s := open(t, url)
	_, _, openErr := s.Open(t.Context(), "k")
	for verb, err := range map[string]error{
		"put": s.Put(t.Context(), "k", strings.NewReader("x"), 1, ""), "open": openErr, "delete": s.Delete(t.Context(), "k"),
	} {
		if !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%s: %v", verb, err)
		}
	}
}
