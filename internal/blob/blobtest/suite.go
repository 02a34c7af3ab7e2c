package blobtest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"safelight/internal/blob"
)

// Run tests a store. Make returns an empty one that no other test uses.
func Run(t *testing.T, make func(t *testing.T) blob.Store) {
	tests := []struct {
		name string
		test func(t *testing.T, s blob.Store)
	}{
		{"what is put can be opened", whatIsPutCanBeOpened},
		{"zero bytes are a blob", zeroBytesAreABlob},
		{"24 MiB of unknown length arrive whole", manyBytesArriveWhole},
		{"a blob that is absent is not found", absentIsNotFound},
		{"a key may be inside another", keysMayNest},
		{"every allowed key is kept as it is", allowedKeysAreKept},
		{"a bad key is refused by every verb", badKeysAreRefused},
		{"a bad content type is refused", badTypesAreRefused},
		{"a seek goes anywhere", seeksGoAnywhere},
		{"a closed reader reads no more", closedReadersStop},
		{"a range is served without the rest", rangesAreServed},
		{"many readers share a blob", manyReadersShare},
		{"an overwrite replaces bytes and type", overwriteReplaces},
		{"an overwrite is seen whole or not at all", overwriteIsAtomic},
		{"a source that fails leaves nothing behind", failedSourceLeavesNothing},
		{"a source of another length is refused", wrongLengthIsRefused},
		{"an ended context stops every verb", endedContextStops},
		{"a context that ends in the middle leaves nothing behind", endingContextLeavesNothing},
		{"a deletion is final and can be repeated", deletionIsFinal},
		{"a list has what begins with the prefix", listHasThePrefix},
		{"a list stops when told to", listStops},
		{"what is listed may be deleted meanwhile", listAllowsDeletion},
		{"puts at once do not mix", putsDoNotMix},
		{"any history ends as a map would", historiesMatchAMap},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, make(t)) })
	}
}

// noise returns n bytes that are always the same for a seed.
func noise(seed uint64, n int) []byte {
	b := bytes.NewBuffer(make([]byte, 0, n+8))
	for r := rand.New(rand.NewPCG(seed, 1)); b.Len() < n; {
		v := r.Uint64()
		b.Write([]byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24), byte(v >> 32), byte(v >> 40), byte(v >> 48), byte(v >> 56)})
	}
	return b.Bytes()[:n]
}

func put(t *testing.T, s blob.Store, key, body string) {
	t.Helper()
	if err := s.Put(context.Background(), key, strings.NewReader(body), int64(len(body)), "text/plain"); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func get(t *testing.T, s blob.Store, key string) ([]byte, blob.Info) {
	t.Helper()
	r, info, err := s.Open(context.Background(), key)
	if err != nil {
		t.Fatalf("open %s: %v", key, err)
	}
	defer closing(t, r)
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return b, info
}

func want(t *testing.T, s blob.Store, key, body string) {
	t.Helper()
	if b, _ := get(t, s, key); string(b) != body {
		t.Errorf("%s holds %.40q (%d bytes), want %.40q (%d bytes)", key, b, len(b), body, len(body))
	}
}

func keys(t *testing.T, s blob.Store, prefix string) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	for info, err := range s.List(context.Background(), prefix) {
		if err != nil {
			t.Fatalf("list %q: %v", prefix, err)
		}
		if _, twice := found[info.Key]; twice {
			t.Errorf("%s is listed twice", info.Key)
		}
		found[info.Key] = info.Size
	}
	return found
}

func wantKeys(t *testing.T, s blob.Store, prefix string, n int) {
	t.Helper()
	if found := keys(t, s, prefix); len(found) != n {
		t.Errorf("%d blobs begin with %q, want %d: %.300v", len(found), prefix, n, found)
	}
}

func closing(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
