package account

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// An Address is an e-mail address as it was written and in the form in which
// two spellings of one address are equal.
type Address struct {
	Written string
	Key     string // lower case, the domain in ASCII
}

// domains are those of the lookup rules, with the lengths of labels checked.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// ParseAddress reads one e-mail address: no name, no comment, no quotes; an
// ASCII mailbox, so that no look-alike letter makes a second one; a domain with
// a dot, which may be international. It returns [ErrEmail].
func ParseAddress(s string) (Address, error) {
	s = strings.Trim(s, " \t\r\n")
	local, domain, ok := cutLast(s, "@")
	if !ok || len(s) > 254 || !mailbox(local) {
		return Address{}, ErrEmail
	}
	ascii, err := domains.ToASCII(domain)
	if again, wrong := domains.ToASCII(ascii); wrong != nil || again != ascii || !utf8.ValidString(s) {
		return Address{}, ErrEmail
	}
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") || address(ascii) {
		return Address{}, ErrEmail
	}
	return Address{Written: s, Key: strings.ToLower(local + "@" + ascii)}, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// mailbox reports whether s is a dot-atom of mail's grammar.
func mailbox(s string) bool {
	if s == "" || len(s) > 64 || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0) {
			return false
		}
	}
	return true
}

// address reports whether a domain is an IPv4 address instead of a name.
func address(domain string) bool {
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	return strings.Trim(last, "0123456789") == ""
}

// deliver is the form that mail is sent to: the mailbox as it was written,
// since its case may matter to its owner's server.
func (a Account) deliver() string {
	local, domain, _ := cutLast(a.Email, "@")
	if ascii, err := domains.ToASCII(domain); err == nil {
		return local + "@" + ascii
	}
	return a.Email
}
