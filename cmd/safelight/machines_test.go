package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"safelight/internal/blob/blobtest"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
)

// A shop on several machines: two that serve, two that work, with a database
// and a storage for images between them.
type machines struct {
	*house
	a, b  string // where the two serve
	works [2]*process
	all   []*process
}

func severalMachines(t *testing.T) *machines {
	t.Helper()
	a, b := freeAddress(t), freeAddress(t)
	// The customers' address is one for all processes; the test looks behind it.
	blobs := blobtest.S3(t) // sets the credentials that newHouse hands on
	m := &machines{a: "http://" + a, b: "http://" + b, house: newHouse(t,
		"SAFELIGHT_BLOBS="+blobs, "SAFELIGHT_DATABASE="+dbtest.URL(t, db.Postgres), "SAFELIGHT_URL=http://"+a)}
	first := m.start([]string{"SAFELIGHT_ADDR=" + a}, "serve", "--no-workers")
	second := m.start([]string{"SAFELIGHT_ADDR=" + b}, "serve", "--no-workers")
	for i := range m.works {
		m.works[i] = m.start(nil, "work")
	}
	m.all = append(m.works[:2:2], first, second)
	first.ready(m.a)
	second.ready(m.b)
	return m
}

func TestSeveralMachinesAreOneShop(t *testing.T) {
	m := severalMachines(t)
	token := m.user("ana", "--password", "a long password of Ana's")
	a, b := &caller{url: m.a, token: token}, &caller{url: m.b, token: token}
	watch := m.signIn(t, "ana@example.com", "a long password of Ana's").live(t, "/lab")
	watch.await(t, `id="balance">0 `)

	// ordered at one, paid at the other, delivered at both
	o := a.call(t, http.StatusCreated, http.MethodPost, "/api/v1/checkout", `{"item":"pack-25","statement_accepted":true}`)
	b.call(t, http.StatusOK, http.MethodPost, "/sandbox/control/pay",
		`{"session":"`+o.text("provider_ref")+`","card":"4242424242424242"}`, "Authorization: ")
	b.awaits(t, "/api/v1/orders/"+o.text("order_id"), "status", "paid")
	a.awaits(t, "/api/v1/credits", "balance", "25")
	watch.await(t, `id="balance">25 `)

	// laid down at one, seen, followed and fetched at the other
	image := a.upload(t, photo(t, 480, 360))
	wish := `{"image_id":"` + image + `","operation":"upscale","scale":2,"model":"fast"}`
	job := a.call(t, http.StatusAccepted, http.MethodPost, "/api/v1/jobs", wish).text("id")
	watch.await(t, `id="balance">24 `)
	b.awaits(t, "/api/v1/jobs/"+job, "status", "success")
	done := b.call(t, http.StatusOK, http.MethodGet, "/api/v1/jobs/"+job, "")
	file := b.call(t, http.StatusOK, http.MethodGet, "/api/v1/images/"+done.text("result_image_id")+"/file", "")
	if digest(file.body) != done.text("result_sha256") {
		t.Error("another file than the one that was made")
	}
	watch.await(t, `id="item-`+image+`"`)

	m.clockIsShared(t)
	m.workOutlivesAMachine(t, a, b)

	// all is gone on both when the customer says so at one
	b.call(t, http.StatusNoContent, http.MethodDelete, "/api/v1/images", "")
	a.call(t, http.StatusNotFound, http.MethodGet, "/api/v1/images/"+done.text("result_image_id")+"/file", "")
	m.verify()
}

// awaits asks until a field has a value.
func (c *caller) awaits(t *testing.T, path, field, want string) {
	t.Helper()
	err := until(allEnded, 50*time.Millisecond, func() error {
		if got := fmt.Sprint(c.call(t, http.StatusOK, http.MethodGet, path, "").fields[field]); got != want {
			return fmt.Errorf("%s of %s is %s, want %s", field, path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// clockIsShared moves the shop's clock at one and looks at the other's.
func (m *machines) clockIsShared(t *testing.T) {
	t.Helper()
	a, b := &caller{url: m.a}, &caller{url: m.b}
	a.call(t, http.StatusOK, http.MethodPost, "/sandbox/control/clock", `{"advance":"5h"}`)
	moved := time.Now()
	err := until(10*time.Second, 50*time.Millisecond, func() error {
		var events []struct{ Signature string } // signed now, by the clock of the process that answers
		answer := b.call(t, http.StatusOK, http.MethodGet, "/sandbox/control/events", "")
		if err := json.Unmarshal(answer.body, &events); err != nil || len(events) == 0 {
			t.Fatalf("%v: %.200s", err, answer.body)
		}
		var at int64
		if _, err := fmt.Sscanf(events[0].Signature, "t=%d", &at); err != nil {
			t.Fatal(err)
		}
		if ahead := time.Until(time.Unix(at, 0)); ahead < 4*time.Hour {
			return fmt.Errorf("the other's clock is %v ahead", ahead)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("the other followed the clock after %v", time.Since(moved).Round(time.Millisecond))
}

// takenOver is how soon others have the jobs of a machine that is gone.
const takenOver = 40 * time.Second

// workOutlivesAMachine kills one that works in the middle of a job: with one
// picture at a time in each, either has one of two.
func (m *machines) workOutlivesAMachine(t *testing.T, a, b *caller) {
	t.Helper()
	image := a.upload(t, photo(t, 640, 480))
	var jobs [2]string
	for i := range jobs {
		jobs[i] = a.call(t, http.StatusAccepted, http.MethodPost, "/api/v1/jobs",
			`{"image_id":"`+image+`","operation":"upscale","scale":2,"model":"quality"}`).text("id")
	}
	midway := map[string]bool{}
	err := until(time.Minute, 20*time.Millisecond, func() error {
		for _, job := range jobs {
			j := b.call(t, http.StatusOK, http.MethodGet, "/api/v1/jobs/"+job, "")
			if j.text("status") != "running" {
				return fmt.Errorf("%s is %s", job, j.text("status"))
			}
			if p := j.number("progress"); p > 0 && p < 100 {
				midway[job] = true
			}
		}
		if len(midway) < len(jobs) {
			return fmt.Errorf("midway are %v", midway)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	m.works[0].kill()
	killed := time.Now()
	err = until(takenOver, 50*time.Millisecond, func() error {
		for _, p := range m.all {
			if len(p.out.holding("a job was taken back from a process that ended")) > 0 {
				return nil
			}
		}
		return errors.New("nobody took its job over")
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("taken over %v after the kill", time.Since(killed).Round(time.Second))
	for _, job := range jobs {
		b.awaits(t, "/api/v1/jobs/"+job, "status", "success")
	}
	if took := time.Since(killed); took > allEnded {
		t.Errorf("finished %v after the kill", took)
	} else {
		t.Logf("finished %v after the kill", took.Round(time.Second))
	}
	if c := b.call(t, http.StatusOK, http.MethodGet, "/api/v1/credits", ""); c.number("balance") != 20 || c.number("held") != 0 {
		t.Errorf("after it: %s", c.body)
	}
}

// A reader has signed in at a process's pages.
type reader struct {
	url    string
	cookie string
}

// signIn signs in at the second machine, as a browser would.
func (m *machines) signIn(t *testing.T, email, password string) reader {
	t.Helper()
	form := url.Values{"email": {email}, "password": {password}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.b+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var cookies []string
	for _, c := range res.Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	if res.StatusCode != http.StatusSeeOther || len(cookies) == 0 {
		t.Fatalf("sign in: %s", res.Status)
	}
	return reader{m.b, strings.Join(cookies, "; ")}
}

// A stream is what a page is told while it is open.
type stream struct{ fragments chan string }

// live opens the stream of a page.
func (p reader) live(t *testing.T, page string) stream {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/live?"+url.Values{"at": {page}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", p.cookie)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("live: %s %s", res.Status, res.Header.Get("Content-Type"))
	}
	s := stream{make(chan string, 10_000)}
	go func() { // ends with the test's context
		defer res.Body.Close()
		defer close(s.fragments)
		var fragment strings.Builder
		for all := bufio.NewScanner(res.Body); all.Scan(); {
			if line := all.Text(); line != "" {
				fragment.WriteString(line + "\n")
				continue
			}
			s.fragments <- fragment.String()
			fragment.Reset()
		}
	}()
	return s
}

// await reads on until a fragment holds the text.
func (s stream) await(t *testing.T, text string) {
	t.Helper()
	last := ""
	for late := time.After(time.Minute); ; {
		select {
		case f, open := <-s.fragments:
			if strings.Contains(f, text) {
				return
			}
			if !open {
				t.Fatalf("the stream ended before %s; last %.500s", text, last)
			}
			last = f
		case <-late:
			t.Fatalf("no fragment with %s; last %.500s", text, last)
		}
	}
}
