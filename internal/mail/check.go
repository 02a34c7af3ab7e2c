package mail

import (
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a message.
const (
	maxSubject    = 400
	maxAddress    = 254
	maxAttachment = 5_000_000
)

// check refuses what could put a second header or recipient into a message, or
// goes against its class.
func check(m Message) error {
	if err := checkAddress(m.To); err != nil {
		return err
	}
	if m.Key == "" || m.Subject == "" || len(m.Subject) > maxSubject || !plainLine(m.Subject) {
		return fmt.Errorf("mail: the subject %.100q, key %q: not one line of text", m.Subject, m.Key)
	}
	for name, value := range m.Headers {
		if !ownHeader(name) || !plainLine(value) {
			return fmt.Errorf("mail: the header %q: %.100q cannot be set", name, value)
		}
	}
	return errors.Join(checkAttachments(m.Attachments), checkClass(m))
}

func checkAddress(to string) error {
	a, err := netmail.ParseAddress(to)
	if err != nil || a.Address != to || len(to) > maxAddress || !plainLine(to) || strings.ContainsAny(to, " \"<>,;") {
		return fmt.Errorf("mail: to %.300q: %w", to, ErrAddress)
	}
	return nil
}

// plainLine reports whether s is one line of text, without controls.
func plainLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

// ownHeader reports whether a slice may set this header itself: those that
// address and frame the message are not among them.
func ownHeader(name string) bool {
	for _, r := range name {
		if r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			return false
		}
	}
	lower := strings.ToLower(name)
	framing := []string{"from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "return-path", "received", "dkim-signature"}
	return name != "" && !slices.Contains(framing, lower) && !strings.HasPrefix(lower, "content-") && !strings.HasPrefix(lower, "list-unsubscribe")
}

func checkAttachments(all []Attachment) error {
	size := 0
	for _, a := range all {
		size += len(a.Content)
		_, _, err := mime.ParseMediaType(a.MediaType)
		if err != nil || !plainLine(a.MediaType) || a.Name == "" || !plainLine(a.Name) || strings.ContainsAny(a.Name, `/\"`) {
			return fmt.Errorf("mail: the attachment %.100q of type %.100q cannot be sent", a.Name, a.MediaType)
		}
	}
	if size > maxAttachment {
		return fmt.Errorf("mail: %d bytes attached, at most %d", size, maxAttachment)
	}
	return nil
}

func checkClass(m Message) error {
	switch m.Class {
	case Transactional:
		if m.Unsubscribe != "" {
			return errors.New("mail: a transactional message cannot be unsubscribed from")
		}
		return nil
	case Promotional:
		if u, err := url.Parse(m.Unsubscribe); err != nil || u.Host == "" || !plainLine(m.Unsubscribe) || strings.ContainsAny(m.Unsubscribe, "<> ") {
			return fmt.Errorf("mail: a promotional message needs an address to unsubscribe at, not %.200q", m.Unsubscribe)
		}
		return nil
	}
	return fmt.Errorf("mail: no class %q", m.Class)
}
