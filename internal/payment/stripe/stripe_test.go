package stripe_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/payment"
	"safelight/internal/payment/paymenttest"
	"safelight/internal/payment/sandbox"
	"safelight/internal/payment/stripe"
)

func TestStripeKeepsTheContractAgainstTheSandbox(t *testing.T) {
	paymenttest.Run(t, rig)
}

func rig(t *testing.T, d *db.DB) paymenttest.Rig {
	t.Helper()
	s, err := sandbox.New(t.Context(), d, sandbox.Config{URL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := stripe.New(stripe.Config{Key: s.Key(), Webhook: s.WebhookSecret(), URL: s.API(), Client: &http.Client{Transport: s.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	return paymenttest.Rig{
		Processor: p,
		Pay: func(t *testing.T, ref, card string) {
			control(t, s, "pay", map[string]string{"session": ref, "card": card}, nil)
		},
		Duplicate: func(t *testing.T, ref string) { control(t, s, "duplicate", map[string]string{"session": ref}, nil) },
		Notices: func(t *testing.T) (bodies [][]byte) {
			var all []struct{ Payload string }
			control(t, s, "events", nil, &all)
			for _, e := range all {
				bodies = append(bodies, []byte(e.Payload))
			}
			return bodies
		},
		Sign: func(secret string, at time.Time, body []byte) string {
			if secret == "" {
				secret = s.WebhookSecret()
			}
			return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(webhook.ComputeSignature(at, body, secret)))
		},
	}
}

// control works a control as a program on the same machine would.
func control(t *testing.T, s http.Handler, name string, order map[string]string, into any) {
	t.Helper()
	method := http.MethodPost
	if order == nil {
		method = http.MethodGet
	}
	body, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1/sandbox/control/"+name, strings.NewReader(string(body)))
	r.RemoteAddr = "127.0.0.1:5000"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("control %s: %d %s", name, w.Code, w.Body)
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatal(err)
		}
	}
}

// recorder keeps what leaves for the processor and answers with a fixed page.
type recorder struct {
	forms   []url.Values
	headers []http.Header
	status  int
	body    string
}

func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if err := q.Context().Err(); err != nil {
		return nil, err
	}
	if err := q.ParseForm(); err != nil {
		return nil, err
	}
	r.forms, r.headers = append(r.forms, q.Form), append(r.headers, q.Header)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, _ = w.WriteString(r.body)
	return w.Result(), nil
}

func outside(t *testing.T, r *recorder) *stripe.Processor {
	t.Helper()
	p, err := stripe.New(stripe.Config{Key: "sk_live_abc", Webhook: "whsec_0123456789", Client: &http.Client{Transport: r}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOnlyWhatIsNeededLeavesForTheProcessor(t *testing.T) {
	r := &recorder{status: 200, body: `{"id":"cs_live_1","object":"checkout.session","url":"https://checkout.example/1"}`}
	p := outside(t, r)
	in := paymenttest.Intent(dbtest.Open(t, db.SQLite, clock.NewManual(dbtest.Start)), p.Identity())
	if _, err := p.Open(t.Context(), payment.Checkout{Key: "pay_1", Session: "pay_1", Intent: in}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"mode": "payment", "payment_method_types[0]": "card", "line_items[0][quantity]": "1",
		"line_items[0][price_data][currency]": "usd", "line_items[0][price_data][unit_amount]": "1900",
		"line_items[0][price_data][product_data][name]": "100 credits",
		"client_reference_id":                           in.Order, "metadata[order]": in.Order, "metadata[number]": in.Number, "metadata[session]": "pay_1",
		"payment_intent_data[metadata][order]": in.Order, "payment_intent_data[metadata][number]": in.Number,
		"payment_intent_data[metadata][session]": "pay_1", "payment_intent_data[description]": in.Number,
		"adaptive_pricing[enabled]": "false", "locale": "es", "success_url": in.Success, "cancel_url": in.Cancel,
		"expires_at": fmt.Sprint(in.Expires.Unix()), "customer_email": in.Email,
	}
	for k, v := range r.forms[0] {
		if want[k] != v[0] {
			t.Errorf("%s=%s leaves, want %q", k, v[0], want[k])
		}
		delete(want, k)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if got := r.headers[0].Get("Idempotency-Key"); got != "pay_1" {
		t.Errorf("idempotency key %q", got)
	}
	if r.headers[0].Get("X-Stripe-Client-Telemetry") != "" {
		t.Error("telemetry leaves")
	}
}

func TestAnswersOfTheProcessorHaveTheirMeaning(t *testing.T) {
	for _, c := range []struct {
		status int
		kind   string
		want   error
	}{
		{400, "invalid_request_error", payment.ErrRefused},
		{400, "idempotency_error", payment.ErrRefused},
		{401, "invalid_request_error", payment.ErrUnavailable},
		{403, "invalid_request_error", payment.ErrUnavailable},
		{501, "api_error", payment.ErrUnavailable},
	} {
		r := &recorder{status: c.status, body: fmt.Sprintf(`{"error":{"type":%q,"message":"no"}}`, c.kind)}
		if c.status == 501 { // the client repeats it
			r.body = `{"error":{"type":"api_error","message":"no"}}`
		}
		_, err := outside(t, r).Open(t.Context(), payment.Checkout{Key: "k"})
		if !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v", c.status, c.kind, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := outside(t, &recorder{status: 200, body: `{}`}).Facts(ctx, "pi_1"); !errors.Is(err, payment.ErrUnavailable) {
		t.Errorf("a cancelled call: %v", err)
	}
}

func TestStatesThatAreNotKnownAreNotGuessed(t *testing.T) {
	for body, want := range map[string]payment.FactState{
		`{"id":"pi_1","object":"payment_intent","status":"requires_capture"}`: payment.FactUnknown,
		`{"id":"pi_1","object":"payment_intent","status":"brand_new"}`:        payment.FactUnknown,
		`{"id":"pi_1","object":"payment_intent"}`:                             payment.FactUnknown,
		`{"id":"pi_1","object":"payment_intent","status":"processing"}`:       payment.FactPending,
		`{"id":"pi_1","object":"payment_intent","status":"canceled"}`:         payment.FactOpen,
	} {
		f, err := outside(t, &recorder{status: 200, body: body}).Facts(t.Context(), "pi_1")
		if err != nil || f.State != want {
			t.Errorf("%s is %s (%v), want %s", body, f.State, err, want)
		}
	}
	const head = `{"id":"cs_1","object":"checkout.session","client_reference_id":"o","metadata":{"order":"o","session":"s"},"status":`
	for tail, want := range map[string]payment.FactState{
		`"complete","payment_status":"unpaid"}`:              payment.FactPending,
		`"complete","payment_status":"no_payment_required"}`: payment.FactUnknown,
		`"complete","payment_status":"paid"}`:                payment.FactUnknown,
		`"paused"}`:                                          payment.FactUnknown,
		`"expired"}`:                                         payment.FactClosed,
		`"complete","payment_status":"paid","payment_intent":{"id":"pi_1","object":"payment_intent","status":"succeeded","metadata":{"order":"other","session":"s"}}}`: payment.FactUnknown,
	} {
		f, err := outside(t, &recorder{status: 200, body: head + tail}).Facts(t.Context(), "cs_1")
		if err != nil || f.State != want {
			t.Errorf("%s is %s (%v), want %s", tail, f.State, err, want)
		}
	}
}

func TestAWrongConfigNamesItsVariable(t *testing.T) {
	for _, c := range []struct {
		config stripe.Config
		names  string
	}{
		{stripe.Config{Key: "pk_test_1", Webhook: "whsec_0123456789"}, "SAFELIGHT_STRIPE_KEY"},
		{stripe.Config{Key: "sk_live_", Webhook: "whsec_0123456789"}, "SAFELIGHT_STRIPE_KEY"},
		{stripe.Config{Key: "sk_live_1"}, "SAFELIGHT_STRIPE_WEBHOOK_SECRET"},
		{stripe.Config{Key: "sk_live_1", Webhook: "whsec_0123456789", URL: "http://127.0.0.1"}, "SAFELIGHT_STRIPE_URL"},
	} {
		if _, err := stripe.New(c.config); err == nil || !strings.HasPrefix(err.Error(), c.names+":") {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
	for key, live := range map[string]bool{"sk_test_1": false, "rk_live_1": true} {
		p, err := stripe.New(stripe.Config{Key: key, Webhook: "whsec_0123456789"})
		if err != nil || p.Identity() != (payment.Identity{Name: "stripe", Live: live}) {
			t.Errorf("%s: %v, %v", key, p.Identity(), err)
		}
	}
}

func FuzzWebhook(f *testing.F) {
	const secret = "whsec_0123456789"
	now := time.Unix(1_770_000_000, 0)
	p, err := stripe.New(stripe.Config{Key: "sk_test_1", Webhook: secret})
	if err != nil {
		f.Fatal(err)
	}
	body := []byte(`{"id":"evt_1","object":"event","type":"charge.succeeded","created":1770000000,"livemode":false,"data":{"object":{"id":"ch_1"}}}`)
	good := fmt.Sprintf("t=%d,v1=%s", now.Unix(), hex.EncodeToString(webhook.ComputeSignature(now, body, secret)))
	f.Add(good, body, false)
	f.Add("t=1,v1=,", []byte(`{}`), true)
	f.Fuzz(func(t *testing.T, header string, b []byte, sign bool) {
		if sign { // lets the reader of bodies be fuzzed too
			header = fmt.Sprintf("t=%d,v1=%s", now.Unix(), hex.EncodeToString(webhook.ComputeSignature(now, b, secret)))
		}
		e, err := p.Verify(b, paymenttest.Header(header), now)
		switch {
		case err != nil && (errors.Is(err, payment.ErrSignature) || errors.Is(err, payment.ErrUnreadable)):
		case err != nil:
			t.Fatalf("an error of no kind: %v", err)
		case !sign && string(b) != string(body):
			t.Fatalf("%q was believed with %q", b, header)
		case e.ID == "" || e.Type == "" || e.At.Before(time.Unix(0, 0)) || strings.ContainsAny(e.ID+e.Type+e.Object, "\x00 \n"):
			t.Fatalf("%q was read as %+v", b, e)
		}
	})
}
