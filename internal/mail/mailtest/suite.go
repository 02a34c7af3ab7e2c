package mailtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"safelight/internal/i18n"
	"safelight/internal/mail"
)

// A Box is a sender under test with what its server got.
type Box struct {
	Sender mail.Sender
	// Received gives the messages as they came over the wire, in order; nil
	// for a sender that has no server.
	Received func() [][]byte
}

// Run holds a sender to its contract; open gives a fresh one.
func Run(t *testing.T, open func(t *testing.T) Box) {
	t.Run("a message arrives as it was written", func(t *testing.T) { arrives(t, open(t)) })
	t.Run("a message may be sent again", func(t *testing.T) { again(t, open(t)) })
	t.Run("a sender is used by many at once", func(t *testing.T) { many(t, open(t)) })
}

// Example is a message with everything in it.
func Example() mail.Sent {
	return mail.Sent{ID: "mail_06esaxg3vdh8cd3ty6f4wk0vhc", CreatedAt: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
		Message: mail.Message{Key: "k", To: "ana@example.com", Class: mail.Transactional, Lang: i18n.Russian,
			Subject:     "Квитанция № 7 — ¡gracias! " + strings.Repeat("длинно ", 20),
			Text:        "Здравствуйте.\n\n.\n..точка в начале\nFrom here on\n" + strings.Repeat("x", 2000) + "\n",
			HTML:        "<p>Здравствуйте &amp; до свидания</p>\n",
			Headers:     map[string]string{"X-Order": "OD-7"},
			Attachments: []mail.Attachment{{Name: "invoice-№7.pdf", MediaType: "application/pdf", Content: bytes.Repeat([]byte{0, 13, 10, 255, '.'}, 4000)}}}}
}

func arrives(t *testing.T, b Box) {
	m := Example()
	if err := b.Sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if b.Received == nil {
		return
	}
	got := Read(t, b.Received()[0])
	for name, want := range map[string]string{"Subject": m.Subject, "X-Order": "OD-7", "Date": "Sun, 01 Mar 2026 10:00:00 +0000"} {
		if h := strings.TrimSpace(got.Header(name)); h != strings.TrimSpace(want) {
			t.Errorf("%s is %q, want %q", name, h, want)
		}
	}
	if to, err := netmail.ParseAddress(got.Header("To")); err != nil || to.Address != m.To {
		t.Errorf("To is %q, %v", got.Header("To"), err)
	}
	if !strings.Contains(got.Header("Message-Id"), string(m.ID)) {
		t.Errorf("Message-ID is %q", got.Header("Message-Id"))
	}
	if text := strings.ReplaceAll(got.Parts["text/plain"], "\r\n", "\n"); strings.TrimSpace(text) != strings.TrimSpace(m.Text) {
		t.Errorf("the text is %.200q", text)
	}
	if page := got.Parts["text/html"]; strings.TrimSpace(page) != strings.TrimSpace(m.HTML) {
		t.Errorf("the page is %.200q", page)
	}
	if got.Parts["application/pdf"] != string(m.Attachments[0].Content) {
		t.Errorf("the attachment has %d bytes", len(got.Parts["application/pdf"]))
	}
}

func again(t *testing.T, b Box) {
	for range 2 {
		if err := b.Sender.Send(t.Context(), Example()); err != nil {
			t.Fatal(err)
		}
	}
	if b.Received == nil {
		return
	}
	all := b.Received()
	if len(all) != 2 || Read(t, all[0]).Header("Message-Id") != Read(t, all[1]).Header("Message-Id") {
		t.Errorf("of %d messages the IDs differ", len(all))
	}
}

func many(t *testing.T, b Box) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	errs := make(chan error)
	for range 8 {
		go func() { errs <- b.Sender.Send(ctx, Example()) }()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// A Parsed message has its parts by their media type.
type Parsed struct {
	Parts map[string]string

	header netmail.Header
}

// Header is a header field, decoded.
func (p Parsed) Header(name string) string {
	var words mime.WordDecoder
	s, err := words.DecodeHeader(p.header.Get(name))
	if err != nil {
		return p.header.Get(name)
	}
	return s
}

// Names are the names of the header fields.
func (p Parsed) Names() map[string][]string { return p.header }

// Read parses a message as it came over the wire.
func Read(t testing.TB, raw []byte) Parsed {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
	p := Parsed{Parts: map[string]string{}, header: m.Header}
	if err := p.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p Parsed) part(mediaType, encoding string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		content, err := io.ReadAll(decoded(encoding, body))
		p.Parts[kind] = string(content)
		return err
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = p.part(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		}
		if err != nil {
			return err
		}
	}
}

func decoded(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	}
	return r
}
