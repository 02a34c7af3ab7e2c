package blob

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// MaxKey is the longest key, in bytes.
const MaxKey = 200

// maxType is the longest content type, in bytes.
const maxType = 100

// NewKey returns "prefix/" and 26 random characters (130 bits, of which at least
// 128 are unguessable), or the characters alone for an empty prefix.
func NewKey(prefix string) string {
	name := strings.ToLower(rand.Text())
	if prefix == "" {
		return name
	}
	return prefix + "/" + name
}

// CheckKey returns ErrKey unless key has 1 to [MaxKey] of the characters
// a-z 0-9 / _ . - , begins with a letter or digit, does not end in a slash, and
// has no empty segment, no segment that begins with a dot and no two dots in a
// row. Both stores keep such a key as it is: nothing is escaped or folded.
func CheckKey(key string) error {
	if key == "" || strings.HasSuffix(key, "/") {
		return fmt.Errorf("blob: key %.220q: %w", key, ErrKey)
	}
	return CheckPrefix(key)
}

// CheckPrefix returns ErrKey unless prefix is empty or the beginning of a key.
func CheckPrefix(prefix string) error {
	if !isPrefix(prefix) {
		return fmt.Errorf("blob: key %.220q: %w", prefix, ErrKey)
	}
	return nil
}

func isPrefix(s string) bool {
	if s == "" {
		return true
	}
	for _, bad := range []string{"..", "//", "/."} {
		if strings.Contains(s, bad) {
			return false
		}
	}
	return len(s) <= MaxKey && isAlnum(s[0]) &&
		strings.IndexFunc(s, func(r rune) bool { return !isKeyRune(r) }) < 0
}

func isAlnum(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func isKeyRune(r rune) bool {
	return r < 128 && (isAlnum(byte(r)) || strings.ContainsRune("/_.-", r))
}

// CheckType returns the content type to store, [DefaultType] for an empty one,
// or ErrType.
func CheckType(contentType string) (string, error) {
	if contentType == "" {
		return DefaultType, nil
	}
	printable := strings.IndexFunc(contentType, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if len(contentType) > maxType || !printable {
		return "", fmt.Errorf("blob: content type %.120q: %w", contentType, ErrType)
	}
	return contentType, nil
}
