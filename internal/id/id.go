package id

import (
	"crypto/rand"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// Crockford's alphabet keeps the order of the bytes and has no i, l, o, u.
var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns a fresh id such as "job_06esaxg3vdh8cd3ty6f4wk0vhc". T is the
// slice's own id type.
func New[T ~string](prefix string) T {
	u := uuid.Must(uuid.NewV7())
	return T(prefix + "_" + alphabet.EncodeToString(u[:]))
}

// Valid reports whether s has the shape of an id made with prefix.
func Valid(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	b, err := alphabet.DecodeString(rest)
	return err == nil && alphabet.EncodeToString(b) == rest
}

// Secret returns 160 bits of randomness as 32 lower-case characters: for
// tokens, links and storage keys that must not be guessed.
func Secret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return alphabet.EncodeToString(b[:])
}
