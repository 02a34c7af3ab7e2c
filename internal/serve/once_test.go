package serve

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
)

func key(k string) mutate { return header("Idempotency-Key", k) }

func owner(name string) mutate { return header("X-Test-Owner", name) }

// verb answers by what the body asks for and counts how often it did.
type verb struct {
	calls atomic.Int64
	keys  sync.Map
}

func (v *verb) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := v.calls.Add(1)
	v.keys.Store(OnceKey(r.Context()), true)
	data, _ := io.ReadAll(r.Body)
	status := 201
	if _, err := fmt.Sscanf(string(data), "status %d", &status); err != nil {
		status = 201
	}
	if string(data) == "panic" {
		panic("verb")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/jobs/7")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"call":%d,"bytes":"\u0000%s"}`, n, "\xff")
}

func onceSite(t *testing.T, d *db.DB) (http.Handler, *verb) {
	s, _ := site(t, nil)
	v := &verb{}
	return s.Wrap(s.Once(d, func(r *http.Request) string { return r.Header.Get("X-Test-Owner") })(v)), v
}

func TestARepetitionGetsTheFirstOutcome(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, v := onceSite(t, d)
		post := func(path, body, k, who string) *httptest.ResponseRecorder {
			return send(t, h, "POST", path, body, key(k), owner(who))
		}
		for _, status := range []int{201, 202, 303, 403, 404, 500} {
			k := fmt.Sprint("key-", status)
			body := fmt.Sprint("status ", status)
			first := post("/jobs", body, k, "ana")
			again := post("/jobs", body, k, "ana")
			if first.Code != status || again.Code != status || first.Body.String() != again.Body.String() ||
				again.Header().Get("Location") != "/jobs/7" || again.Header().Get("Content-Type") != "application/json" ||
				first.Header().Get("Idempotency-Replayed") != "" || again.Header().Get("Idempotency-Replayed") != "true" {
				t.Errorf("%d: %d %v then %d %v", status, first.Code, first.Header(), again.Code, again.Header())
			}
		}
		if v.calls.Load() != 6 {
			t.Errorf("%d calls", v.calls.Load())
		}
		for _, status := range []int{400, 401, 402, 409, 413, 415, 422, 429, 503} {
			k, before := fmt.Sprint("key-", status), v.calls.Load()
			post("/jobs", fmt.Sprint("status ", status), k, "ana")
			if w := post("/jobs", "ok", k, "ana"); w.Code != 201 || v.calls.Load() != before+2 {
				t.Errorf("after %d, corrected: %d", status, w.Code)
			}
		}
		if w := post("/jobs", "another body", "key-201", "ana"); w.Code != 422 || !strings.Contains(w.Body.String(), "key_reused") {
			t.Errorf("another body: %d", w.Code)
		}
		before := v.calls.Load()
		for _, w := range []*httptest.ResponseRecorder{post("/jobs", "status 201", "key-201", "bob"), post("/checkout", "status 201", "key-201", "ana")} {
			if w.Header().Get("Idempotency-Replayed") != "" {
				t.Error("another person's or another route's outcome was given")
			}
		}
		if v.calls.Load() != before+2 {
			t.Error("a key of another scope was taken for the same")
		}
		for _, bad := range []string{"", "a b", "ключ", strings.Repeat("k", 256)} {
			if w := post("/jobs", "x", bad, "ana"); w.Code != 400 {
				t.Errorf("the key %q: %d", bad, w.Code)
			}
		}
		if w := send(t, h, "POST", "/jobs", "x", owner("ana")); w.Code != 201 {
			t.Errorf("without a key: %d", w.Code)
		}
	})
}

func TestOneOfManyWithTheSameKeyIsCarriedOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, v := onceSite(t, d)
		var wg sync.WaitGroup
		var done, clash atomic.Int64
		for range 50 {
			wg.Go(func() {
				switch w := send(t, h, "POST", "/jobs", "x", key("k"), owner("ana")); w.Code {
				case 201:
					done.Add(1)
				case 409:
					clash.Add(1)
				default:
					t.Errorf("%d %s", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		if v.calls.Load() != 1 || done.Load() < 1 || done.Load()+clash.Load() != 50 {
			t.Errorf("%d calls, %d answers, %d clashes", v.calls.Load(), done.Load(), clash.Load())
		}
	})
}

func TestARequestOfADeadProcessIsTakenOver(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, v := onceSite(t, d)
		c := dbtest.Clock(d)
		dead := onceRow{scope: "ana POST /jobs", key: "k", request: digest("\nx"), owner: "dead"}
		if err := d.InTx(t.Context(), func(tx *db.Tx) error { _, err := claimOnce(t.Context(), tx, dead); return err }); err != nil {
			t.Fatal(err)
		}
		if w := send(t, h, "POST", "/jobs", "x", key("k"), owner("ana")); w.Code != 409 || !strings.Contains(w.Body.String(), "key_in_flight") {
			t.Errorf("while it may live: %d", w.Code)
		}
		c.Advance(onceLease)
		if w := send(t, h, "POST", "/jobs", "y", key("k"), owner("ana")); w.Code != 422 {
			t.Errorf("another body takes it over: %d", w.Code)
		}
		if w := send(t, h, "POST", "/jobs", "x", key("k"), owner("ana")); w.Code != 201 {
			t.Errorf("after its lease: %d", w.Code)
		}
		late := &recorder{header: http.Header{}, code: 500}
		err := d.InTx(t.Context(), func(tx *db.Tx) error { return finishOnce(t.Context(), tx, dead, late) })
		if !errors.Is(err, db.ErrNoRows) {
			t.Errorf("the dead one, back, wrote its outcome: %v", err)
		}
		c.Advance(onceKept - time.Second)
		if w := send(t, h, "POST", "/jobs", "x", key("k"), owner("ana")); w.Header().Get("Idempotency-Replayed") != "true" {
			t.Error("an outcome was lost within 48 hours")
		}
		c.Advance(time.Minute)
		if w := send(t, h, "POST", "/jobs", "z", key("k"), owner("ana")); w.Code != 201 || v.calls.Load() != 2 {
			t.Errorf("after 48 hours: %d, %d calls", w.Code, v.calls.Load())
		}
		c.Advance(onceKept)
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			n, err := Sweep(t.Context(), tx)
			if n != 1 {
				t.Errorf("%d rows swept", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestAPanicFreesTheKey(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, _ := onceSite(t, d)
		if w := send(t, h, "POST", "/jobs", "panic", key("k"), owner("ana")); w.Code != 500 {
			t.Errorf("%d", w.Code)
		}
		if w := send(t, h, "POST", "/jobs", "x", key("k"), owner("ana")); w.Code != 201 {
			t.Errorf("then: %d", w.Code)
		}
	})
}

func TestTheVerbKnowsItsKey(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, v := onceSite(t, d)
		for range 2 {
			send(t, h, "POST", "/jobs", "status 503", key("k"), owner("ana"))
		}
		send(t, h, "POST", "/jobs", "status 503", key("k"), owner("bob"))
		n := 0
		v.keys.Range(func(k, _ any) bool {
			n++
			if len(k.(string)) != 64 {
				t.Errorf("%q", k)
			}
			return true
		})
		if n != 2 {
			t.Errorf("%d keys for two people's requests", n)
		}
	})
}

var guesses = Window{Name: "test.guesses", Max: 5, Per: time.Hour}

func count(t *testing.T, d *db.DB, subject string) error {
	return d.InTx(t.Context(), func(tx *db.Tx) error { return guesses.Count(t.Context(), tx, subject) })
}

func TestAWindowIsSharedByProcesses(t *testing.T) {
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			url, c := dbtest.URL(t, kind), clock.NewManual(dbtest.Start)
			one, two := dbtest.Reopen(t, url, c), dbtest.Reopen(t, url, c)
			if err := one.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			var passed atomic.Int64
			for i := range 40 {
				wg.Go(func() {
					err := count(t, []*db.DB{one, two}[i%2], "ana")
					if err == nil {
						passed.Add(1)
					} else if !errors.Is(err, ErrTooMany) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if passed.Load() != 5 {
				t.Errorf("%d passed, want 5", passed.Load())
			}
			if err := count(t, two, "bob"); err != nil {
				t.Errorf("another subject: %v", err)
			}
			if err := one.InTx(t.Context(), func(tx *db.Tx) error { return guesses.Forget(t.Context(), tx, "ana") }); err != nil {
				t.Fatal(err)
			}
			if err := count(t, two, "ana"); err != nil {
				t.Errorf("forgotten: %v", err)
			}
		})
	}
}

// TestAWindowNeverLetsMoreThrough compares with the definition: over any
// history, no period holds more than Max acts, and none is refused needlessly.
func TestAWindowNeverLetsMoreThrough(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := dbtest.Clock(d)
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			subject := fmt.Sprint("subject-", round)
			passed := []time.Time{}
			for range rapid.IntRange(1, 12).Draw(rt, "acts") {
				c.Advance(time.Duration(rapid.IntRange(0, 30).Draw(rt, "minutes")) * time.Minute)
				within := 0
				for _, p := range passed {
					if p.After(c.Now().Add(-guesses.Per)) {
						within++
					}
				}
				err := count(t, d, subject)
				if (err == nil) != (within < guesses.Max) {
					rt.Fatalf("with %d acts in the period: %v", within, err)
				}
				if err == nil {
					passed = append(passed, c.Now())
				}
			}
		})
	})
}
