package blob

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"testing"
	"testing/iotest"
)

func TestKeysAreCheckedByTheirSpelling(t *testing.T) {
	good := []string{"a", "0", "upload/abc", "a.b", "a-b_c.d/e", "a/b/c/d", "a.attrs", strings.Repeat("a", MaxKey)}
	for _, key := range good {
		if err := CheckKey(key); err != nil {
			t.Errorf("%q was refused: %v", key, err)
		}
	}
	bad := []string{"", "/", "/a", "a/", "a//b", "..", "a/../b", "a..b", ".", ".a", "a/.b", "a/./b", "-a", "_a", "A", "a b",
		"a\\b", "a\x00", "é", "a\n", "a,b", "a%2fb", "a:b", "~", strings.Repeat("a", MaxKey+1)}
	for _, key := range bad {
		if err := CheckKey(key); !errors.Is(err, ErrKey) {
			t.Errorf("%q gave %v, not ErrKey", key, err)
		}
	}
}

func TestPrefixMayBeEmptyOrEndInSlash(t *testing.T) {
	for _, prefix := range []string{"", "a", "a/", "a/b-"} {
		if err := CheckPrefix(prefix); err != nil {
			t.Errorf("%q was refused: %v", prefix, err)
		}
	}
	for _, prefix := range []string{"/", "..", "../", "a//", "A"} {
		if err := CheckPrefix(prefix); !errors.Is(err, ErrKey) {
			t.Errorf("%q gave %v, not ErrKey", prefix, err)
		}
	}
}

func TestNewKeysAreUnguessable(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		key := NewKey("upload")
		if err := CheckKey(key); err != nil {
			t.Fatal(err)
		}
		name, ok := strings.CutPrefix(key, "upload/")
		if !ok || len(name) < 26 || seen[name] { // 26 characters of base32 are 130 bits
			t.Fatalf("key %q", key)
		}
		seen[name] = true
	}
	if key := NewKey(""); CheckKey(key) != nil || strings.Contains(key, "/") {
		t.Errorf("key %q without a prefix", key)
	}
}

func TestContentTypesAreShortPrintableASCII(t *testing.T) {
	if ct, err := CheckType(""); ct != DefaultType || err != nil {
		t.Errorf("no type gave %q, %v", ct, err)
	}
	if ct, err := CheckType("image/webp"); ct != "image/webp" || err != nil {
		t.Errorf("image/webp gave %q, %v", ct, err)
	}
	for _, ct := range []string{"a\r\nSet-Cookie: x", "a\x00", "é", strings.Repeat("a", 101)} {
		if _, err := CheckType(ct); !errors.Is(err, ErrType) {
			t.Errorf("%q gave %v, not ErrType", ct, err)
		}
	}
}

func TestSourceTellsWhoseFaultItIs(t *testing.T) {
	boom := errors.New("boom")
	ended, end := context.WithCancel(context.Background())
	end()
	tests := []struct {
		name string
		ctx  context.Context
		r    io.Reader
		size int64
		want error
	}{
		{"a source of the announced length is whole", t.Context(), strings.NewReader("abc"), 3, nil},
		{"a source of unknown length is whole", t.Context(), strings.NewReader("abc"), -1, nil},
		{"an empty source is whole", t.Context(), strings.NewReader(""), 0, nil},
		{"a short source is refused", t.Context(), strings.NewReader("ab"), 3, ErrSize},
		{"a long source is refused", t.Context(), strings.NewReader("abcd"), 3, ErrSize},
		{"bytes together with the end count", t.Context(), iotest.DataErrReader(strings.NewReader("ab")), 3, ErrSize},
		{"a failing source fails", t.Context(), iotest.ErrReader(boom), -1, boom},
		{"an ended context fails", ended, strings.NewReader("abc"), 3, context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewSource(tt.ctx, tt.r, tt.size)
			_, err := io.Copy(io.Discard, s)
			if !errors.Is(err, tt.want) || !errors.Is(s.Failure(), tt.want) {
				t.Errorf("read: %v, failure: %v, want %v", err, s.Failure(), tt.want)
			}
		})
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, s := range []string{"a", "a/../b", "a//b", "../x", "a/./b", "a\x00b", NewKey("x")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if CheckKey(key) != nil {
			return
		}
		if path.Clean("/"+key) != "/"+key || len(key) > MaxKey || strings.ToLower(key) != key {
			t.Errorf("%q was accepted", key)
		}
	})
}
