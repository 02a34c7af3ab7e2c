package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/payment/sandbox"
)

func TestWebhooksFollowTheirMode(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, c := range []struct {
			mode            string
			now, onceFreed  int
			distinctInTotal int
		}{{"drop", 0, 0, 0}, {"hold", 0, 3, 3}, {"duplicate", 6, 0, 3}, {"shuffle", 3, 0, 3}, {"normal", 3, 0, 3}} {
			r.want(r.control("webhooks", map[string]string{"mode": c.mode}), 200, "mode", c.mode)
			r.paid(good)
			now := len(r.deliver())
			ids := r.ids()
			r.control("webhooks/release", map[string]string{})
			freed := len(r.deliver())
			ids = append(ids, r.ids()...)
			slices.Sort(ids)
			if distinct := len(slices.Compact(ids)); now != c.now || freed != c.onceFreed || distinct != c.distinctInTotal {
				t.Errorf("%s: %d at once, %d when released, %d distinct", c.mode, now, freed, distinct)
			}
		}
		r.want(r.control("webhooks", map[string]string{"mode": "chaos"}), 400)
	})
}

func (r *rig) ids() (all []string) {
	for _, n := range r.notices {
		all = append(all, n.id)
	}
	return all
}

func TestShuffledEventsComeInEveryOrder(t *testing.T) {
	r := one(t)
	r.control("webhooks", map[string]string{"mode": "shuffle"})
	seen := map[string]bool{}
	for range 40 {
		r.paid(good)
		seen[strings.Join(r.deliver(), " ")] = true
	}
	if len(seen) < 4 {
		t.Errorf("40 payments came in %d orders", len(seen))
	}
}

func TestADeliveryIsRepeatedUntilItIsTaken(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.status = 500
		r.paid(good)
		if got := r.deliver(); len(got) != 3 {
			t.Errorf("tried %v", got)
		}
		if got := r.deliver(); len(got) != 0 {
			t.Errorf("repeated at once: %v", got)
		}
		first := r.ids()
		dbtest.Clock(r.d).Advance(10 * time.Second)
		r.status = 200
		if got := r.deliver(); len(got) != 3 {
			t.Errorf("repeated %v", got)
		}
		dbtest.Clock(r.d).Advance(24 * time.Hour)
		if got := r.deliver(); len(got) != 0 {
			t.Errorf("delivered again: %v after %v", got, first)
		}
	})
}

func TestADeliveryIsGivenUpAfterDays(t *testing.T) {
	r := one(t)
	r.status = 500
	r.paid(good)
	for range 30 {
		r.deliver()
		dbtest.Clock(r.d).Advance(2 * time.Hour)
	}
	r.status = 200
	if got := r.deliver(); len(got) != 0 {
		t.Errorf("still delivered: %v", got)
	}
}

func TestTwoProcessesDeliverEachEventOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		other, err := sandbox.New(t.Context(), r.d, sandbox.Config{URL: r.base})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			r.paid(good)
		}
		var wait sync.WaitGroup
		for _, s := range []*sandbox.Server{r.box, other} {
			wait.Go(func() {
				if _, err := s.Deliver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		ids := r.ids()
		slices.Sort(ids)
		if len(ids) != 15 || len(slices.Compact(ids)) != 15 {
			t.Errorf("%d deliveries", len(ids))
		}
	})
}

func TestTheLoopDeliversAndEnds(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		ctx, stop := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() { r.box.Run(ctx) })
		r.paid(good)
		for delivered := 0; delivered < 3; {
			r.mu.Lock()
			delivered = len(r.notices)
			r.mu.Unlock()
			if t.Context().Err() != nil {
				t.Fatal("nothing came")
			}
			r.control("webhooks/release", map[string]string{}) // a round trip, in place of a sleep
		}
		stop()
		wait.Wait()
	})
}

func TestHistoryCanBeReplayedFromOutside(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.paid(good)
		r.deliver()
		var past []struct {
			ID, Type, Payload, Signature string
			Deliveries                   []struct {
				State            string
				Attempts, Status int
			}
		}
		if err := json.Unmarshal([]byte(r.control("events", nil).text), &past); err != nil || len(past) != 3 {
			t.Fatal(err, len(past))
		}
		for _, e := range past {
			if err := webhook.ValidatePayloadIgnoringTolerance([]byte(e.Payload), e.Signature, r.box.WebhookSecret()); err != nil {
				t.Error(err)
			}
			if len(e.Deliveries) != 1 || e.Deliveries[0].State != "delivered" || e.Deliveries[0].Status != 200 || e.Deliveries[0].Attempts != 1 {
				t.Errorf("%s: %+v", e.Type, e.Deliveries)
			}
			if !slices.ContainsFunc(r.notices, func(n notice) bool { return n.body == e.Payload }) {
				t.Errorf("%s was not posted with these bytes", e.Type)
			}
		}
	})
}

func TestTheClockGoesForwardForEveryProcess(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, by := range []string{"", "-1h", "0s", "yesterday", "99999999h"} {
			r.want(r.control("clock", map[string]string{"advance": by}), 400)
		}
		r.want(r.control("clock", map[string]string{"advance": "36h"}), 200, "offset", "36h0m0s")
		r.want(r.control("clock", map[string]string{"advance": "30m"}), 200, "offset", "36h30m0s")
		loaded, err := db.Ask(t.Context(), r.d, func(tx *db.Tx) (time.Duration, error) { return sandbox.LoadClock(t.Context(), tx) })
		if want := 36*time.Hour + 30*time.Minute; err != nil || loaded != want || r.moved != want {
			t.Errorf("loaded %s, told %s (%v)", loaded, r.moved, err)
		}
	})
}

func TestControlsAnswerOnLoopbackOrWithTheToken(t *testing.T) {
	r := one(t)
	for _, c := range []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"a program on this machine", nil, 200},
		{"with the token, from anywhere", map[string]string{"X-Forwarded-For": "203.0.113.7", "Authorization": "Bearer let me in"}, 200},
		{"through a proxy on this machine", map[string]string{"X-Forwarded-For": "127.0.0.1"}, 403},
		{"through another proxy", map[string]string{"Forwarded": "for=203.0.113.7"}, 403},
		{"with a wrong token, through a proxy", map[string]string{"X-Forwarded-For": "x", "Authorization": "Bearer let me inn"}, 403},
		{"a name that was pointed at this machine", map[string]string{"Host": "shop.example"}, 403},
		{"a page of another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a page of another site in an old browser", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page of this shop", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": r.base}, 200},
	} {
		a := r.do("POST", "/sandbox/control/webhooks", `{"mode":"normal"}`, c.header)
		if a.status != c.want {
			t.Errorf("%s: %d %s", c.name, a.status, a.text)
		}
	}
	for _, name := range []string{"pay", "duplicate", "dispute", "dispute/close", "webhooks", "webhooks/release", "clock"} {
		r.want(r.do("POST", "/sandbox/control/"+name, "{}", map[string]string{"X-Forwarded-For": "203.0.113.7"}), 403)
		if a := r.do("GET", "/sandbox/control/"+name, "", nil); a.status != 405 {
			t.Errorf("GET %s: %d", name, a.status)
		}
	}
	r.want(r.do("GET", "/sandbox/control/events", "", map[string]string{"X-Forwarded-For": "203.0.113.7"}), 403)
	r.want(r.do("POST", "/sandbox/control/pay", "not json", nil), 400)
	r.want(r.control("pay", map[string]string{"session": "cs_test_nobody", "card": good}), 404)
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	r.want(r.do("POST", "/sandbox/control/webhooks", "mode=hold", form), 200, "mode", "hold")
}

func TestControlsNeedATokenThatIsSet(t *testing.T) {
	r := one(t)
	var err error
	if r.box, err = sandbox.New(t.Context(), r.d, sandbox.Config{URL: r.base}); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"", "Bearer ", "Bearer", "Bearer let me in"} {
		r.want(r.do("GET", "/sandbox/control/events", "", map[string]string{"X-Forwarded-For": "x", "Authorization": token}), 403)
	}
}

func TestAPublicShopsControlsNeedTheTokenHereToo(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		public, err := sandbox.New(t.Context(), r.d, sandbox.Config{URL: "https://shop.example", Token: "let me in"})
		if err != nil {
			t.Fatal(err)
		}
		for token, want := range map[string]int{"": 403, "Bearer guess": 403, "Bearer let me in": 200} {
			q := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sandbox/control/events", nil)
			q.RemoteAddr, q.Host = "127.0.0.1:4711", "127.0.0.1:8080" // as a proxy that says nothing asks
			q.Header.Set("Authorization", token)
			w := httptest.NewRecorder()
			if public.ServeHTTP(w, q); w.Code != want {
				t.Errorf("with %q: %d, not %d", token, w.Code, want)
			}
		}
	})
}
