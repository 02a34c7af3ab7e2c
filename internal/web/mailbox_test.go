package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"safelight/internal/db"
	"safelight/internal/mail"
	"safelight/internal/obs"
	"safelight/internal/serve"
)

func TestTheMailboxOpensOnThisMachineOrWithTheToken(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ask := func(remote, host string, header ...string) int {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/sandbox/mail", nil)
			r.RemoteAddr, r.Host = remote, host
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			if len(header) > 0 && header[0] == "Basic" {
				r.Header.Del("Basic")
				r.SetBasicAuth("any", header[1])
			}
			w := httptest.NewRecorder()
			g.handler.ServeHTTP(w, r)
			return w.Code
		}
		const here, there = "127.0.0.1:4711", "203.0.113.7:4711"
		for _, c := range []struct {
			name   string
			status int
			got    int
		}{
			{"here", 200, ask(here, "localhost:8080")},
			{"here, led by a page of another site", 200, ask(here, "localhost", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")},
			{"here, read by a page of another site", 401, ask(here, "localhost", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors")},
			{"here by another's name", 401, ask(here, "evil.example")},
			{"here for another", 401, ask(here, "localhost", "X-Forwarded-For", "203.0.113.7")},
			{"elsewhere", 401, ask(there, "localhost")},
			{"elsewhere with the token", 200, ask(there, "photos.example.com", "Authorization", "Bearer "+sandboxToken)},
			{"elsewhere with the token as a password", 200, ask(there, "photos.example.com", "Basic", sandboxToken)},
			{"elsewhere with another token", 401, ask(there, "photos.example.com", "Authorization", "Bearer guess")},
		} {
			if c.got != c.status {
				t.Errorf("%s: %d, not %d", c.name, c.got, c.status)
			}
		}
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/sandbox/mail", nil)
		r.RemoteAddr = there
		w := httptest.NewRecorder()
		g.pages.Mailbox("").ServeHTTP(w, r)
		if w.Code != 403 {
			t.Errorf("without a token elsewhere: %d", w.Code)
		}
		c := g.pages.Config
		c.Site = must(serve.New(serve.Config{BaseURL: "https://photos.example.com"}, c.Log, obs.NewMetrics(), serve.ProblemJSON))(t)
		public := New(c).Mailbox(sandboxToken)
		r.RemoteAddr, r.Host = here, "127.0.0.1:8080" // as a proxy that says nothing asks
		w = httptest.NewRecorder()
		if public.ServeHTTP(w, r); w.Code != 401 {
			t.Errorf("here, at a shop that is public: %d", w.Code)
		}
		r.Header.Set("Authorization", "Bearer "+sandboxToken)
		w = httptest.NewRecorder()
		if public.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("here, at a shop that is public, with the token: %d", w.Code)
		}
	})
}

func TestALetterCannotHarmTheMailbox(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		err := g.d.InTx(t.Context(), func(tx *db.Tx) error {
			return mail.Send(t.Context(), tx, mail.Message{Key: "k", To: luz, Class: mail.Transactional, Lang: "en", Subject: "<script>alert(1)</script>",
				Text: "<script>alert(2)</script>\n\nhttps://example.com/a?b=c. Done.", HTML: "<script>alert(3)</script>",
				Attachments: []mail.Attachment{{Name: "one.pdf", MediaType: "application/pdf", Content: []byte("<script>alert(4)</script>")}}})
		})
		if err != nil {
			t.Fatal(err)
		}
		p := g.customer("ana@example.com")
		a := p.get("/sandbox/mail").is(200).says("h2", "<script>alert(1)").says(".letter", "Transactional").has(".letter a[href='https://example.com/a?b=c']").
			has(".balance") // who has signed in stays so
		letter := p.get(a.at(".letter a[href$='/html']", "href")).is(200)
		if csp := letter.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox; default-src 'none'") {
			t.Errorf("the letter may do %s", csp)
		}
		file := p.get(a.at(".letter a[download]", "href")).is(200)
		if got := file.Header().Get("Content-Disposition"); got != `attachment; filename="one.pdf"` {
			t.Error(got)
		}
		p.get("/sandbox/mail/mail_none/html").is(404)
		p.get(a.at(".letter a[href$='/html']", "href")[:len("/sandbox/mail/")+len(attr(all(a.root, ".letter")[0], "id"))] + "/7").is(404)
		if m := g.mails(luz); len(m) != 1 || m[0].Class != "transactional" || m[0].Headers == nil || m[0].Attachments[0].MediaType != "application/pdf" {
			t.Errorf("the mailbox has %+v", m)
		}
	})
}
