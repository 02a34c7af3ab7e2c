package account

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

func TestAPersonSignsUpProvesTheAddressAndSignsIn(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.must(h.SignUp(t.Context(), h.form(ana)))
		if _, err := h.enter(ana, good); !errors.Is(err, ErrUnverified) {
			t.Fatalf("an address that is not proven signs in: %v", err)
		}
		token := h.token() // signing in sent it anew
		h.must(h.ask(func(tx *db.Tx) error {
			a, err := CheckLink(t.Context(), tx, token, ToVerify)
			if a.Verified() {
				t.Error("looking at the link proved the address")
			}
			return err
		}))
		a, err := h.verify(token)
		h.must(err)
		if !a.Verified() || len(h.verified()) != 1 || h.verified()[0] != a.ID || len(a.UID) != 8 {
			t.Errorf("after the link: %+v, the shop was told %v", a, h.verified())
		}
		s := h.session("  ANA@EXAMPLE.com ")
		h.must(h.ask(func(tx *db.Tx) error {
			v, err := Authenticate(t.Context(), tx, serve.Credential{Token: s.Token, Via: serve.ByCookie})
			if v.Account.ID != a.ID || v.Account.Email != ana || v.Require(Customer) != nil || !errors.Is(v.Require(Reviewer), ErrNotYours) {
				t.Errorf("the session is of %+v", v)
			}
			return err
		}))
		h.must(h.ask(func(tx *db.Tx) error {
			events, err := Events(t.Context(), tx, a.ID, 10)
			if len(events) != 3 || events[0].What != SignedIn && events[0].Client != here {
				t.Errorf("events: %+v", events)
			}
			return err
		}))
	})
}

func TestALinkIsTooOldAfterItsTime(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.must(h.SignUp(t.Context(), h.form(ana)))
		token := h.token()
		dbtest.Clock(h.db).Advance(24 * time.Hour)
		if _, err := h.verify(token); !errors.Is(err, ErrLink) {
			t.Errorf("a link of a day ago: %v", err)
		}
		h.must(h.do(func(tx *db.Tx) error { return h.Resend(t.Context(), tx, ana, here) }))
		if h.token() == token {
			t.Fatal("the letter was not written again")
		}
		if _, err := h.verify(h.token()); err != nil {
			t.Errorf("the newer link: %v", err)
		}
	})
}

func TestAWaitingSignUpIsReplacedByANewerOne(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		stranger := h.form(ana)
		stranger.Password = another
		h.must(h.SignUp(t.Context(), stranger))
		planted := h.token()
		h.must(h.SignUp(t.Context(), h.form(ana)))
		if _, err := h.verify(planted); !errors.Is(err, ErrLink) {
			t.Errorf("the older link still acts: %v", err)
		}
		_, err := h.verify(h.token())
		h.must(err)
		if _, err := h.enter(ana, another); !errors.Is(err, ErrCredentials) {
			t.Errorf("the older password signs in: %v", err)
		}
		h.session(ana)
	})
}

func TestSignUpSaysAllThatIsWrong(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		err := h.SignUp(t.Context(), SignUp{Email: "nobody", Password: "short", Lang: i18n.Spanish, Client: here})
		wrong := serve.Fields(i18n.For(i18n.Spanish), err)
		for _, field := range []string{"email", "password", ControlAdult, ControlTerms, ControlTransfer} {
			if wrong[field] == "" || strings.HasPrefix(wrong[field], "[") {
				t.Errorf("%s: %q", field, wrong[field])
			}
		}
		if len(wrong) != 5 || fault.Of(err).Kind != fault.Invalid {
			t.Errorf("%v", wrong)
		}
		if h.letterCount() != 0 {
			t.Error("a letter was written")
		}
	})
}

func TestConsentsAreKeptWordForWord(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		for _, control := range []string{ControlAdult, ControlTerms, ControlTransfer} {
			f := h.form(ana)
			delete(f.Ticked, control)
			if err := h.SignUp(t.Context(), f); !errors.Is(err, ErrStatement) {
				t.Errorf("without %s: %v", control, err)
			}
		}
		f := h.form(ana)
		f.Lang = i18n.Russian
		f.Seal = Seal(Statements(i18n.For(i18n.Russian), documents, ""))
		h.transfer = "Данные хранятся в Мексике."
		if err := h.SignUp(t.Context(), f); !errors.Is(err, ErrTextChanged) {
			t.Errorf("a form that showed another text: %v", err)
		}
		f.Seal = Seal(Statements(i18n.For(i18n.Russian), documents, h.transfer))
		h.must(h.SignUp(t.Context(), f))
		a, err := h.verify(h.token())
		h.must(err)
		if a.Newsletter || a.Locale != i18n.Russian {
			t.Errorf("%+v", a)
		}
		h.must(h.ask(func(tx *db.Tx) error {
			got, err := Consents(t.Context(), tx, a.ID)
			if len(got) != 4 {
				t.Fatalf("%d proofs, want 4: %+v", len(got), got)
			}
			texts := map[string]Consent{}
			for _, c := range got {
				texts[c.Control+c.Document.Name] = c
				if c.Client != here || !c.At.Equal(dbtest.Start) || c.Lang != i18n.Russian {
					t.Errorf("%+v", c)
				}
			}
			if texts[ControlTransfer].Text != h.transfer || texts[ControlTerms+"privacy"].Document != documents[1] ||
				texts[ControlAdult].Text != i18n.For(i18n.Russian).T("account.statement_adult") {
				t.Errorf("%+v", texts)
			}
			return err
		}))
	})
}

func TestAPasswordIsResetByALetter(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		a := h.member(ana)
		s := h.session(ana)
		ask := func() error {
			return h.do(func(tx *db.Tx) error { return h.AskReset(t.Context(), tx, "ana@EXAMPLE.com", here) })
		}
		h.must(ask())
		if l := h.last(); l.To != ana || !l.Secret || !strings.HasPrefix(l.URL, "https://photos.example.com/password/reset?token=") {
			t.Errorf("%+v", l)
		}
		token := h.token()
		if _, err := h.ResetPassword(t.Context(), token, "password", here); !errors.Is(err, ErrPasswordWeak) {
			t.Errorf("a weak password: %v", err)
		}
		if _, err := h.ResetPassword(t.Context(), token, another, here); err != nil {
			t.Fatalf("the link after a weak password: %v", err)
		}
		if _, err := h.ResetPassword(t.Context(), token, good, here); !errors.Is(err, ErrLink) {
			t.Errorf("the link a second time: %v", err)
		}
		if known(h, s.Token) {
			t.Error("a session outlived the reset")
		}
		if l := h.last(); !strings.HasPrefix(l.Key, "account.changed:") {
			t.Errorf("the owner is not told: %+v", l)
		}
		for range 4 {
			h.must(ask())
		}
		if err := ask(); !errors.Is(err, fault.RateLimited) {
			t.Errorf("a sixth letter in an hour: %v", err)
		}
		dbtest.Clock(h.db).Advance(time.Hour)
		if _, err := h.ResetPassword(t.Context(), h.token(), good, here); !errors.Is(err, ErrLink) {
			t.Errorf("a link of an hour ago: %v", err)
		}
		h.must(ask())
		if got := len(h.verified()); got != 1 {
			t.Errorf("the shop was told %d times of %s", got, a.ID)
		}
	})
}

func known(h *house, token string) bool {
	h.t.Helper()
	err := h.ask(func(tx *db.Tx) error {
		_, err := Authenticate(h.t.Context(), tx, serve.Credential{Token: token, Via: serve.ByCookie})
		return err
	})
	if err != nil && !errors.Is(err, ErrSignIn) {
		h.t.Fatal(err)
	}
	return err == nil
}

func TestASessionEndsWhenItShould(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ctx, clock := t.Context(), dbtest.Clock(h.db)
		a := h.member(ana)
		visitor := func(s Session) Visitor { return Visitor{Account: a, Via: serve.ByCookie, Session: s.ID} }
		one, two := h.session(ana), h.session(ana)
		h.must(h.do(func(tx *db.Tx) error { return SignOut(ctx, tx, one.Token) }))
		if known(h, one.Token) || !known(h, two.Token) {
			t.Error("signing out ends its own session and no other")
		}

		three := h.session(ana)
		if err := h.ChangePassword(ctx, visitor(two), another, good, here); !errors.Is(err, ErrCurrent) {
			t.Errorf("with a wrong present password: %v", err)
		}
		h.must(h.ChangePassword(ctx, visitor(two), good, another, here))
		if known(h, three.Token) || !known(h, two.Token) {
			t.Error("a new password ends the other sessions and spares its own")
		}
		h.must(h.ChangePassword(ctx, visitor(two), another, good, here))

		bob := h.member("bob@example.com")
		err := h.do(func(tx *db.Tx) error { return EndSession(ctx, tx, bob.ID, two.ID) })
		if !errors.Is(err, fault.NotFound) || !known(h, two.Token) {
			t.Errorf("another person's session: %v", err)
		}

		clock.Advance(SessionIdle)
		if known(h, two.Token) {
			t.Error("an idle session lives on")
		}
		used := h.session(ana)
		for range 9 {
			clock.Advance(SessionIdle - 4*24*time.Hour)
			if clock.Now().Sub(used.CreatedAt) < SessionLife && !known(h, used.Token) {
				t.Fatal("a used session ended early")
			}
			h.must(h.do(func(tx *db.Tx) error { return Seen(ctx, tx, Visitor{Session: used.ID}) }))
		}
		if known(h, used.Token) {
			t.Error("a session lives beyond its limit")
		}

		four := h.session(ana)
		h.must(h.do(func(tx *db.Tx) error { return Suspend(ctx, tx, a.ID, "chargeback") }))
		if _, err := h.enter(ana, good); known(h, four.Token) || !errors.Is(err, ErrSuspended) {
			t.Errorf("a suspended account: %v", err)
		}
		h.must(h.do(func(tx *db.Tx) error { return Reinstate(ctx, tx, a.ID, "") }))
		five := h.session(ana)
		again, err := h.SignIn(ctx, SignIn{Email: ana, Password: good, Client: here, Previous: five.Token})
		h.must(err)
		if known(h, five.Token) || !known(h, again.Token) || five.Token == again.Token {
			t.Error("signing in does not replace the browser's session")
		}
		h.must(h.do(func(tx *db.Tx) error { return Terminate(ctx, tx, a.ID, "fraud") }))
		if err := h.do(func(tx *db.Tx) error { return Reinstate(ctx, tx, a.ID, "") }); !errors.Is(err, ErrState) || known(h, again.Token) {
			t.Errorf("a terminated account: %v", err)
		}
	})
}

func TestATokenIsNotASession(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a := h.member(ana)
		s := h.session(ana)
		v := Visitor{Account: a, Via: serve.ByCookie, Session: s.ID}
		var made Token
		var plain string
		h.must(h.do(func(tx *db.Tx) (err error) {
			made, plain, err = MakeToken(ctx, tx, v, " laptop ")
			return err
		}))
		if !strings.HasPrefix(plain, "slt_") || made.Name != "laptop" || !strings.HasPrefix(plain, made.Prefix) || len(made.Prefix) > 8 {
			t.Errorf("%q %+v", plain, made)
		}
		authenticate := func(c serve.Credential) (v Visitor, err error) {
			return db.Ask(ctx, h.db, func(tx *db.Tx) (Visitor, error) { return Authenticate(ctx, tx, c) })
		}
		byToken, err := authenticate(serve.Credential{Token: plain, Via: serve.ByBearer})
		h.must(err)
		if _, err := authenticate(serve.Credential{Token: plain, Via: serve.ByCookie}); !errors.Is(err, ErrSignIn) {
			t.Errorf("a token as a cookie: %v", err)
		}
		if _, err := authenticate(serve.Credential{Token: s.Token, Via: serve.ByBearer}); !errors.Is(err, ErrToken) {
			t.Errorf("a session as a token: %v", err)
		}
		if err := h.ChangePassword(ctx, byToken, good, another, here); !errors.Is(err, ErrSessionNeeded) {
			t.Errorf("a token changes the password: %v", err)
		}
		err = h.do(func(tx *db.Tx) error {
			_, _, err := MakeToken(ctx, tx, byToken, "more")
			return err
		})
		if !errors.Is(err, ErrSessionNeeded) {
			t.Errorf("a token makes a token: %v", err)
		}
		bob := h.member("bob@example.com")
		if err := h.do(func(tx *db.Tx) error { return RevokeToken(ctx, tx, bob.ID, made.ID) }); !errors.Is(err, fault.NotFound) {
			t.Errorf("another person's token: %v", err)
		}
		h.must(h.do(func(tx *db.Tx) error { return Seen(ctx, tx, byToken) }))
		h.must(h.ask(func(tx *db.Tx) error {
			all, err := Tokens(ctx, tx, a.ID)
			if len(all) != 1 || !all[0].UsedAt.Equal(dbtest.Start) {
				t.Errorf("%+v", all)
			}
			return err
		}))
		h.must(h.do(func(tx *db.Tx) error { return RevokeToken(ctx, tx, a.ID, made.ID) }))
		if _, err := authenticate(serve.Credential{Token: plain, Via: serve.ByBearer}); !errors.Is(err, ErrToken) {
			t.Errorf("a revoked token: %v", err)
		}
		for i := range maxTokens + 1 {
			err := h.do(func(tx *db.Tx) error {
				_, _, err := MakeToken(ctx, tx, v, "one more")
				return err
			})
			if (i < maxTokens) != (err == nil) || err != nil && !errors.Is(err, ErrTokenCount) {
				t.Errorf("token %d: %v", i+1, err)
			}
		}
	})
}

func TestAnOperatorMakesAccounts(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		then := 0
		in := Create{Email: "ops@example.com", Role: Operator, Then: func(context.Context, *db.Tx, Account) error { then++; return nil }}
		a, password, err := h.Create(t.Context(), in)
		h.must(err)
		if s, err := h.enter("ops@example.com", password); err != nil || s.Account.Role != Operator || then != 1 || len(h.verified()) != 0 {
			t.Errorf("%+v %v then=%d verified=%v", a, err, then, h.verified())
		}
		if _, _, err := h.Create(t.Context(), in); !errors.Is(err, ErrExists) {
			t.Errorf("the same address again: %v", err)
		}
		in.Email, in.Role = "x@example.com", "root"
		if _, _, err := h.Create(t.Context(), in); !errors.Is(err, ErrRole) {
			t.Errorf("an unknown role: %v", err)
		}
		in.Role, in.Password = Customer, "1234567"
		if _, _, err := h.Create(t.Context(), in); !errors.Is(err, ErrPasswordShort) {
			t.Errorf("a short password: %v", err)
		}
		in.Password, in.Then = "12345678", func(context.Context, *db.Tx, Account) error { return context.Canceled }
		if _, _, err := h.Create(t.Context(), in); !errors.Is(err, context.Canceled) {
			t.Errorf("what comes then failed: %v", err)
		}
		if _, err := h.enter("x@example.com", "12345678"); !errors.Is(err, ErrCredentials) {
			t.Errorf("an account half made: %v", err)
		}
	})
}

func TestPreferencesAreKept(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		a := h.member(ana)
		h.must(h.do(func(tx *db.Tx) error {
			return errors.Join(SetLocale(t.Context(), tx, a.ID, i18n.Spanish), SetNewsletter(t.Context(), tx, a.ID, true))
		}))
		h.must(h.ask(func(tx *db.Tx) error {
			got, err := FindByEmail(t.Context(), tx, "ana@example.COM")
			if got.Locale != i18n.Spanish || !got.Newsletter {
				t.Errorf("%+v", got)
			}
			_, unknown := FindByEmail(t.Context(), tx, "eve@example.com")
			if !errors.Is(unknown, ErrNotFound) {
				t.Errorf("%v", unknown)
			}
			return err
		}))
		if err := h.do(func(tx *db.Tx) error { return SetLocale(t.Context(), tx, a.ID, "xx") }); err == nil {
			t.Error("an unknown language is taken")
		}
	})
}

func TestWhatHasEndedIsSweptAndNothingElse(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.member(ana)
		h.session(ana)
		h.must(h.SignUp(t.Context(), h.form("bob@example.com")))
		clock := dbtest.Clock(h.db)
		clock.Advance(SessionIdle)
		s := h.session(ana)
		h.must(h.do(func(tx *db.Tx) error {
			n, err := Sweep(t.Context(), tx)
			if n != 3 { // a session and the links of both
				t.Errorf("%d rows were swept, want 3", n)
			}
			return err
		}))
		if !known(h, s.Token) {
			t.Error("a living session was swept")
		}
	})
}
