package picture

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameBytes is the most that a file name made by [Rename] has.
const maxNameBytes = 120

// Rename makes the name of a result from the name of its source: the same stem,
// then suffix, then the format's ending. The name is safe on every system: no
// path, no control, direction or reserved characters, no leading or trailing
// dots or spaces, at most 120 bytes, letters of any script kept whole. A name of
// which nothing is left becomes "picture".
func Rename(name, suffix string, f Format) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 6 {
		name = name[:dot]
	}
	suffix = trimmed(safe(suffix), 40)
	ending := suffix + f.Extension()
	stem := trimmed(safe(name), maxNameBytes-len(ending))
	if stem == "" || reserved[strings.ToLower(stem)] {
		stem = "picture"
	}
	return stem + ending
}

// reserved are device names that some systems open whatever the ending.
var reserved = func() map[string]bool {
	m := map[string]bool{"con": true, "prn": true, "aux": true, "nul": true}
	for _, n := range "123456789" {
		m["com"+string(n)], m["lpt"+string(n)] = true, true
	}
	return m
}()

// safe replaces what must not stand in a file name and drops what cannot be seen.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			return -1
		case strings.ContainsRune(`/\:*?"<>|;%`, r):
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}

// trimmed cuts s to at most n bytes between whole characters and drops dots and
// spaces at both ends.
func trimmed(s string, n int) string {
	s = strings.Trim(s, ". ")
	if len(s) > n {
		for n > 0 && !continues(s[:n], s[n:]) {
			n--
		}
		s = s[:n]
	}
	return strings.Trim(s, ". ")
}

// continues reports whether a cut between head and tail splits neither a
// character nor a letter from its accents.
func continues(head, tail string) bool {
	r, _ := utf8.DecodeRuneInString(tail)
	return utf8.ValidString(head) && !unicode.Is(unicode.M, r) && r != utf8.RuneError
}
