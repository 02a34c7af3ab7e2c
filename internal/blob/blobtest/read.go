package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"safelight/internal/blob"
	"safelight/internal/fault"
)

func whatIsPutCanBeOpened(t *testing.T, s blob.Store) {
	before := time.Now().Add(-2 * time.Second) // some stores keep whole seconds
	if err := s.Put(t.Context(), "upload/a", strings.NewReader("hello"), 5, "image/webp"); err != nil {
		t.Fatal(err)
	}
	body, info := get(t, s, "upload/a")
	if string(body) != "hello" || info.Key != "upload/a" || info.Size != 5 || info.ContentType != "image/webp" {
		t.Errorf("%q with %+v", body, info)
	}
	if info.ModTime.Before(before) || info.ModTime.After(time.Now().Add(2*time.Second)) || info.ModTime.Location() != time.UTC {
		t.Errorf("modified at %v", info.ModTime)
	}
}

func zeroBytesAreABlob(t *testing.T, s blob.Store) {
	for key, size := range map[string]int64{"known": 0, "unknown": -1} {
		if err := s.Put(t.Context(), key, strings.NewReader(""), size, ""); err != nil {
			t.Fatal(err)
		}
		body, info := get(t, s, key)
		if len(body) != 0 || info.Size != 0 || info.ContentType != blob.DefaultType {
			t.Errorf("%q with %+v", body, info)
		}
	}
	wantKeys(t, s, "", 2)
}

func manyBytesArriveWhole(t *testing.T, s blob.Store) {
	body := noise(1, 24<<20+17)
	if err := s.Put(t.Context(), "big", onlyReader{bytes.NewReader(body)}, -1, "image/png"); err != nil {
		t.Fatal(err)
	}
	got, info := get(t, s, "big")
	if !bytes.Equal(got, body) || info.Size != int64(len(body)) || info.ContentType != "image/png" {
		t.Errorf("%d bytes of %d with %+v", len(got), len(body), info)
	}
}

// onlyReader hides what else a reader can do: an upload is a bare stream.
type onlyReader struct{ io.Reader }

func absentIsNotFound(t *testing.T, s blob.Store) {
	put(t, s, "there/is", "one")
	for _, key := range []string{"there", "there/isnt", "there/is/not", "ther"} {
		_, _, err := s.Open(t.Context(), key)
		if !errors.Is(err, blob.ErrNotFound) || !errors.Is(err, fault.NotFound) {
			t.Errorf("open %s: %v", key, err)
		}
	}
}

func seeksGoAnywhere(t *testing.T, s blob.Store) {
	body := noise(2, 100_000)
	if err := s.Put(t.Context(), "k", bytes.NewReader(body), int64(len(body)), ""); err != nil {
		t.Fatal(err)
	}
	r, _, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, r)
	if err := iotest.TestReader(onlySeeker{r}, body); err != nil {
		t.Error(err)
	}
	if at, err := r.Seek(10, io.SeekEnd); err != nil || at != int64(len(body))+10 {
		t.Errorf("past the end: %d, %v", at, err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("a read past the end: %d, %v", n, err)
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("a seek before the start was allowed")
	}
}

// onlySeeker keeps iotest from trying ReaderAt, which a Store does not promise.
type onlySeeker struct{ io.ReadSeeker }

func closedReadersStop(t *testing.T, s blob.Store) {
	put(t, s, "k", "hello")
	r, _, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	closing(t, r)
	if n, err := r.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a read after the end: %d, %v", n, err)
	}
}

func rangesAreServed(t *testing.T, s blob.Store) {
	body := noise(3, 3<<20)
	if err := s.Put(t.Context(), "k", bytes.NewReader(body), int64(len(body)), "image/png"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		asked    string
		status   int
		from, to int
	}{
		{"", http.StatusOK, 0, len(body)},
		{"bytes=0-0", http.StatusPartialContent, 0, 1},
		{"bytes=1000000-1999999", http.StatusPartialContent, 1000000, 2000000},
		{"bytes=3000000-", http.StatusPartialContent, 3000000, len(body)},
		{"bytes=-5", http.StatusPartialContent, len(body) - 5, len(body)},
		{"bytes=9999999-", http.StatusRequestedRangeNotSatisfiable, 0, -1},
	}
	for _, tt := range tests {
		r, info, err := s.Open(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		request.Header.Set("Range", tt.asked)
		w := httptest.NewRecorder()
		http.ServeContent(w, request, "", info.ModTime, r)
		closing(t, r)
		if w.Code != tt.status || tt.to >= 0 && !bytes.Equal(w.Body.Bytes(), body[tt.from:tt.to]) {
			t.Errorf("%q: status %d, %d bytes", tt.asked, w.Code, w.Body.Len())
		}
	}
}

func manyReadersShare(t *testing.T, s blob.Store) {
	body := noise(4, 200_000)
	if err := s.Put(t.Context(), "k", bytes.NewReader(body), -1, ""); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for range 16 {
		readers.Go(func() {
			r, _, err := s.Open(context.Background(), "k")
			if err != nil {
				t.Error(err)
				return
			}
			defer closing(t, r)
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	readers.Wait()
}
