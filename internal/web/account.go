package web

import (
	"net/http"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

const accountPath = "/account"

func (s *Server) accountRoutes() {
	s.own(accountPath, func(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
		return s.accountForm(w, r, who, "", asShown)
	})
	s.act("/account/password", s.changePassword)
	s.act("/account/sessions/revoke", s.signOutAll)
	s.act("/account/sessions/{id}/revoke", s.endSession)
	s.act("/account/tokens", s.makeToken)
	s.act("/account/tokens/{id}/revoke", s.revokeToken)
}

// accountForm shows the account; name is what a refused token was to be called.
func (s *Server) accountForm(w http.ResponseWriter, r *http.Request, who account.Visitor, name string, why refusal) error {
	ctx, p := r.Context(), serve.Printer(r.Context())
	page, err := s.page(r, p.T("web.account"), SectionAccount)
	if err != nil {
		return err
	}
	page.Path, page.Notices = accountPath, s.said(w, r, p)
	a := who.Account
	v := AccountView{Page: page, Problem: why.text, Fresh: s.fresh(w, r),
		Facts: []Fact{{Term: p.T("web.email"), Value: a.Email}, {Term: p.T("web.account_uid"), Value: a.UID}, {Term: p.T("web.account_since"), Value: p.Date(a.CreatedAt)}},
		Current: Field{Name: "current", Label: p.T("web.password_current"), Type: "password", Autocomplete: "current-password",
			Wrong: why.fields["current"]},
		New: newPasswordField(p, "new", p.T("web.password_new"), why.fields["password"]),
		Token: Field{Name: "name", Label: p.T("web.token_name"), Hint: p.T("web.token_name_hint"), Autocomplete: "off", Value: name,
			Wrong: why.fields["name"]}}
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		sessions, err := account.Sessions(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		tokens, err := account.Tokens(ctx, tx, a.ID)
		v.Sessions, v.Tokens = sessionLines(p, sessions, who.Session), tokenLines(p, tokens)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(w, r, why.status, Account(v))
}

func sessionLines(p *i18n.Printer, all []account.Session, current string) []SessionLine {
	lines := make([]SessionLine, 0, len(all))
	for _, one := range all {
		lines = append(lines, SessionLine{ID: one.ID, Current: one.ID == current,
			Where: p.T("web.session_where", i18n.Args{"browser": one.Client.Device(p), "address": one.Client.IP}),
			When:  p.T("web.session_seen", args("when", p.DateTime(one.SeenAt)))})
	}
	return lines
}

func tokenLines(p *i18n.Printer, all []account.Token) []TokenLine {
	lines := make([]TokenLine, 0, len(all))
	for _, t := range all {
		when := p.T("web.token_made", args("when", p.Date(t.CreatedAt)))
		if !t.UsedAt.IsZero() {
			when = p.T("web.token_used", i18n.Args{"when": p.Date(t.CreatedAt), "used": p.DateTime(t.UsedAt)})
		}
		lines = append(lines, TokenLine{ID: t.ID, Name: t.Name, When: t.Prefix + "… · " + when})
	}
	return lines
}

// again shows the account with what was wrong about a form of it.
func (s *Server) again(w http.ResponseWriter, r *http.Request, who account.Visitor, name string, err error, fields ...string) error {
	why, err := refused(w, serve.Printer(r.Context()), err, fields...)
	if err != nil {
		return err
	}
	return s.accountForm(w, r, who, name, why)
}

func (s *Server) changePassword(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	if err := s.People.ChangePassword(r.Context(), who, f.Get("current"), f.Get("new"), account.ClientOf(r)); err != nil {
		return s.again(w, r, who, "", err, "current", "password")
	}
	s.say(w, "web.password_changed")
	return serve.SeeOther(w, r, accountPath)
}

func (s *Server) signOutAll(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	if err := s.DB.InTx(r.Context(), func(tx *db.Tx) error { return account.EndSessions(r.Context(), tx, who.Account.ID, "") }); err != nil {
		return err
	}
	s.site.ClearCookie(w, serve.SessionCookie)
	s.say(w, "web.signed_out_all")
	return serve.SeeOther(w, r, account.SignInPath)
}

func (s *Server) endSession(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	err := s.DB.InTx(r.Context(), func(tx *db.Tx) error { return account.EndSession(r.Context(), tx, who.Account.ID, r.PathValue("id")) })
	if err != nil {
		return err
	}
	s.say(w, "web.session_ended")
	return serve.SeeOther(w, r, accountPath+"#sessions")
}

const freshCookie = "fresh"

// makeToken makes a token; its secret travels to the next page in a cookie of
// a minute, so that a page that is loaded again makes no second one.
func (s *Server) makeToken(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	f, err := serve.ReadForm(r)
	if err != nil {
		return err
	}
	name := f.Get("name")
	plain, err := db.Do(r.Context(), s.DB, func(tx *db.Tx) (string, error) {
		_, plain, err := account.MakeToken(r.Context(), tx, who, name)
		return plain, err
	})
	if err != nil {
		return s.again(w, r, who, name, err, "name")
	}
	s.site.SetCookie(w, freshCookie, plain, time.Minute)
	return serve.SeeOther(w, r, accountPath+"#tokens")
}

// fresh takes the secret of a token that was just made.
func (s *Server) fresh(w http.ResponseWriter, r *http.Request) string {
	plain := s.site.Cookie(r, freshCookie)
	if plain != "" {
		s.site.ClearCookie(w, freshCookie)
	}
	return plain
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	err := s.DB.InTx(r.Context(), func(tx *db.Tx) error { return account.RevokeToken(r.Context(), tx, who.Account.ID, r.PathValue("id")) })
	if err != nil {
		return err
	}
	s.say(w, "web.token_ended")
	return serve.SeeOther(w, r, accountPath+"#tokens")
}
