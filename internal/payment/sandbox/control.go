package sandbox

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
)

// order is what a control is told.
type order struct {
	Session string `json:"session"`
	Card    string `json:"card"`
	Reason  string `json:"reason"`
	Dispute string `json:"dispute"`
	Status  string `json:"status"`
	Mode    string `json:"mode"`
	Advance string `json:"advance"`
}

type control func(ctx context.Context, o order) (any, error)

func (s *Server) controls() map[string]control {
	return map[string]control{
		"POST /sandbox/control/pay":              s.controlPay,
		"POST /sandbox/control/duplicate":        s.controlDuplicate,
		"POST /sandbox/control/dispute":          s.controlDispute,
		"POST /sandbox/control/dispute/close":    s.controlCloseDispute,
		"POST /sandbox/control/webhooks":         s.controlWebhooks,
		"POST /sandbox/control/webhooks/release": s.controlRelease,
		"GET /sandbox/control/events":            s.controlEvents,
		"POST /sandbox/control/clock":            s.controlClock,
	}
}

// guarded serves a control to whoever may use it.
func (s *Server) guarded(f control) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		answer, err := s.obey(w, r, f)
		status := http.StatusOK
		if err != nil {
			status, answer = s.refusal(r, err)
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // a client that has gone is its own affair
	})
}

func (s *Server) obey(w http.ResponseWriter, r *http.Request, f control) (any, error) {
	if !s.mayControl(r) {
		return nil, &apiError{http.StatusForbidden, "forbidden", "", "",
			"The sandbox's controls answer on the same machine alone; elsewhere they need Authorization: Bearer SAFELIGHT_SANDBOX_TOKEN."}
	}
	o, err := readOrder(w, r)
	if err != nil {
		return nil, err
	}
	answer, err := f(r.Context(), o)
	if err == nil {
		s.nudge()
	}
	return answer, err
}

func (s *Server) refusal(r *http.Request, err error) (int, any) {
	var e *apiError
	if errors.Is(err, fault.NotFound) {
		err = &apiError{http.StatusNotFound, "invalid_request_error", "resource_missing", "", "The sandbox does not know this id."}
	}
	if !errors.As(err, &e) {
		s.config.Log.ErrorContext(r.Context(), "sandbox: control", "path", r.URL.Path, "error", err)
		e = &apiError{http.StatusInternalServerError, "api_error", "", "", "Something went wrong in the sandbox."}
	}
	return e.status, map[string]any{"error": e}
}

// mayControl lets in whoever holds the token, and programs on this machine. A
// browser's page of another site is on this machine too: it is refused by its
// origin, and by the name that it asked for.
func (s *Server) mayControl(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if ok && s.config.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.config.Token)) == 1 {
		return true
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" { // a proxy on this machine speaks for others
			return false
		}
	}
	if u, err := url.Parse(s.base); err != nil || !local(u.Host) { // the shop is public: whoever asks from here may be its proxy
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return local(r.RemoteAddr) && local(r.Host) && (site == "" || site == "same-origin" || site == "none") &&
		http.NewCrossOriginProtection().Check(r) == nil
}

// local reports whether an address or a host's name is of this machine.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// readOrder reads JSON or a form.
func readOrder(w http.ResponseWriter, r *http.Request) (o order, err error) {
	if r.Method == http.MethodGet {
		return o, nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		f := r.PostFormValue
		o = order{f("session"), f("card"), f("reason"), f("dispute"), f("status"), f("mode"), f("advance")}
		return o, nil
	}
	if r.ContentLength == 0 {
		return o, nil
	}
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		return o, invalid("", "", "The body is not JSON.")
	}
	return o, nil
}

func (s *Server) controlPay(ctx context.Context, o order) (any, error) {
	c, ok := findCard(o.Card)
	if !ok {
		return nil, invalid("card", "not_a_test_card", "This is not a test card.")
	}
	p, err := db.Do(ctx, s.d, func(tx *db.Tx) (paid, error) { return s.pay(ctx, tx, o.Session, c) })
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"session": p.Session.ID, "status": p.Session.Status, "payment_status": p.Session.PaymentStatus,
		"payment_intent": p.Session.PaymentIntent}
	if p.Decline != "" {
		answer["decline_code"] = p.Decline
	}
	return answer, nil
}

func (s *Server) controlDuplicate(ctx context.Context, o order) (any, error) {
	ch, err := db.Do(ctx, s.d, func(tx *db.Tx) (charge, error) { return duplicate(ctx, tx, o.Session) })
	if err != nil {
		return nil, err
	}
	return map[string]any{"charge": ch.ID, "payment_intent": ch.PaymentIntent}, nil
}

func (s *Server) controlDispute(ctx context.Context, o order) (any, error) {
	if o.Reason == "" {
		o.Reason = "fraudulent"
	}
	dp, err := db.Do(ctx, s.d, func(tx *db.Tx) (dispute, error) {
		cs, err := load[session](ctx, tx, o.Session)
		if err != nil {
			return dispute{}, err
		}
		if cs.PaymentStatus != "paid" {
			return dispute{}, invalid("session", "", "Only a paid Checkout Session can be disputed.")
		}
		pi, err := load[intent](ctx, tx, string(cs.PaymentIntent))
		if err != nil {
			return dispute{}, err
		}
		ch, err := lock[charge](ctx, tx, string(pi.LatestCharge))
		if err != nil {
			return dispute{}, err
		}
		return open(ctx, tx, ch, o.Reason)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"dispute": dp.ID, "status": dp.Status, "charge": dp.Charge}, nil
}

func (s *Server) controlCloseDispute(ctx context.Context, o order) (any, error) {
	dp, err := db.Do(ctx, s.d, func(tx *db.Tx) (dispute, error) { return closeDispute(ctx, tx, o.Dispute, o.Status) })
	if err != nil {
		return nil, err
	}
	return map[string]any{"dispute": dp.ID, "status": dp.Status}, nil
}

func (s *Server) controlWebhooks(ctx context.Context, o order) (any, error) {
	switch o.Mode {
	case modeNormal, modeDrop, modeHold, modeDuplicate, modeShuffle:
	default:
		return nil, invalid("mode", "", "The mode must be normal, drop, hold, duplicate or shuffle.")
	}
	err := s.d.InTx(ctx, func(tx *db.Tx) error { return setSetting(ctx, tx, settingMode, o.Mode) })
	return map[string]any{"mode": o.Mode}, err
}

func (s *Server) controlRelease(ctx context.Context, _ order) (any, error) {
	n, err := db.Do(ctx, s.d, func(tx *db.Tx) (int64, error) { return releaseDeliveries(ctx, tx) })
	return map[string]any{"released": n}, err
}

// maxAdvance keeps a slip of the hand from ending the calendar.
const maxAdvance = 3660 * 24 * time.Hour

func (s *Server) controlClock(ctx context.Context, o order) (any, error) {
	by, err := time.ParseDuration(o.Advance)
	if err != nil || by <= 0 || by > maxAdvance {
		return nil, invalid("advance", "", "Advance must be a time forward, like 36h.")
	}
	shift, err := db.Do(ctx, s.d, func(tx *db.Tx) (time.Duration, error) { return moveClock(ctx, tx, by) })
	if err != nil {
		return nil, err
	}
	if s.config.Moved != nil {
		s.config.Moved(shift)
	}
	return map[string]any{"offset": shift.String(), "now": s.d.Clock().Now().Format(time.RFC3339)}, nil
}
