package sandbox

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/money"
)

//go:embed hosted.html
var hostedText string

//go:embed sandbox.css
var style []byte

var hosted = template.Must(template.New("hosted").Parse(hostedText))

// view is what the hosted page shows.
type view struct {
	p       *i18n.Printer
	Lang    string
	State   string // open, complete, expired or missing
	Amount  string
	Item    string
	Number  string
	Email   string
	Action  string
	Back    string // where the customer came from
	Cards   []viewCard
	Problem string
	Closes  string
}

type viewCard struct{ Number, Grouped, Does string }

// T writes a message in the page's language.
func (v view) T(key string) string { return v.p.T(key) }

func (s *Server) showPage(w http.ResponseWriter, r *http.Request) { s.show(w, r, http.StatusOK, "") }

// payPage pays with the chosen card, or with the typed number if one is.
func (s *Server) payPage(w http.ResponseWriter, r *http.Request) {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		s.show(w, r, http.StatusForbidden, "sandbox.elsewhere")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	number := r.PostFormValue("number")
	if strings.TrimSpace(number) == "" {
		number = r.PostFormValue("card")
	}
	c, ok := findCard(number)
	if !ok {
		s.show(w, r, http.StatusUnprocessableEntity, "sandbox.not_a_card")
		return
	}
	p, err := db.Do(r.Context(), s.d, func(tx *db.Tx) (paid, error) { return s.pay(r.Context(), tx, r.PathValue("session"), c) })
	var closed *apiError
	switch {
	case errors.As(err, &closed):
		s.show(w, r, http.StatusConflict, "")
	case err != nil && !errors.Is(err, fault.NotFound):
		s.config.Log.ErrorContext(r.Context(), "sandbox: pay", "error", err)
		s.show(w, r, http.StatusInternalServerError, "fault.internal")
	case err != nil:
		s.show(w, r, http.StatusNotFound, "")
	case p.Decline != "":
		s.nudge()
		s.show(w, r, http.StatusPaymentRequired, "sandbox.declined."+p.Decline)
	default:
		s.nudge()
		http.Redirect(w, r, p.Session.success(), http.StatusSeeOther)
	}
}

// show writes the page of the session as it now is.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, problem string) {
	ctx := r.Context()
	cs, err := db.Ask(ctx, s.d, func(tx *db.Tx) (session, error) { return load[session](ctx, tx, r.PathValue("session")) })
	if err != nil && !errors.Is(err, fault.NotFound) {
		s.config.Log.ErrorContext(ctx, "sandbox: page", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	v := viewOf(cs, r, s.d.Clock().Now())
	if v.State == "missing" {
		status = http.StatusNotFound
	}
	if problem != "" {
		v.Problem = v.T(problem)
	}
	writeHeaders(w.Header(), cs)
	w.WriteHeader(status)
	if err := hosted.Execute(w, v); err != nil {
		s.config.Log.WarnContext(ctx, "sandbox: page", "error", err) // most likely the reader has gone
	}
}

func viewOf(cs session, r *http.Request, now time.Time) view {
	lang := i18n.Lang(cs.Locale)
	if !i18n.Known(string(lang)) {
		lang = i18n.Match(r.Header.Get("Accept-Language"), i18n.Languages)
	}
	p := i18n.For(lang)
	v := view{p: p, Lang: string(lang), State: cs.Status}
	if cs.ID == "" {
		v.State = "missing"
		return v
	}
	if cs.Status == "open" && now.Unix() >= cs.ExpiresAt {
		v.State = "expired"
	}
	v.Amount = p.Money(money.Of(cs.AmountTotal, money.Currency(strings.ToUpper(cs.Currency))))
	v.Item, v.Number, v.Email = cs.item(), cs.Metadata["number"], string(cs.CustomerEmail)
	v.Action, v.Back = "/sandbox/pay/"+cs.ID, string(cs.CancelURL)
	v.Closes = p.T("sandbox.closes", i18n.Args{"at": p.DateTime(time.Unix(cs.ExpiresAt, 0))})
	if v.State == "complete" {
		v.Back = cs.success()
	}
	for _, c := range cards {
		v.Cards = append(v.Cards, viewCard{c.number, c.grouped(), p.T(c.label)})
	}
	return v
}

// success is where a customer who has paid goes.
func (cs session) success() string {
	return strings.ReplaceAll(cs.SuccessURL, "{CHECKOUT_SESSION_ID}", cs.ID)
}

func (cs session) item() string {
	if cs.LineItems == nil || len(cs.LineItems.Data) == 0 {
		return ""
	}
	first, _ := cs.LineItems.Data[0].(map[string]any)
	name, _ := first["description"].(string)
	return name
}

// writeHeaders allows the page its style and its form, which leads back to the
// shop, and nothing else.
func writeHeaders(h http.Header, cs session) {
	form := "'self'"
	if u, err := url.Parse(cs.SuccessURL); err == nil && u.Host != "" {
		form += " " + u.Scheme + "://" + u.Host
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action "+form+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "no-store")
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(style) // a reader that has gone is its own affair
}
