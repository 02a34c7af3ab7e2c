package web

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/mail"
	"safelight/internal/serve"
)

const (
	mailboxPath  = "/sandbox/mail"
	lettersShown = 100
)

var errMailbox = fault.New(fault.Forbidden, "web.mailbox_closed",
	"The sandbox's mailbox opens on the shop's own machine alone; elsewhere it asks for the sandbox's token.")

// Mailbox serves the sandbox's mailbox at /sandbox/mail and below: the letters
// that this shop wrote, with all that is in them, newest first; as JSON for who
// accepts that. It opens on the same machine alone, and elsewhere with the
// token as bearer or as the password that a browser asks for; an empty token
// opens it nowhere else. It must not be served by a shop that takes real money.
func (s *Server) Mailbox(token string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+mailboxPath, s.site.Handle(s.letters))
	mux.Handle("GET "+mailboxPath+"/{id}/html", s.site.Handle(s.letterHTML))
	mux.Handle("GET "+mailboxPath+"/{id}/{n}", s.site.Handle(s.attachment))
	known := s.People.Identify(s.site)(mux)
	u, err := url.Parse(s.site.Base())
	private := err == nil && loopback(u.Host)
	return s.site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if err := admit(w, r, token, private); err != nil {
			return err
		}
		if r.Header.Get("Authorization") != "" { // the sandbox's token is nobody's
			mux.ServeHTTP(w, r)
			return nil
		}
		known.ServeHTTP(w, r)
		return nil
	})
}

// admit lets in whoever holds the token and, while the shop itself is private
// to this machine, who is on it. A proxy on this machine speaks for others, and
// another name for this machine may be another site's.
func admit(w http.ResponseWriter, r *http.Request, token string, private bool) error {
	if token != "" && holds(r, token) {
		return nil
	}
	if private && onThisMachine(r) {
		return nil
	}
	if token != "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="sandbox", charset="UTF-8"`)
		return errMailboxToken
	}
	return errMailbox
}

var errMailboxToken = fault.New(fault.Unauthenticated, "web.mailbox_closed", errMailbox.Sentence)

func holds(r *http.Request, token string) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		_, given, ok = r.BasicAuth()
	}
	return ok && subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
}

func onThisMachine(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		if r.Header.Get("Sec-Fetch-Mode") != "navigate" { // a page of another site may lead here, not read
			return false
		}
	}
	return loopback(r.RemoteAddr) && loopback(r.Host)
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) letters(w http.ResponseWriter, r *http.Request) error {
	all, err := s.mails(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		return serve.JSON(w, http.StatusOK, letterFiles(all))
	}
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.mailbox"), "")
	if err != nil {
		return err
	}
	v := MailboxView{Page: page}
	for _, m := range all {
		v.Letters = append(v.Letters, letterLine(p, m))
	}
	return s.render(w, r, http.StatusOK, Mailbox(v))
}

func (s *Server) mails(ctx context.Context) ([]mail.Sent, error) {
	return db.Ask(ctx, s.DB, func(tx *db.Tx) ([]mail.Sent, error) { return mail.Mailbox(ctx, tx, lettersShown) })
}

// A letterFile is a letter for programs.
type letterFile struct {
	ID          string            `json:"id"`
	To          string            `json:"to"`
	Subject     string            `json:"subject"`
	Class       string            `json:"class"`
	Lang        string            `json:"lang"`
	CreatedAt   string            `json:"created_at"`
	Text        string            `json:"text"`
	HTML        string            `json:"html"`
	Headers     map[string]string `json:"headers"`
	Attachments []mail.Attachment `json:"attachments"`
}

func letterFiles(all []mail.Sent) []letterFile {
	files := make([]letterFile, 0, len(all))
	for _, m := range all {
		f := letterFile{ID: string(m.ID), To: m.To, Subject: m.Subject, Class: string(m.Class), Lang: string(m.Lang),
			CreatedAt: m.CreatedAt.UTC().Format(time.RFC3339Nano), Text: m.Text, HTML: m.HTML, Headers: m.Headers, Attachments: m.Attachments}
		if f.Headers == nil {
			f.Headers = map[string]string{}
		}
		if f.Attachments == nil {
			f.Attachments = []mail.Attachment{}
		}
		files = append(files, f)
	}
	return files
}

func letterLine(p *i18n.Printer, m mail.Sent) LetterLine {
	path := mailboxPath + "/" + url.PathEscape(string(m.ID))
	l := LetterLine{ID: string(m.ID), Subject: m.Subject, To: m.To, When: p.DateTime(m.CreatedAt), Class: p.T("web.mailbox_" + string(m.Class)),
		Text: paragraphs(m.Text)}
	if m.HTML != "" {
		l.HTML = path + "/html"
	}
	for n, a := range m.Attachments {
		l.Attachments = append(l.Attachments, Link{a.Name, path + "/" + strconv.Itoa(n)})
	}
	return l
}

var address = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// paragraphs cuts a letter's text at its empty lines, and the addresses in it
// out as links.
func paragraphs(text string) []Paragraph {
	all := []Paragraph{}
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var one Paragraph
		rest := part
		for {
			at := address.FindStringIndex(rest)
			if at == nil {
				break
			}
			one = append(one, Link{Text: rest[:at[0]]}, Link{rest[at[0]:at[1]], rest[at[0]:at[1]]})
			rest = rest[at[1]:]
		}
		all = append(all, append(one, Link{Text: rest}))
	}
	return all
}

func (s *Server) findLetter(r *http.Request) (mail.Sent, error) {
	all, err := s.mails(r.Context())
	if err != nil {
		return mail.Sent{}, err
	}
	for _, m := range all {
		if string(m.ID) == r.PathValue("id") {
			return m, nil
		}
	}
	return mail.Sent{}, errNoPage
}

// letterHTML shows a letter as a mail program does: in a document that runs
// nothing, fetches nothing and is of no origin.
func (s *Server) letterHTML(w http.ResponseWriter, r *http.Request) error {
	m, err := s.findLetter(r)
	if err != nil {
		return err
	}
	if m.HTML == "" {
		return errNoPage
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "private, no-store")
	_, _ = w.Write([]byte(m.HTML)) // a client that left asks again
	return nil
}

var unsafeName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func (s *Server) attachment(w http.ResponseWriter, r *http.Request) error {
	m, err := s.findLetter(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(m.Attachments) {
		return errNoPage.Because(fmt.Errorf("attachment %q", r.PathValue("n")))
	}
	a := m.Attachments[n]
	download(w, a.MediaType, unsafeName.ReplaceAllString(a.Name, "_"), len(a.Content))
	_, _ = w.Write(a.Content) // a client that left asks again
	return nil
}
