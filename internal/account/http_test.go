package account

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/i18n"
	"safelight/internal/obs"
	"safelight/internal/serve"
)

func TestAHandlerKnowsWhoAsks(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		site, err := serve.New(serve.Config{BaseURL: "https://photos.example.com"}, slog.New(slog.DiscardHandler), obs.NewMetrics(), serve.ProblemJSON)
		h.must(err)
		mux := http.NewServeMux()
		mux.Handle("GET /me", site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if err := Who(r.Context()).Require(Customer); err != nil {
				return err
			}
			c := ClientOf(r)
			_, err := fmt.Fprint(w, Who(r.Context()).Account.UID, " ", serve.Lang(r.Context()), " ", c.IP, " ", c.Device(i18n.For(i18n.English)))
			return err
		}))
		mux.Handle("POST /sign-out", site.Handle(func(w http.ResponseWriter, r *http.Request) error { return h.Leave(site, w, r) }))
		handler := site.Wrap(h.Identify(site)(mux))
		send := func(method, path, name, value string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
			r.RemoteAddr = "203.0.113.7:4711"
			r.Header.Set("User-Agent", here.UserAgent)
			r.Header.Set(name, value)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w
		}
		a := h.member(ana)
		h.must(h.do(func(tx *db.Tx) error { return SetLocale(t.Context(), tx, a.ID, i18n.Russian) }))
		s := h.session(ana)
		w := httptest.NewRecorder()
		Enter(site, w, s)
		cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
		want := a.UID + " ru 203.0.113.7 Firefox on Linux"
		dbtest.Clock(h.db).Advance(time.Hour)
		if w := send("GET", "/me", "Cookie", cookie); w.Body.String() != want {
			t.Errorf("by cookie: %d %s", w.Code, w.Body)
		}
		h.must(h.ask(func(tx *db.Tx) error {
			all, err := Sessions(t.Context(), tx, a.ID)
			if len(all) != 1 || !all[0].SeenAt.Equal(dbtest.Start.Add(time.Hour)) {
				t.Errorf("the use is not noted: %+v", all)
			}
			return err
		}))
		var plain string
		h.must(h.do(func(tx *db.Tx) (err error) { _, plain, err = IssueToken(t.Context(), tx, a.ID, "laptop"); return err }))
		if w := send("GET", "/me", "Authorization", "Bearer "+plain); w.Body.String() != want {
			t.Errorf("by token: %d %s", w.Code, w.Body)
		}
		for name, value := range map[string]string{"Cookie": "__Host-session=guess", "Authorization": "Bearer slt_guess", "X": ""} {
			if w := send("GET", "/me", name, value); w.Code != 401 {
				t.Errorf("%s %s: %d", name, value, w.Code)
			}
		}
		w = send("POST", "/sign-out", "Cookie", cookie)
		if w.Code != 200 || !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") || known(h, s.Token) {
			t.Errorf("signed out: %d %v", w.Code, w.Header())
		}
		h.must(h.do(func(tx *db.Tx) error { return Suspend(t.Context(), tx, a.ID, "") }))
		if w := send("GET", "/me", "Authorization", "Bearer "+plain); w.Code != 401 {
			t.Errorf("a suspended account by token: %d", w.Code)
		}
	})
}
