package blobtest

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"safelight/internal/blob"
)

func keysMayNest(t *testing.T, s blob.Store) {
	nested := []string{"a", "a/b", "a/b/c", "a.b", "a-b", "ab"}
	for _, key := range nested {
		put(t, s, key, "at "+key)
	}
	for _, key := range nested {
		want(t, s, key, "at "+key)
	}
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	want(t, s, "a/b", "at a/b")
	wantKeys(t, s, "", len(nested)-1)
}

func allowedKeysAreKept(t *testing.T, s blob.Store) {
	allowed := []string{"0", "a.attrs", "a.tmp", "a_b-c.d", "con", "a-/b-/c.", strings.Repeat("a", blob.MaxKey),
		strings.Repeat("a/", blob.MaxKey/2-1) + "bb", blob.NewKey("x"), blob.NewKey("")}
	for _, key := range allowed {
		put(t, s, key, key)
	}
	found := keys(t, s, "")
	for _, key := range allowed {
		want(t, s, key, key)
		if found[key] != int64(len(key)) {
			t.Errorf("%s is listed with %d bytes", key, found[key])
		}
	}
}

func badKeysAreRefused(t *testing.T, s blob.Store) {
	bad := []string{"/", "/etc/passwd", "..", "../x", "a/../../x", "a//b", "a/./b", ".x", "a/.x", "A", "a b", "a\x00b",
		"a\\..\\b", "é", "a%2e%2e", "a,b", strings.Repeat("a", blob.MaxKey+1)}
	for _, key := range bad {
		_, _, openErr := s.Open(t.Context(), key)
		var listErr error
		for _, err := range s.List(t.Context(), key) {
			listErr = err
		}
		for verb, err := range map[string]error{
			"put":    s.Put(t.Context(), key, strings.NewReader("x"), 1, ""),
			"open":   openErr,
			"delete": s.Delete(t.Context(), key),
			"list":   listErr,
		} {
			if !errors.Is(err, blob.ErrKey) {
				t.Errorf("%s %.40q: %v", verb, key, err)
			}
		}
	}
	for _, key := range []string{"", "a/"} { // a prefix may be so, a key may not
		if err := s.Put(t.Context(), key, strings.NewReader("x"), 1, ""); !errors.Is(err, blob.ErrKey) {
			t.Errorf("put %q: %v", key, err)
		}
	}
	wantKeys(t, s, "", 0)
}

func listHasThePrefix(t *testing.T, s blob.Store) {
	for i := range 120 {
		put(t, s, fmt.Sprintf("p%d/%03d", i%3, i), strings.Repeat("x", i))
	}
	put(t, s, "p1", "not in a folder")
	for prefix, n := range map[string]int{"": 121, "p": 121, "p1": 41, "p1/": 40, "p1/0": 33, "p1/001": 1, "q": 0, "p1/001/": 0} {
		wantKeys(t, s, prefix, n)
	}
	for info, err := range s.List(t.Context(), "p2/119") {
		if err != nil || info.Key != "p2/119" || info.Size != 119 || info.ModTime.IsZero() || info.ContentType != "" {
			t.Errorf("%+v, %v", info, err)
		}
	}
}

func listStops(t *testing.T, s blob.Store) {
	for i := range 5 {
		put(t, s, fmt.Sprintf("k%d", i), "x")
	}
	seen := 0
	for range s.List(t.Context(), "") {
		if seen++; seen == 2 {
			break
		}
	}
	if seen != 2 {
		t.Errorf("seen %d", seen)
	}
}

func listAllowsDeletion(t *testing.T, s blob.Store) {
	for i := range 40 {
		put(t, s, fmt.Sprintf("k%d", i), "x")
	}
	seen := 0
	for info, err := range s.List(t.Context(), "k") {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if err := s.Delete(t.Context(), info.Key); err != nil {
			t.Fatal(err)
		}
	}
	if seen != 40 {
		t.Errorf("seen %d of 40", seen)
	}
	wantKeys(t, s, "", 0)
}

// historiesMatchAMap does random things to a store and to a map.
func historiesMatchAMap(t *testing.T, s blob.Store) {
	names := rapid.SampledFrom([]string{"a", "a/b", "a/b.c", "b", "b-c"})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		own := fmt.Sprintf("r%d/", round)
		model := map[string]string{}
		for range rapid.IntRange(1, 7).Draw(rt, "steps") {
			key := own + names.Draw(rt, "key")
			if rapid.IntRange(0, 2).Draw(rt, "verb") == 0 {
				delete(model, key)
				if err := s.Delete(t.Context(), key); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			body := rapid.StringN(0, 40, -1).Draw(rt, "body")
			put(t, s, key, body)
			model[key] = body
		}
		sizes := map[string]int64{}
		for key, body := range model {
			want(t, s, key, body)
			sizes[key] = int64(len(body))
		}
		if found := keys(t, s, own); !maps.Equal(found, sizes) {
			rt.Fatalf("the store lists %v, the map %v", found, sizes)
		}
	})
}
