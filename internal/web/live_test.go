package web

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/lab"
)

// A listener reads a stream.
type listener struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
	leave  context.CancelFunc
}

// open serves the pages on a port, as a process does; end asks it to end.
func (d *darkroom) open() (base string, end context.CancelFunc, ended <-chan error) {
	d.t.Helper()
	l, err := (&net.ListenConfig{}).Listen(d.t.Context(), "tcp", "127.0.0.1:0")
	fine(d.t, err)
	ctx, end := context.WithCancel(d.t.Context())
	done := make(chan error, 1)
	go func() { done <- d.site.Run(ctx, l, d.front) }()
	d.t.Cleanup(end)
	return "http://" + l.Addr().String(), end, done
}

func (p *member) listen(base, at string) *listener {
	p.d.t.Helper()
	ctx, leave := context.WithTimeout(p.d.t.Context(), 30*time.Second)
	p.d.t.Cleanup(leave)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/live?"+url.Values{"at": {at}}.Encode(), nil)
	fine(p.d.t, err)
	r.AddCookie(&http.Cookie{Name: "session", Value: p.Token})
	answer, err := http.DefaultClient.Do(r)
	fine(p.d.t, err)
	p.d.t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return &listener{p.d.t, answer, lines, leave}
}

// next is the HTML of the next event; false when the stream has ended.
func (l *listener) next() (string, bool) {
	event, data := "", []string{}
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch {
		case name == "event":
			event = value
		case name == "data":
			data = append(data, value)
		case l.lines.Text() == "" && event == "fragment":
			return strings.Join(data, "\n"), true
		}
	}
	return "", false
}

// until reads on to an event with all the texts.
func (l *listener) until(texts ...string) string {
	l.t.Helper()
	for {
		html, ok := l.next()
		if !ok {
			l.t.Fatalf("the stream ended before %q: %v", texts, l.lines.Err())
		}
		missing := false
		for _, s := range texts {
			missing = missing || !strings.Contains(html, s)
		}
		if !missing {
			return html
		}
	}
}

func TestAPageIsToldWhatMovedAndNothingElse(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		base, _, _ := d.open()
		still, moved := d.ana.lay("still.jpg"), d.ana.lay("moved.jpg")
		first := d.ana.start(still)
		bench := d.ana.listen(base, "/lab")
		if kind := bench.answer.Header.Get("Content-Type"); bench.answer.StatusCode != 200 || kind != "text/event-stream" {
			t.Fatalf("status %d, %s", bench.answer.StatusCode, kind)
		}
		bench.until(`id="balance"`, "9 credits", `id="lamp"`, "data-lit", `id="item-`+string(still.ID))
		j := d.ana.start(moved)
		told := bench.until("8 credits", `id="item-`+string(moved.ID), "In the queue")
		if strings.Contains(told, string(still.ID)) || strings.Contains(told, `id="lamp"`) {
			t.Errorf("what did not move was told: %s", told)
		}
		page := d.ana.listen(base, jobPath(j.ID))
		page.until(`id="job-`+string(j.ID), "1 job is ahead of it.")
		photo := d.ana.listen(base, imagePath(moved.ID)+"?scale=3")
		photo.until(`id="item-` + string(j.ID))
		cancel := func(id lab.JobID) {
			fine(t, d.DB.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := d.Lab.Cancel(t.Context(), tx, d.ana.Account.ID, id)
				return err
			}))
		}
		cancel(first.ID)
		page.until(`id="job-`+string(j.ID), "It is next.")
		cancel(j.ID)
		page.until(`id="job-`+string(j.ID), "Cancelled")
		photo.until(`id="item-`+string(j.ID), "Cancelled")
		bench.until("10 credits")
	})
}

// The work shares nothing with the stream but the database.
func TestWorkOfAnotherProcessIsTold(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		base, _, _ := d.open()
		j := d.ana.start(d.ana.lay("fig.jpg"))
		page := d.ana.listen(base, jobPath(j.ID))
		page.until("In the queue", "data-lit")
		d.work()
		page.until("<safelight-compare", "Download JPEG")
		d.ana.wantCredits(9, 0)
	})
}

func TestNobodyIsToldOfAnothersWork(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		base, _, _ := d.open()
		i := d.ana.lay("fig.jpg")
		j := d.ana.start(i)
		for _, at := range []string{"/lab", imagePath(i.ID), jobPath(j.ID), "/orders/ord_1", "/pricing", "://"} {
			l := d.boris.listen(base, at)
			html, _ := l.next()
			if !strings.Contains(html, "10 credits") || strings.Contains(html, string(i.ID)) || strings.Contains(html, string(j.ID)) {
				t.Errorf("at %s he is told %s", at, html)
			}
			l.leave()
			_, _ = l.next()
		}
	})
}

func TestAStreamEndsWithTheSessionAndWithTheProcess(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		base, end, ended := d.open()
		hers, his := d.ana.listen(base, "/lab"), d.boris.listen(base, "/lab")
		hers.until("10 credits")
		his.until("10 credits")
		fine(t, d.DB.InTx(t.Context(), func(tx *db.Tx) error { return account.SignOut(t.Context(), tx, d.ana.Token) }))
		if html, more := hers.next(); more || hers.lines.Err() != nil {
			t.Errorf("after she signed out: %s, %v", html, hers.lines.Err())
		}
		if again := d.ana.listen(base, "/lab"); again.answer.StatusCode != 401 {
			t.Errorf("then she gets %d", again.answer.StatusCode)
		}
		end()
		if html, more := his.next(); more || his.lines.Err() != nil {
			t.Errorf("after the end: %s, %v", html, his.lines.Err())
		}
		fine(t, <-ended)
	})
}

func TestAnAccountHasAFewStreamsAtATime(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		base, _, _ := d.open()
		var open []*listener
		for range streamsEach {
			l := d.ana.listen(base, "/lab")
			l.until("10 credits")
			open = append(open, l)
		}
		if more := d.ana.listen(base, "/lab").answer; more.StatusCode != 429 || more.Header.Get("Retry-After") == "" {
			t.Errorf("one more gets %d", more.StatusCode)
		}
		d.boris.listen(base, "/lab").until("10 credits")
		open[0].leave()
		for status := 0; status != 200; {
			status = d.ana.listen(base, "/lab").answer.StatusCode
		}
	})
}

func TestManyJobsMakeASmallStream(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		const jobs = 300
		rich := d.member("rich@example.com", jobs)
		base, _, _ := d.open()
		i := rich.lay("fig.jpg")
		for range jobs {
			rich.start(i)
		}
		for _, at := range []string{"/lab", imagePath(i.ID), "/account"} {
			if html, _ := rich.listen(base, at).next(); len(html) > 20_000 {
				t.Errorf("at %s the first event has %d bytes", at, len(html))
			}
		}
		if page := rich.get(imagePath(i.ID)).want(200); len(page.text) > 60_000 {
			t.Errorf("the photo's page has %d bytes", len(page.text))
		}
	})
}
