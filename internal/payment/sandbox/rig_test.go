package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/payment/sandbox"
)

// rig is a sandbox behind a real listener, and a shop that writes down the
// notices it gets.
type rig struct {
	t       *testing.T
	d       *db.DB
	box     *sandbox.Server
	base    string
	mu      sync.Mutex
	notices []notice
	status  int // what the shop answers
	moved   time.Duration
}

type notice struct {
	id, kind, body, signature string
	object                    map[string]any
}

func each(t *testing.T, test func(t *testing.T, r *rig)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newRig(t, d)) })
}

func one(t *testing.T) *rig {
	return newRig(t, dbtest.Open(t, db.SQLite, clock.NewManual(dbtest.Start)))
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, d: d, status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/webhooks/stripe" {
			r.take(w, q)
			return
		}
		r.box.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	r.base = server.URL
	var err error
	r.box, err = sandbox.New(t.Context(), d, sandbox.Config{URL: r.base, Token: "let me in", Moved: func(d time.Duration) { r.moved = d }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) take(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	n := notice{body: string(body), signature: q.Header.Get("Stripe-Signature")}
	var e struct {
		ID, Type string
		Data     struct{ Object map[string]any }
	}
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err == nil { // the machine's clock is not the shop's
		err = webhook.ValidatePayloadIgnoringTolerance(body, n.signature, r.box.WebhookSecret())
	}
	if err != nil {
		r.t.Errorf("a notice is wrong: %v", err)
	}
	n.id, n.kind, n.object = e.ID, e.Type, e.Data.Object
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, n)
	w.WriteHeader(r.status)
}

// deliver posts what is due and returns the types of what arrived.
func (r *rig) deliver() []string {
	r.t.Helper()
	r.notices = nil
	for n := 1; n > 0; {
		var err error
		if n, err = r.box.Deliver(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
	kinds := []string{}
	for _, n := range r.notices {
		kinds = append(kinds, n.kind)
	}
	return kinds
}

// answer is what came back of a request.
type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

func (a answer) get(path string) string {
	var v any = a.json
	for _, step := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[step]
	}
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprint(v)
}

func (r *rig) do(method, path, body string, header map[string]string) answer {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for k, v := range header {
		if k == "Host" {
			q.Host = v
		}
		q.Header.Set(k, v)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	a := answer{status: got.StatusCode, header: got.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.json) // pages and lists are no objects
	return a
}

// api calls the API with the right key; pairs are the form's fields.
func (r *rig) api(call string, key string, pairs ...string) answer {
	r.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	header := map[string]string{"Authorization": "Bearer " + r.box.Key()}
	if key != "" {
		header["Idempotency-Key"] = key
	}
	if method == http.MethodGet {
		return r.do(method, "/sandbox/stripe"+path+"?"+form.Encode(), "", header)
	}
	header["Content-Type"] = "application/x-www-form-urlencoded"
	return r.do(method, "/sandbox/stripe"+path, form.Encode(), header)
}

func sessionForm(more ...string) []string {
	return append([]string{"mode", "payment", "line_items[0][quantity]", "1", "line_items[0][price_data][currency]", "usd",
		"line_items[0][price_data][unit_amount]", "1900", "line_items[0][price_data][product_data][name]", "100 credits",
		"client_reference_id", "ord_1", "metadata[order]", "ord_1", "metadata[number]", "SL-1001", "payment_intent_data[metadata][order]", "ord_1",
		"success_url", "https://shop.example/done?s={CHECKOUT_SESSION_ID}", "cancel_url", "https://shop.example/buy",
		"customer_email", "ana@example.com"}, more...)
}

// open makes a session and returns its id.
func (r *rig) open(more ...string) string {
	r.t.Helper()
	a := r.api("POST /v1/checkout/sessions", "", sessionForm(more...)...)
	if a.status != http.StatusOK {
		r.t.Fatalf("no session: %s", a.text)
	}
	return a.get("id")
}

func (r *rig) control(name string, order map[string]string) answer {
	r.t.Helper()
	body, err := json.Marshal(order)
	if err != nil {
		r.t.Fatal(err)
	}
	if order == nil {
		return r.do(http.MethodGet, "/sandbox/control/"+name, "", nil)
	}
	return r.do(http.MethodPost, "/sandbox/control/"+name, string(body), map[string]string{"Content-Type": "application/json"})
}

// paid opens a session, pays it with a card and returns its id and its
// payment's.
func (r *rig) paid(card string) (session, payment string) {
	r.t.Helper()
	session = r.open()
	a := r.control("pay", map[string]string{"session": session, "card": card})
	if a.get("payment_status") != "paid" {
		r.t.Fatalf("not paid: %s", a.text)
	}
	return session, a.get("payment_intent")
}

func (r *rig) want(a answer, status int, pairs ...string) {
	r.t.Helper()
	if a.status != status {
		r.t.Errorf("status %d, want %d: %s", a.status, status, a.text)
	}
	for i := 0; i < len(pairs); i += 2 {
		if got := a.get(pairs[i]); got != pairs[i+1] {
			r.t.Errorf("%s is %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}
