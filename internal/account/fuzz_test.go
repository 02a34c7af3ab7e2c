package account

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{ana, "a@пример.рф", "a@b.c\r\nBcc: x", "\"a\"@b.c", "a@xn--.com", "0@0.\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		for _, c := range a.Key {
			if c <= ' ' || c > '~' || strings.ContainsRune(`"(),:;<>[\]`, c) {
				t.Fatalf("%q gives the key %q", s, a.Key)
			}
		}
		if strings.ContainsAny(a.Written, "\r\n\x00 ,;<>") || strings.Count(a.Key, "@") != 1 {
			t.Fatalf("%q is written %q", s, a.Written)
		}
		again, err := ParseAddress(a.Key)
		if err != nil || again.Key != a.Key {
			t.Fatalf("%q: the key %q is not its own key: %q %v", s, a.Key, again.Key, err)
		}
		to := Account{Email: a.Written}.deliver()
		if b, err := ParseAddress(to); err != nil || b.Key != a.Key {
			t.Fatalf("%q is delivered to %q", s, to)
		}
	})
}

func FuzzCheckPassword(f *testing.F) {
	for _, s := range []string{good, "password", "\xff\xfe", "пароль пароль", "20/10/1990 20.10.90", strings.Repeat("a", 200)} {
		f.Add(s, ana)
	}
	f.Fuzz(func(t *testing.T, password, email string) {
		if CheckPassword(password, email, "Opendream") == nil && (!utf8.ValidString(password) || utf8.RuneCountInString(password) > 4*MaxPassword) {
			t.Fatalf("%q passes", password)
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		if c, _, sum, err := parsePHC(s); err == nil && (c.Memory > 1<<20 || c.Passes == 0 || c.Lanes == 0 || len(sum) != 32) {
			t.Fatalf("%q gives %+v", s, c)
		}
	})
}

func TestAnyPasswordMatchesItsOwnHashAlone(t *testing.T) {
	h, err := newHasher(Cost{Memory: 32, Passes: 1, Lanes: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		phc, err := h.hash(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		same, _, err := h.matches(t.Context(), a, phc)
		if err != nil || !same {
			t.Fatalf("%q does not match its hash: %v", a, err)
		}
		if other, _, _ := h.matches(t.Context(), b, phc); other && normal(a) != normal(b) {
			t.Fatalf("%q matches the hash of %q", b, a)
		}
	})
}
