package sandbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/payment/sandbox"
)

const (
	good        = "4242424242424242"
	declined    = "4000000000000002"
	disputed    = "4000000000000259"
	refundFails = "4000000000005126"
)

func TestASandboxRefusesALiveShop(t *testing.T) {
	d := dbtest.Open(t, db.SQLite, clock.NewManual(dbtest.Start))
	if _, err := sandbox.New(t.Context(), d, sandbox.Config{URL: "http://127.0.0.1:8080", Live: true}); !errors.Is(err, sandbox.ErrLive) {
		t.Errorf("got %v", err)
	}
	for _, address := range []string{"", "127.0.0.1:8080", "ftp://x", "http://x/shop"} {
		if _, err := sandbox.New(t.Context(), d, sandbox.Config{URL: address}); err == nil {
			t.Errorf("the address %q is taken", address)
		}
	}
}

func TestProcessesShareTheKeys(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		other, err := sandbox.New(t.Context(), r.d, sandbox.Config{URL: r.base})
		if err != nil || other.Key() != r.box.Key() || other.WebhookSecret() != r.box.WebhookSecret() {
			t.Errorf("two processes have two keys (%v)", err)
		}
		if !strings.HasPrefix(r.box.Key(), "sk_test_") || len(r.box.Key()) < 40 {
			t.Errorf("the key is %q", r.box.Key())
		}
	})
}

func TestTheAPINeedsItsKey(t *testing.T) {
	r := one(t)
	for _, header := range []string{"", "Bearer ", "Bearer sk_test_guess", "Basic " + r.box.Key(), r.box.Key() + "x"} {
		a := r.do("GET", "/sandbox/stripe/v1/events", "", map[string]string{"Authorization": header})
		r.want(a, 401, "error.type", "invalid_request_error")
	}
}

func TestASessionIsMadeAsTheProcessorMakesIt(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		a := r.api("POST /v1/checkout/sessions", "", sessionForm()...)
		r.want(a, 200, "object", "checkout.session", "status", "open", "payment_status", "unpaid", "amount_total", "1900", "currency", "usd",
			"livemode", "false", "payment_intent", "", "url", r.base+"/sandbox/pay/"+a.get("id"), "metadata.number", "SL-1001", "line_items", "")
		if !strings.HasPrefix(a.get("id"), "cs_test_") || strings.Contains(a.text, "sandbox_payment") {
			t.Errorf("session %s", a.text)
		}
		items := r.api("GET /v1/checkout/sessions/"+a.get("id")+"/line_items", "")
		if !strings.Contains(items.text, `"description":"100 credits"`) {
			t.Errorf("line items %s", items.text)
		}
	})
}

func TestWhatIsWrongIsRefusedAsTheProcessorRefusesIt(t *testing.T) {
	r := one(t)
	change := func(name, value string) []string {
		form := sessionForm()
		for i := 0; i < len(form); i += 2 {
			if form[i] == name {
				form[i+1] = value
				return form
			}
		}
		return append(form, name, value)
	}
	for name, values := range map[string][]string{
		"mode":                                   {"subscription", ""},
		"success_url":                            {"", "javascript:alert(1)", "/relative"},
		"cancel_url":                             {"nonsense"},
		"expires_at":                             {"1", "soon", fmt.Sprint(dbtest.Start.Add(29 * time.Minute).Unix()), fmt.Sprint(dbtest.Start.Add(25 * time.Hour).Unix())},
		"line_items[0][price_data][currency]":    {"", "xyzw"},
		"line_items[0][price_data][unit_amount]": {"-1", "0", "1.5", "", "99999999999999999999"},
		"line_items[0][quantity]":                {"0", "-1", "9999999"},
		"line_items[0][price_data][product_data][name]": {""},
		"brand_new": {"1"},
	} {
		for _, v := range values {
			a := r.api("POST /v1/checkout/sessions", "", change(name, v)...)
			r.want(a, 400, "error.type", "invalid_request_error", "error.param", name)
		}
	}
	for _, call := range []string{"GET /v1/checkout/sessions/cs_test_x", "GET /v1/payment_intents/pi_x", "GET /v1/charges/ch_x", "GET /v1/refunds/re_x",
		"GET /v1/disputes/dp_x", "GET /v1/events/evt_x", "POST /v1/checkout/sessions/cs_x/expire", "POST /v1/disputes/dp_x/close"} {
		r.want(r.api(call, ""), 404, "error.code", "resource_missing")
	}
	r.want(r.api("GET /v1/customers", ""), 404)
	r.want(r.api("DELETE /v1/charges/ch_x", ""), 404)
	r.want(r.api("POST /v1/refunds", "", "charge", "ch_x"), 404)
	r.want(r.api("POST /v1/refunds", ""), 400, "error.code", "parameter_missing")
}

func TestAKeyAnswersTheSame(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		first := r.api("POST /v1/checkout/sessions", "k1", sessionForm()...)
		again := r.api("POST /v1/checkout/sessions", "k1", sessionForm()...)
		if first.text != again.text || first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s\n%s", first.text, again.text)
		}
		r.want(r.api("POST /v1/checkout/sessions", "k1", sessionForm("locale", "ru")...), 400, "error.type", "idempotency_error")
		r.want(r.api("POST /v1/refunds", "k1", "charge", "ch_1"), 400, "error.type", "idempotency_error")
		r.want(r.api("POST /v1/checkout/sessions", "k2", "mode", "nonsense"), 400, "error.type", "invalid_request_error")
		r.want(r.api("POST /v1/checkout/sessions", "k2", sessionForm()...), 200) // a failed validation keeps nothing
		dbtest.Clock(r.d).Advance(25 * time.Hour)
		if late := r.api("POST /v1/checkout/sessions", "k1", sessionForm()...); late.get("id") == first.get("id") {
			t.Error("a key is kept for more than a day")
		}
	})
}

func TestAKeyUsedAtTheSameTimeMakesOneSession(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		ids := make([]string, 16)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() { ids[i] = r.api("POST /v1/checkout/sessions", "same", sessionForm()...).get("id") })
		}
		wait.Wait()
		if slices.Sort(ids); len(slices.Compact(ids)) != 1 || ids[0] == "" {
			t.Errorf("sessions %v", ids)
		}
	})
}

func TestASessionIsPaidOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		cs := r.open()
		paid := make([]int, 12)
		var wait sync.WaitGroup
		for i := range paid {
			wait.Go(func() { paid[i] = r.control("pay", map[string]string{"session": cs, "card": good}).status })
		}
		wait.Wait()
		if slices.Sort(paid); paid[0] != 200 || paid[1] != 400 {
			t.Errorf("answers %v", paid)
		}
		if kinds := r.deliver(); len(kinds) != 3 {
			t.Errorf("events %v", kinds)
		}
	})
}

func TestAPaymentHasTheProcessorsShape(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		cs, pi := r.paid(good)
		a := r.api("GET /v1/checkout/sessions/"+cs, "", "expand[]", "payment_intent.latest_charge", "expand[1]", "line_items")
		r.want(a, 200, "status", "complete", "payment_status", "paid", "url", "", "customer_details.email", "ana@example.com",
			"payment_intent.id", pi, "payment_intent.status", "succeeded", "payment_intent.amount_received", "1900",
			"payment_intent.metadata.order", "ord_1", "payment_intent.latest_charge.object", "charge", "payment_intent.latest_charge.captured", "true",
			"payment_intent.latest_charge.payment_method_details.card.last4", "4242", "line_items.object", "list")
		ch := a.get("payment_intent.latest_charge.id")
		r.want(r.api("GET /v1/charges/"+ch, ""), 200, "payment_intent", pi, "status", "succeeded", "refunded", "false", "disputed", "false")
		r.want(r.api("GET /v1/charges/"+ch, "", "expand[]", "amount"), 200, "amount", "1900")
		r.want(r.api("GET /v1/charges/"+ch, "", "expand[]", "a.b.c.d.e"), 400, "error.param", "expand")
		for _, call := range []string{"GET /v1/charges", "GET /v1/checkout/sessions"} {
			if l := r.api(call, "", "payment_intent", pi); !strings.Contains(l.text, pi) || !strings.Contains(l.text, `"has_more":false`) {
				t.Errorf("%s lists %s", call, l.text)
			}
		}
		if got := r.deliver(); !slices.Equal(got, []string{"charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"}) {
			t.Errorf("events %v", got)
		}
	})
}

func TestADeclinedCardTakesNothing(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		cs := r.open()
		a := r.control("pay", map[string]string{"session": cs, "card": declined})
		r.want(a, 200, "status", "open", "payment_status", "unpaid", "decline_code", "generic_decline")
		r.want(r.api("GET /v1/payment_intents/"+a.get("payment_intent"), "", "expand[]", "latest_charge"), 200, "status", "requires_payment_method",
			"amount_received", "0", "last_payment_error.code", "card_declined", "latest_charge.status", "failed", "latest_charge.paid", "false")
		if got := r.deliver(); !slices.Equal(got, []string{"charge.failed", "payment_intent.payment_failed"}) {
			t.Errorf("events %v", got)
		}
		again := r.control("pay", map[string]string{"session": cs, "card": good})
		r.want(again, 200, "payment_status", "paid", "payment_intent", a.get("payment_intent"))
		r.want(r.control("pay", map[string]string{"session": r.open(), "card": "4111111111111111"}), 400, "error.code", "not_a_test_card")
	})
}

func TestListsArePagedNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var made []string
		for range 7 {
			made = append(made, r.open())
			dbtest.Clock(r.d).Advance(time.Minute)
		}
		slices.Reverse(made)
		var seen []string
		for after, more := "", true; more; {
			a := r.api("GET /v1/checkout/sessions", "", "limit", "3", "starting_after", after)
			for _, o := range a.json["data"].([]any) {
				seen = append(seen, o.(map[string]any)["id"].(string))
			}
			after, more = seen[len(seen)-1], a.json["has_more"].(bool)
		}
		if !slices.Equal(made, seen) {
			t.Errorf("made %v, listed %v", made, seen)
		}
		since := fmt.Sprint(dbtest.Start.Add(5 * time.Minute).Unix())
		for bound, want := range map[string]int{"created[gte]": 2, "created[gt]": 1, "created[lt]": 5, "created[lte]": 6, "created": 1} {
			if n := len(r.api("GET /v1/checkout/sessions", "", bound, since).json["data"].([]any)); n != want {
				t.Errorf("%s: %d, want %d", bound, n, want)
			}
		}
		for _, limit := range []string{"0", "101", "x"} {
			r.want(r.api("GET /v1/events", "", "limit", limit), 400, "error.param", "limit")
		}
	})
}

func TestEventsAreListedByType(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.paid(good)
		one := r.api("GET /v1/events", "", "type", "charge.succeeded").json["data"].([]any)
		two := r.api("GET /v1/events", "", "types[0]", "charge.succeeded", "types[1]", "payment_intent.succeeded").json["data"].([]any)
		if len(one) != 1 || len(two) != 2 {
			t.Errorf("%d of one type, %d of two", len(one), len(two))
		}
		id := one[0].(map[string]any)["id"].(string)
		r.want(r.api("GET /v1/events/"+id, ""), 200, "id", id, "type", "charge.succeeded", "data.object.object", "charge")
	})
}

func TestMoneyGoesBackUpToWhatWasTaken(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		_, pi := r.paid(good)
		r.deliver()
		part := r.api("POST /v1/refunds", "r1", "payment_intent", pi, "amount", "900", "reason", "duplicate", "metadata[case]", "c1")
		r.want(part, 200, "object", "refund", "amount", "900", "status", "succeeded", "payment_intent", pi, "metadata.case", "c1")
		r.want(r.api("POST /v1/refunds", "r1", "payment_intent", pi, "amount", "900", "reason", "duplicate", "metadata[case]", "c1"), 200, "id", part.get("id"))
		for _, amount := range []string{"1001", "0", "-5"} {
			r.want(r.api("POST /v1/refunds", "", "payment_intent", pi, "amount", amount), 400, "error.param", "amount")
		}
		r.want(r.api("POST /v1/refunds", "", "payment_intent", pi, "reason", "boredom"), 400, "error.param", "reason")
		r.want(r.api("POST /v1/refunds", "", "payment_intent", pi), 200, "amount", "1000")
		r.want(r.api("POST /v1/refunds", "", "payment_intent", pi), 400, "error.code", "charge_already_refunded")
		r.want(r.api("GET /v1/charges/"+part.get("charge"), ""), 200, "amount_refunded", "1900", "refunded", "true")
		if got := r.deliver(); !slices.Equal(got, []string{"refund.created", "charge.refunded", "refund.created", "charge.refunded"}) {
			t.Errorf("events %v", got)
		}
		if l := r.api("GET /v1/refunds", "", "charge", part.get("charge")).json["data"].([]any); len(l) != 2 {
			t.Errorf("%d refunds", len(l))
		}
	})
}

func TestRefundsAtTheSameTimeGiveBackNoMoreThanWasTaken(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		_, pi := r.paid(good)
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() { r.api("POST /v1/refunds", "", "payment_intent", pi, "amount", "600") })
		}
		wait.Wait()
		if l := r.api("GET /v1/refunds", "").json["data"].([]any); len(l) != 3 {
			t.Errorf("%d refunds of 600 from 1900", len(l))
		}
	})
}

func TestARefundCanFailLater(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		_, pi := r.paid(refundFails)
		re := r.api("POST /v1/refunds", "", "payment_intent", pi)
		r.want(re, 200, "status", "succeeded", "sandbox_fails_at", "")
		r.deliver()
		dbtest.Clock(r.d).Advance(2 * time.Minute)
		if got := r.deliver(); !slices.Equal(got, []string{"refund.failed", "refund.updated", "charge.refund.updated"}) {
			t.Errorf("events %v", got)
		}
		r.want(r.api("GET /v1/refunds/"+re.get("id"), ""), 200, "status", "failed", "failure_reason", "expired_or_canceled_card")
		r.want(r.api("GET /v1/charges/"+re.get("charge"), ""), 200, "amount_refunded", "0", "refunded", "false")
	})
}

func TestADisputeIsOpenedAnsweredAndClosed(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		cs, pi := r.paid(good)
		r.deliver()
		a := r.control("dispute", map[string]string{"session": cs, "reason": "product_not_received"})
		r.want(a, 200, "status", "needs_response")
		dp := a.get("dispute")
		r.want(r.api("GET /v1/disputes/"+dp, ""), 200, "amount", "1900", "reason", "product_not_received", "payment_intent", pi,
			"evidence_details.submission_count", "0", "payment_method_details.card.case_type", "chargeback")
		r.want(r.control("dispute", map[string]string{"session": cs}), 400)
		r.want(r.api("POST /v1/refunds", "", "payment_intent", pi), 400, "error.code", "charge_disputed")
		r.want(r.api("POST /v1/disputes/"+dp, "", "evidence[product_description]", "credits"), 200, "status", "needs_response", "evidence_details.has_evidence", "true")
		r.want(r.api("POST /v1/disputes/"+dp, "", "submit", "true"), 200, "status", "under_review", "evidence_details.submission_count", "1")
		r.want(r.api("POST /v1/disputes/"+dp, "", "submit", "true"), 400)
		r.want(r.control("dispute/close", map[string]string{"dispute": dp, "status": "maybe"}), 400)
		r.want(r.control("dispute/close", map[string]string{"dispute": dp, "status": "won"}), 200, "status", "won")
		r.want(r.control("dispute/close", map[string]string{"dispute": dp, "status": "lost"}), 400)
		if got := strings.Join(r.deliver(), " "); got != "charge.dispute.created charge.dispute.funds_withdrawn charge.dispute.updated charge.dispute.updated "+
			"charge.dispute.closed charge.dispute.funds_reinstated" {
			t.Errorf("events %v", got)
		}
		second, _ := r.paid(disputed)
		if got := strings.Join(r.deliver(), " "); !strings.HasSuffix(got, "checkout.session.completed charge.dispute.created charge.dispute.funds_withdrawn") {
			t.Errorf("events of the disputed card: %s (%s)", got, second)
		}
		third, _ := r.paid(good)
		lost := r.control("dispute", map[string]string{"session": third, "reason": "fraudulent"}).get("dispute")
		r.want(r.api("POST /v1/disputes/"+lost, "", "evidence[uncategorized_text]", "losing_evidence", "submit", "true"), 200)
		r.want(r.api("GET /v1/disputes/"+lost, ""), 200, "status", "lost")
	})
}

func TestASessionExpiresByItself(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		cs := r.open("expires_at", fmt.Sprint(dbtest.Start.Add(time.Hour).Unix()))
		if got := r.deliver(); len(got) != 0 {
			t.Errorf("events %v", got)
		}
		dbtest.Clock(r.d).Advance(time.Hour)
		r.want(r.control("pay", map[string]string{"session": cs, "card": good}), 400)
		if got := r.deliver(); !slices.Equal(got, []string{"checkout.session.expired"}) {
			t.Errorf("events %v", got)
		}
		r.want(r.api("GET /v1/checkout/sessions/"+cs, ""), 200, "status", "expired", "url", "")
		r.want(r.api("POST /v1/checkout/sessions/"+cs+"/expire", ""), 400)
	})
}

func TestNoCardNumberIsStored(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, card := range []string{good, disputed, refundFails} {
			r.paid(card)
		}
		r.control("pay", map[string]string{"session": r.open(), "card": declined})
		r.deliver()
		texts, err := db.Ask(t.Context(), r.d, func(tx *db.Tx) ([]string, error) {
			return db.All(t.Context(), tx, db.One[string], `SELECT data FROM sandbox_object UNION ALL SELECT body FROM sandbox_answer UNION ALL SELECT error FROM sandbox_delivery`)
		})
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(texts, "\n")
		for _, card := range []string{good, declined, disputed, refundFails} {
			if strings.Contains(all, card) {
				t.Errorf("the number %s is stored", card)
			}
		}
	})
}

func TestTheTransportCarriesTheSameBytes(t *testing.T) {
	r := one(t)
	cs := r.open()
	overNetwork := r.api("GET /v1/checkout/sessions/"+cs, "")
	q, err := http.NewRequestWithContext(t.Context(), "GET", r.box.API()+"/v1/checkout/sessions/"+cs, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.box.Key())
	got, err := (&http.Client{Transport: r.box.Transport()}).Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text := make([]byte, got.ContentLength)
	if _, err := got.Body.Read(text); err != nil || string(text) != overNetwork.text || got.StatusCode != 200 {
		t.Errorf("%d %s, over the network %s (%v)", got.StatusCode, text, overNetwork.text, err)
	}
}
