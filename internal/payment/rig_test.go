package payment_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fault"
	"safelight/internal/payment"
	"safelight/internal/payment/paymenttest"
	"safelight/internal/payment/sandbox"
	"safelight/internal/payment/stripe"
)

// shop is a product that takes payments: the sandbox and the webhook behind
// one real listener, and a table of what was delivered.
type shop struct {
	t    *testing.T
	d    *db.DB
	box  *sandbox.Server
	p    payment.Processor
	mu   sync.Mutex
	woke []payment.InboxID
	fail error // what settling fails with
}

func eachShop(t *testing.T, test func(t *testing.T, s *shop)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newShop(t, d)) })
}

func newShop(t *testing.T, d *db.DB) *shop {
	t.Helper()
	s := &shop{t: t, d: d}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/stripe", s.webhook)
	mux.HandleFunc("/sandbox/", func(w http.ResponseWriter, r *http.Request) { s.box.ServeHTTP(w, r) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	var err error
	if s.box, err = sandbox.New(t.Context(), d, sandbox.Config{URL: server.URL, Moved: s.moved}); err != nil {
		t.Fatal(err)
	}
	s.p, err = stripe.New(stripe.Config{Key: s.box.Key(), Webhook: s.box.WebhookSecret(), URL: s.box.API(),
		Client: &http.Client{Transport: s.box.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	s.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `CREATE TABLE delivered (order_ref TEXT NOT NULL, payment TEXT NOT NULL, duplicate BIGINT NOT NULL)`)
		return err
	})
	return s
}

func (s *shop) moved(time.Duration) {}

func (s *shop) tx(fn func(tx *db.Tx) error) {
	s.t.Helper()
	if err := s.d.InTx(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) exec(query string, args ...any) {
	s.t.Helper()
	s.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(s.t.Context(), query, args...)
		return err
	})
}

func (s *shop) count(query string, args ...any) int64 {
	s.t.Helper()
	n, err := db.Ask(s.t.Context(), s.d, func(tx *db.Tx) (n int64, err error) {
		err = tx.QueryRow(s.t.Context(), query, args...).Scan(&n)
		return n, err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// webhook is what the product's transport does.
func (s *shop) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, payment.MaxNotice+1))
	if err == nil {
		err = payment.Receive(r.Context(), s.d, s.p, body, r.Header, s.wake)
	}
	switch {
	case errors.Is(err, fault.Malformed), errors.Is(err, fault.TooLarge):
		w.WriteHeader(http.StatusBadRequest)
	case err != nil:
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func (s *shop) wake(_ context.Context, _ *db.Tx, id payment.InboxID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woke = append(s.woke, id)
	return nil
}

func (s *shop) settle(ctx context.Context, tx *db.Tx, p payment.Paid) error {
	if s.fail != nil {
		return s.fail
	}
	_, err := tx.Exec(ctx, `INSERT INTO delivered (order_ref, payment, duplicate) VALUES ($1, $2, $3)`, p.Session.Order, p.Charge.Payment, p.Duplicate)
	return err
}

// begin begins and opens a session.
func (s *shop) begin() payment.Session {
	s.t.Helper()
	x, err := db.Do(s.t.Context(), s.d, func(tx *db.Tx) (payment.Session, error) {
		return payment.Begin(s.t.Context(), tx, paymenttest.Intent(s.d, s.p.Identity()))
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := payment.Open(s.t.Context(), s.d, s.p, x.ID); err != nil {
		s.t.Fatal(err)
	}
	return s.session(x.ID)
}

func (s *shop) session(id payment.SessionID) payment.Session {
	s.t.Helper()
	x, err := db.Ask(s.t.Context(), s.d, func(tx *db.Tx) (payment.Session, error) { return payment.Find(s.t.Context(), tx, id) })
	if err != nil {
		s.t.Fatal(err)
	}
	return x
}

// control works a control of the sandbox over HTTP.
func (s *shop) control(name string, order map[string]string, into any) {
	s.t.Helper()
	method, body := http.MethodPost, ""
	if order == nil {
		method = http.MethodGet
	} else if b, err := json.Marshal(order); err == nil {
		body = string(b)
	}
	base := strings.TrimSuffix(s.box.API(), "/sandbox/stripe")
	r, err := http.NewRequestWithContext(s.t.Context(), method, base+"/sandbox/control/"+name, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("control %s %v: %d %s %v", name, order, answer.StatusCode, text, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shop) pay(x payment.Session, card string) {
	s.t.Helper()
	s.control("pay", map[string]string{"session": x.Ref, "card": card}, nil)
}

// deliver lets the sandbox post what it has and works what arrived.
func (s *shop) deliver() {
	s.t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = s.box.Deliver(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.workAll(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) workAll() error {
	s.mu.Lock()
	woke := s.woke
	s.woke = nil
	s.mu.Unlock()
	var errs []error
	for _, id := range woke {
		errs = append(errs, payment.Work(s.t.Context(), s.d, s.p, id, s.settle))
	}
	return errors.Join(errs...)
}

// bodies are all notices of the sandbox, the newest first.
func (s *shop) bodies() (all [][]byte) {
	s.t.Helper()
	var events []struct{ Payload string }
	s.control("events", nil, &events)
	for _, e := range events {
		all = append(all, []byte(e.Payload))
	}
	return all
}

func (s *shop) sign(secret string, at time.Time, body []byte) string {
	if secret == "" {
		secret = s.box.WebhookSecret()
	}
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(webhook.ComputeSignature(at, body, secret)))
}

func (s *shop) receive(body []byte, signature string) error {
	return payment.Receive(s.t.Context(), s.d, s.p, body, paymenttest.Header(signature), s.wake)
}

// wantDelivered checks what was delivered for an order, once and as duplicates.
func (s *shop) wantDelivered(x payment.Session, once, duplicates int64) {
	s.t.Helper()
	n := s.count(`SELECT count(*) FROM delivered WHERE order_ref = $1 AND duplicate = 0`, x.Order)
	m := s.count(`SELECT count(*) FROM delivered WHERE order_ref = $1 AND duplicate = 1`, x.Order)
	if n != once || m != duplicates {
		s.t.Errorf("delivered %d times and %d as duplicates, want %d and %d", n, m, once, duplicates)
	}
	if c := s.count(`SELECT count(*) FROM payment_charge WHERE order_ref = $1`, x.Order); c != once+duplicates {
		s.t.Errorf("%d charges recorded, want %d", c, once+duplicates)
	}
}

func (s *shop) wantState(x payment.Session, want payment.SessionState) {
	s.t.Helper()
	if got := s.session(x.ID); got.State != want {
		s.t.Errorf("session is %s (%s), want %s", got.State, got.Error, want)
	}
}

// wantAlert checks that there is one alert with this reason and no other.
func (s *shop) wantAlert(reason string) {
	s.t.Helper()
	all, err := db.Ask(s.t.Context(), s.d, func(tx *db.Tx) ([]payment.Alert, error) { return payment.Alerts(s.t.Context(), tx, 100) })
	if err != nil {
		s.t.Fatal(err)
	}
	if len(all) != 1 || all[0].Reason != reason {
		s.t.Errorf("alerts %+v, want one with reason %s", all, reason)
	}
}
