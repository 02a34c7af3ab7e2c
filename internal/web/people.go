package web

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"safelight/internal/account"
	"safelight/internal/serve"
	"safelight/internal/shop"
)

func (s *Server) peopleRoutes() {
	s.get("/sign-up", s.signUpPage)
	s.post("/sign-up", s.signUp)
	s.get("/sign-in", s.signInPage)
	s.post("/sign-in", s.signIn)
	s.post("/sign-out", s.signOut)
	s.verifyRoutes()
	s.accountRoutes()
}

const startPath = "/lab" // where people who have signed in begin

// onward is where a form leads afterwards: a place of ours, or nothing.
func onward(next string) string { return serve.LocalPath(next, "") }

// mailbox is where the letters of a shop on the sandbox are read.
func (s *Server) mailbox() string {
	if s.Shop.Mode == shop.Sandbox {
		return mailboxPath
	}
	return ""
}

func (s *Server) signUpPage(w http.ResponseWriter, r *http.Request) error {
	next := onward(r.URL.Query().Get("next"))
	if account.Who(r.Context()).SignedIn() {
		return serve.SeeOther(w, r, or(next, startPath))
	}
	return s.signUpForm(w, r, serve.Form{}, next, asShown)
}

// controls are the boxes of the sign-up form.
var controls = []string{account.ControlAdult, account.ControlTerms, account.ControlTransfer, account.ControlNewsletter}

func (s *Server) signUpForm(w http.ResponseWriter, r *http.Request, f serve.Form, next string, why refusal) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.sign_up"), "")
	if err != nil {
		return err
	}
	page.Path = withNext("/sign-up", next)
	all, err := s.People.Statements(r.Context(), p.Lang)
	if err != nil {
		return err
	}
	v := SignUpView{Page: page, Problem: why.text, Next: next, Email: emailField(p, f.Get("email"), why.fields["email"]),
		Password: newPasswordField(p, "password", p.T("web.password"), why.fields["password"])}
	agreements(&v, all, ticked(f), why.fields)
	return s.render(w, r, why.status, SignUp(v))
}

func ticked(f serve.Form) map[string]bool {
	boxes := map[string]bool{}
	for _, name := range controls {
		boxes[name] = f.Ticked(name)
	}
	return boxes
}

func (s *Server) signUp(w http.ResponseWriter, r *http.Request) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	next := onward(f.Get("next"))
	err = s.People.SignUp(r.Context(), account.SignUp{Email: f.Get("email"), Password: f.Get("password"), Lang: serve.Lang(r.Context()),
		Ticked: ticked(f), Seal: f.Get("seal"), Client: account.ClientOf(r)})
	if err != nil {
		why, err := refused(w, serve.Printer(r.Context()), err, append([]string{"email", "password"}, controls...)...)
		if err != nil {
			return err
		}
		return s.signUpForm(w, r, f, next, why)
	}
	s.await(w, newcomer{strings.TrimSpace(f.Get("email")), next})
	return serve.SeeOther(w, r, account.VerifyPath)
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := onward(r.URL.Query().Get("next"))
	if account.Who(r.Context()).SignedIn() {
		return serve.SeeOther(w, r, or(next, startPath))
	}
	return s.signInForm(w, r, s.awaited(r).email, next, asShown)
}

func (s *Server) signInForm(w http.ResponseWriter, r *http.Request, email, next string, why refusal) error {
	p := serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.sign_in"), "")
	if err != nil {
		return err
	}
	page.Path = withNext("/sign-in", next)
	page.Notices = s.said(w, r, p)
	v := SignInView{Page: page, Problem: why.text, Next: next, Email: emailField(p, email, ""), Password: passwordField(p, "")}
	return s.render(w, r, why.status, SignIn(v))
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	next := onward(f.Get("next"))
	session, err := s.People.SignIn(r.Context(), account.SignIn{Email: f.Get("email"), Password: f.Get("password"),
		Client: account.ClientOf(r), Previous: s.site.Cookie(r, serve.SessionCookie)})
	switch {
	case errors.Is(err, account.ErrUnverified): // who knows the password may know that the link is under way
		s.await(w, newcomer{strings.TrimSpace(f.Get("email")), next})
		return serve.SeeOther(w, r, account.VerifyPath)
	case err != nil:
		why, err := refused(w, serve.Printer(r.Context()), err)
		if err != nil {
			return err
		}
		return s.signInForm(w, r, f.Get("email"), next, why)
	}
	account.Enter(s.site, w, session)
	s.site.ClearCookie(w, waitingCookie)
	return serve.SeeOther(w, r, or(next, startPath))
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.People.Leave(s.site, w, r); err != nil {
		return err
	}
	return serve.SeeOther(w, r, "/")
}

const waitingCookie = "waiting"

// A newcomer is a person whose letter is on its way: for which address, and
// where they were going. It proves nothing.
type newcomer struct{ email, next string }

func (s *Server) await(w http.ResponseWriter, who newcomer) {
	text := base64.RawURLEncoding.EncodeToString([]byte(who.email + "\n" + who.next))
	s.site.SetCookie(w, waitingCookie, text, 24*time.Hour)
}

// awaited is the person that this browser waits for; what is no address, or
// leads elsewhere, is left out.
func (s *Server) awaited(r *http.Request) newcomer {
	text, err := base64.RawURLEncoding.DecodeString(s.site.Cookie(r, waitingCookie))
	if err != nil {
		return newcomer{}
	}
	email, next, _ := strings.Cut(string(text), "\n")
	if _, err := account.ParseAddress(email); err != nil {
		return newcomer{}
	}
	return newcomer{email, onward(next)}
}
