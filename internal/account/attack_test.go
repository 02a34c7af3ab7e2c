package account

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

func TestStrangersCannotTellWhoHasAnAccount(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.member(ana)
		work := func(fn func() error) (string, int64) {
			before := h.hash.done.Load()
			err := fn()
			return fmt.Sprint(err), h.hash.done.Load() - before
		}
		for name, ask := range map[string]func(email string) error{
			"sign up": func(email string) error { return h.SignUp(ctx, h.form(email)) },
			"sign in": func(email string) error { _, err := h.enter(email, another); return err },
			"reset": func(email string) error {
				return h.do(func(tx *db.Tx) error { return h.AskReset(ctx, tx, email, here) })
			},
			"resend": func(email string) error {
				return h.do(func(tx *db.Tx) error { return h.Resend(ctx, tx, email, here) })
			},
		} {
			known, knownWork := work(func() error { return ask(ana) })
			unknown, unknownWork := work(func() error { return ask("eve." + strings.ReplaceAll(name, " ", "") + "@example.com") })
			if known != unknown || knownWork != unknownWork {
				t.Errorf("%s: a known address gives %q after %d hashes, an unknown one %q after %d", name, known, knownWork, unknown, unknownWork)
			}
			if strings.HasPrefix(name, "sign") && knownWork != 1 {
				t.Errorf("%s: %d hashes", name, knownWork)
			}
		}
		told := false
		for _, l := range h.letters {
			told = told || strings.HasPrefix(l.Key, "account.known:") && l.To == ana && !l.Secret
		}
		if !told {
			t.Error("the owner is not told of the second sign-up")
		}
		h.session(ana) // nothing has changed
	})
}

func TestAHundredGuessesAreStopped(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.member(ana)
		before, answers := h.hash.done.Load(), map[fault.Kind]int{}
		for i := range 100 {
			_, err := h.enter(ana, fmt.Sprintf("guess number %d", i))
			answers[fault.Of(err).Kind]++
		}
		if answers[fault.Unauthenticated] != 10 || answers[fault.RateLimited] != 90 || h.hash.done.Load()-before != 10 {
			t.Errorf("answers %v after %d hashes", answers, h.hash.done.Load()-before)
		}
		if _, err := h.enter(ana, good); !errors.Is(err, fault.RateLimited) {
			t.Errorf("the right guess passes: %v", err)
		}
		elsewhere := Client{IP: "198.51.100.9"}
		if _, err := h.SignIn(t.Context(), SignIn{Email: ana, Password: good, Client: elsewhere}); err != nil {
			t.Errorf("the owner elsewhere is locked out: %v", err)
		}
		for i := range 60 {
			_, err := h.enter(fmt.Sprintf("p%d@example.com", i), good)
			if i >= 50 && !errors.Is(err, fault.RateLimited) {
				t.Errorf("a network may spray %d addresses: %v", i, err)
			}
		}
		dbtest.Clock(h.db).Advance(15 * time.Minute)
		h.session(ana)
	})
}

func TestALinkActsOnce(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.must(h.SignUp(t.Context(), h.form(ana)))
		token := h.token()
		once(t, 50, ErrLink, func() error { _, err := h.verify(token); return err })
		if len(h.verified()) != 1 {
			t.Errorf("the shop was told %d times", len(h.verified()))
		}
		h.must(h.do(func(tx *db.Tx) error { return h.AskReset(t.Context(), tx, ana, here) }))
		token = h.token()
		once(t, 50, ErrLink, func() error { _, err := h.ResetPassword(t.Context(), token, another, here); return err })
	})
}

// once has n do the same at once: one succeeds and the others get want.
func once(t *testing.T, n int, want error, do func() error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for range n {
		wg.Go(func() { errs <- do() })
	}
	wg.Wait()
	close(errs)
	done := 0
	for err := range errs {
		if err == nil {
			done++
		} else if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if done != 1 {
		t.Errorf("%d of %d succeeded", done, n)
	}
}

func TestNoSessionSlipsThroughAPasswordReset(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		a := h.member(ana)
		h.must(h.do(func(tx *db.Tx) error { return h.AskReset(t.Context(), tx, ana, here) }))
		token := h.token()
		var wg sync.WaitGroup
		for i := range 9 {
			wg.Go(func() {
				client := Client{IP: fmt.Sprintf("198.51.100.%d", i)}
				_, err := h.SignIn(t.Context(), SignIn{Email: ana, Password: good, Client: client})
				if err != nil && !errors.Is(err, ErrCredentials) {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if _, err := h.ResetPassword(t.Context(), token, another, here); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		h.must(h.ask(func(tx *db.Tx) error {
			all, err := Sessions(t.Context(), tx, a.ID)
			if len(all) != 0 {
				t.Errorf("%d sessions of the old password live on", len(all))
			}
			return err
		}))
	})
}

func TestAnAddressHasOneAccountHoweverItIsSpelt(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.member("Ana@münchen.example")
		for _, same := range []string{"ana@MÜNCHEN.example", "ANA@xn--mnchen-3ya.example", " ana@münchen.example\r\n", "ana@ｍünchen.example"} {
			h.must(h.SignUp(t.Context(), h.form(same)))
			if l := h.last(); !strings.HasPrefix(l.Key, "account.known:") || l.To != "Ana@xn--mnchen-3ya.example" {
				t.Errorf("%q made another account, or wrote elsewhere: %+v", same, l)
			}
			dbtest.Clock(h.db).Advance(time.Hour)
		}
	})
}

func TestHostileAddressesAreRefused(t *testing.T) {
	for _, s := range []string{
		"", "@", "a@", "@b.c", "ana", "ana@localhost", "ana@127.0.0.1", "ana@[127.0.0.1]", "ana@example.com\r\nBcc: eve@example.com",
		"ana\n@example.com", "ana@exam\nple.com", "ana@example.com,eve@example.com", "ana@example.com eve@example.com",
		`["ana@example.com","eve@example.com"]`, "Ana <ana@example.com>", `"ana"@example.com`, "ana(x)@example.com", "а\u200bna@example.com",
		"аna@example.com" /* Cyrillic a */, "ana@example..com", ".ana@example.com", "ana.@example.com", "a..na@example.com",
		"ana@-example.com", "ana@example.com.", "ana@exa mple.com", "ana@example.com\x00", "ana\u202e@example.com", "ana@eve.com@example.com",
		strings.Repeat("a", 65) + "@example.com", "ana@" + strings.Repeat("a", 250) + ".com", "ana@" + strings.Repeat("a", 64) + ".com",
		"ana@example.com%0aBcc:eve@example.com", "ana@exam_ple\u2024com",
	} {
		if a, err := ParseAddress(s); !errors.Is(err, ErrEmail) {
			t.Errorf("%q passes as %+v", s, a)
		}
	}
	for s, key := range map[string]string{
		"Ana.Maria+photos@Example.COM": "ana.maria+photos@example.com", "o'neil@example.co.uk": "o'neil@example.co.uk",
		"a@пример.рф": "a@xn--e1afmkfd.xn--p1ai",
	} {
		if a, err := ParseAddress(s); err != nil || a.Key != key {
			t.Errorf("%q gives %+v, %v", s, a, err)
		}
	}
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	for password, want := range map[string]error{
		"short": ErrPasswordShort, "": ErrPasswordShort, "password": ErrPasswordWeak, "password123": ErrPasswordWeak, "iloveyou": ErrPasswordWeak,
		"qwertyuiop": ErrPasswordWeak, "aaaaaaaaaaaa": ErrPasswordWeak, "12345678901": ErrPasswordWeak, "opendream1": ErrPasswordWeak,
		"ana.lopez@example.com": ErrPasswordEmail, "ana.lopez1": ErrPasswordEmail, "Example.com": ErrPasswordEmail,
		strings.Repeat("ab c", 33): ErrPasswordLong, "тише воды, ниже травы": nil, "正しい馬の電池の留め金": nil, good: nil,
		"Tr0ub4dour&3x": nil, "\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc": ErrPasswordWeak, strings.Repeat("kite ", 25): nil,
	} {
		got := CheckPassword(password, "Ana.Lopez@example.com", "Opendream")
		if want == nil && got != nil && !errors.Is(got, ErrPasswordWeak) || want != nil && !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", password, got, want)
		}
		if want == nil && got != nil && password == good {
			t.Errorf("%q is refused: %v", password, got)
		}
	}
}

func TestHashingIsBounded(t *testing.T) {
	h, err := newHasher(Cost{Memory: 64, Passes: 1, Lanes: 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	h.slots <- struct{}{}
	h.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[error]int{}
	for range maxWaiting + 10 {
		wg.Go(func() {
			_, err := h.hash(ctx, good)
			mu.Lock()
			defer mu.Unlock()
			answers[err]++
			if answers[serve.ErrBusy] == 10 {
				cancel()
			}
		})
	}
	wg.Wait()
	cancel()
	if answers[serve.ErrBusy] != 10 || answers[context.Canceled] != maxWaiting {
		t.Errorf("%v", answers)
	}
	<-h.slots
	if _, err := h.hash(t.Context(), good); err != nil {
		t.Errorf("with a free slot: %v", err)
	}
}

func TestACheapHashIsRenewedAtSignIn(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		a := h.member(ana)
		h.hash.cost.Passes = 2
		h.session(ana)
		h.must(h.ask(func(tx *db.Tx) error {
			hash, err := selectPassword(t.Context(), tx, a.ID)
			if !strings.Contains(hash, "t=2,") {
				t.Errorf("still %s", hash)
			}
			return err
		}))
		h.session(ana)
	})
}

// TestNoSecretIsStored looks for every secret of a person's life in the
// database, as a thief of its backup would.
func TestNoSecretIsStored(t *testing.T) {
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			address := dbtest.URL(t, kind)
			d := dbtest.Reopen(t, address, clock.NewManual(dbtest.Start))
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			h := open(t, d)
			ctx := t.Context()
			h.must(h.SignUp(ctx, h.form(ana)))
			secrets := []string{good, another, h.token()}
			a, err := h.verify(h.token())
			h.must(err)
			s := h.session(ana)
			v := Visitor{Account: a, Via: serve.ByCookie, Session: s.ID}
			var plain string
			h.must(h.do(func(tx *db.Tx) (err error) { _, plain, err = MakeToken(ctx, tx, v, "laptop"); return err }))
			h.must(h.do(func(tx *db.Tx) error { return h.AskReset(ctx, tx, ana, here) }))
			secrets = append(secrets, s.Token, plain, h.token())
			h.must(h.ChangePassword(ctx, v, good, another, here))
			_, err = h.enter(ana, "a wrong guess of mine")
			if !errors.Is(err, ErrCredentials) {
				t.Fatal(err)
			}
			secrets = append(secrets, "a wrong guess of mine")
			stored := everything(t, d, address)
			if !bytes.Contains(stored, []byte(ana)) || !bytes.Contains(stored, []byte("$argon2id$")) {
				t.Fatal("the search finds nothing at all")
			}
			for _, secret := range secrets {
				if len(secret) < 20 || bytes.Contains(stored, []byte(secret)) {
					t.Errorf("%q is stored, or is none", secret)
				}
			}
		})
	}
}

func everything(t *testing.T, d *db.DB, address string) []byte {
	t.Helper()
	var all bytes.Buffer
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		files, _ := filepath.Glob(file + "*")
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(data)
		}
		return all.Bytes()
	}
	err := d.View(t.Context(), func(tx *db.Tx) error {
		for _, table := range []string{"account", "account_link", "account_session", "account_token", "account_consent", "account_event", "serve_window"} {
			lines, err := db.All(t.Context(), tx, db.One[sql.NullString], `SELECT CAST(x AS TEXT) FROM `+table+` x`)
			if err != nil {
				return err
			}
			for _, l := range lines {
				all.WriteString(l.String + "\n")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.Bytes()
}

func TestLettersAreCompleteInEveryLanguage(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		for _, l := range i18n.Languages {
			for _, kind := range []string{"verify", "known", "changed", "reset"} {
				a := Account{Email: ana, Locale: l}
				h.must(h.do(func(tx *db.Tx) error {
					return h.letter(t.Context(), tx, a, kind, string(l), VerifyPath, "tok")
				}))
				got := h.last()
				all := strings.Join(append(got.Text, got.Subject, got.Action), "\n")
				if strings.ContainsAny(all, "[]{}<>!") || strings.ContainsAny(got.Subject, "\r\n") || got.Lang != l || !strings.Contains(all, "Opendream") {
					t.Errorf("%s %s: %+v", l, kind, got)
				}
			}
		}
	})
}
