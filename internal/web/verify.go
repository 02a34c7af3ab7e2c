package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/serve"
)

func (s *Server) verifyRoutes() {
	s.get(account.VerifyPath, s.verifyPage)
	s.post(account.VerifyPath, s.verify)
	s.get(account.ForgotPath, s.forgotPage)
	s.post(account.ForgotPath, s.forgot)
	s.get(account.ResetPath, s.resetPage)
	s.post(account.ResetPath, s.reset)
}

// verifyPage is where the letter's link leads. Opening it changes nothing:
// mail scanners open links too.
func (s *Server) verifyPage(w http.ResponseWriter, r *http.Request) error {
	q, who := r.URL.Query(), s.awaited(r)
	v := VerifyView{Outcome: VerifySent, Email: who.email, Mailbox: s.mailbox()}
	switch token := q.Get("token"); {
	case token != "":
		a, err := s.link(r, token, account.ToVerify)
		if errors.Is(err, account.ErrLink) {
			return s.verifyForm(w, r, VerifyView{Outcome: VerifyStale, Email: who.email}, http.StatusGone)
		}
		if err != nil {
			return err
		}
		v = VerifyView{Outcome: VerifyAsk, Email: a.Email, Token: token}
	case q.Has("done"):
		v = VerifyView{Outcome: VerifyDone, Next: onward(q.Get("next"))}
	}
	return s.verifyForm(w, r, v, http.StatusOK)
}

// link tells whose link it is, without spending it.
func (s *Server) link(r *http.Request, token string, purpose account.Purpose) (account.Account, error) {
	return db.Ask(r.Context(), s.DB, func(tx *db.Tx) (account.Account, error) { return account.CheckLink(r.Context(), tx, token, purpose) })
}

func (s *Server) verifyForm(w http.ResponseWriter, r *http.Request, v VerifyView, status int) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.verify"), "")
	if err != nil {
		return err
	}
	page.Notices = s.said(w, r, p)
	if v.Token == "" {
		page.Path = account.VerifyPath
	}
	v.Page = page
	if v.Ask.Name == "" {
		v.Ask = emailField(p, "", "")
	}
	return s.render(w, r, status, Verify(v))
}

// verify spends the letter's link, or has the letter written again.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	token := f.Get("token")
	if token == "" {
		return s.resend(w, r, f)
	}
	err = s.DB.InTx(r.Context(), func(tx *db.Tx) error {
		_, err := s.People.Verify(r.Context(), tx, token, account.ClientOf(r))
		return err
	})
	who := s.awaited(r)
	if errors.Is(err, account.ErrLink) {
		return s.verifyForm(w, r, VerifyView{Outcome: VerifyStale, Email: who.email}, http.StatusGone)
	}
	if err != nil {
		return err
	}
	done := url.Values{"done": {"yes"}}
	if who.next != "" {
		done.Set("next", who.next)
	}
	return serve.SeeOther(w, r, account.VerifyPath+"?"+done.Encode())
}

func (s *Server) resend(w http.ResponseWriter, r *http.Request, f serve.Form) error {
	email := strings.TrimSpace(f.Get("email"))
	err := s.DB.InTx(r.Context(), func(tx *db.Tx) error { return s.People.Resend(r.Context(), tx, email, account.ClientOf(r)) })
	if err != nil {
		p := serve.Printer(r.Context())
		why, err := refused(w, p, err, "email")
		if err != nil {
			return err
		}
		v := VerifyView{Outcome: VerifySent, Email: email, Problem: why.text, Mailbox: s.mailbox()}
		if wrong := why.fields["email"]; wrong != "" {
			v.Email, v.Ask = "", emailField(p, email, wrong)
		}
		return s.verifyForm(w, r, v, why.status)
	}
	s.await(w, newcomer{email, s.awaited(r).next})
	s.say(w, "web.verify_again_sent")
	return serve.SeeOther(w, r, account.VerifyPath)
}

func (s *Server) forgotPage(w http.ResponseWriter, r *http.Request) error {
	return s.forgotForm(w, r, ForgotView{Sent: r.URL.Query().Has("sent")}, "", asShown)
}

func (s *Server) forgotForm(w http.ResponseWriter, r *http.Request, v ForgotView, email string, why refusal) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.forgot"), "")
	if err != nil {
		return err
	}
	page.Path = account.ForgotPath
	v.Page, v.Problem, v.Mailbox, v.Email = page, why.text, s.mailbox(), emailField(p, email, why.fields["email"])
	return s.render(w, r, why.status, Forgot(v))
}

func (s *Server) forgot(w http.ResponseWriter, r *http.Request) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	email := strings.TrimSpace(f.Get("email"))
	err = s.DB.InTx(r.Context(), func(tx *db.Tx) error { return s.People.AskReset(r.Context(), tx, email, account.ClientOf(r)) })
	if err != nil {
		why, err := refused(w, serve.Printer(r.Context()), err, "email")
		if err != nil {
			return err
		}
		return s.forgotForm(w, r, ForgotView{}, email, why)
	}
	return serve.SeeOther(w, r, account.ForgotPath+"?sent")
}

func (s *Server) resetPage(w http.ResponseWriter, r *http.Request) error {
	return s.resetForm(w, r, r.URL.Query().Get("token"), asShown)
}

func (s *Server) resetForm(w http.ResponseWriter, r *http.Request, token string, why refusal) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.reset"), "")
	if err != nil {
		return err
	}
	v := ResetView{Page: page, Problem: why.text, Token: token,
		Password: newPasswordField(p, "password", p.T("web.password_new"), why.fields["password"])}
	v.Path = account.ResetPath + "?" + url.Values{"token": {token}}.Encode()
	a, err := s.link(r, token, account.ToReset)
	switch {
	case errors.Is(err, account.ErrLink):
		v.Stale, v.Path = true, account.ForgotPath
		why.status = http.StatusGone
	case err != nil:
		return err
	}
	v.Email = a.Email
	return s.render(w, r, why.status, Reset(v))
}

func (s *Server) reset(w http.ResponseWriter, r *http.Request) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := s.People.ResetPassword(r.Context(), f.Get("token"), f.Get("password"), account.ClientOf(r))
	switch {
	case errors.Is(err, account.ErrLink):
		return s.resetForm(w, r, f.Get("token"), asShown)
	case err != nil:
		why, err := refused(w, serve.Printer(r.Context()), err, "password")
		if err != nil {
			return err
		}
		return s.resetForm(w, r, f.Get("token"), why)
	}
	s.await(w, newcomer{email: a.Email})
	s.say(w, "web.password_reset")
	return serve.SeeOther(w, r, account.SignInPath)
}
