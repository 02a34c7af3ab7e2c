package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"safelight/internal/db/dbtest"
)

const luz = "luz@example.com"

func TestAStrangerBecomesACustomerWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.stranger()
		form := p.get("/sign-up?next=%2Fcheckout%2Fpack-25").is(200).filled("form[action='/sign-up']")
		if form.Get("seal") == "" || form.Get("next") != "/checkout/pack-25" {
			t.Fatalf("the form forgot where to go: %v", form)
		}
		form.Set("email", luz)
		form.Set("password", "short")
		form.Set("adult", "yes")
		again := p.post("/sign-up", form).is(422).has("#password[aria-invalid]").has("#adult[checked]").has("#terms-wrong").has("#transfer-wrong").
			lacks("#adult-wrong").lacks("#newsletter-wrong").lacks(".notice.bad")
		if again.at("#email", "value") != luz || strings.Contains(again.Body.String(), "short\"") {
			t.Error("the form does not keep the address alone")
		}
		form.Set("password", secret)
		form.Set("terms", "yes")
		form.Set("transfer", "yes")
		changed := url.Values{}
		for k, v := range form {
			changed[k] = v
		}
		changed.Set("seal", "another")
		p.post("/sign-up", changed).is(422).says(".notice.bad", "The text has changed")
		p.post("/sign-up", form).leads("/verify")
		p.get("/verify").is(200).says("main", luz).has("a[href='/sandbox/mail']")
		p.post("/sign-in", url.Values{"email": {luz}, "password": {secret}}).leads("/verify")

		link := g.link(luz, "/verify")
		ask := p.get(link).is(200).says("main", luz)
		p.get(link).is(200) // opening it changes nothing
		p.post("/verify", ask.filled("form[action='/verify']")).leads("/verify?done=yes")
		p.get("/verify?done=yes").is(200).has("a[href='/sign-in']")
		p.get(link).is(410).has("form[action='/verify']")
		p.post("/verify", ask.filled("form[action='/verify']")).is(410)

		p.post("/sign-in", url.Values{"email": {luz}, "password": {"four large wooden bowls"}}).is(422).has(".notice.bad[role=alert]")
		p.post("/sign-in", url.Values{"email": {luz}, "password": {secret}, "next": {"/credits"}}).leads("/credits")
		p.get("/credits").is(200).says("#balance", "3 credits").says(".figure", "3").says("main", "A gift for the new account", "+3")
		p.get("/sign-in?next=%2Forders").leads("/orders")
	})
}

func TestTheLinkRemembersWhereSomebodyWasGoing(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.stranger()
		p.get("/checkout/pack-100").leads("/sign-in?next=%2Fcheckout%2Fpack-100")
		form := p.get(p.get("/sign-in?next=%2Fcheckout%2Fpack-100").is(200).at("main a[href^='/sign-up']", "href")).is(200).filled("form[action='/sign-up']")
		for name, value := range map[string]string{"email": luz, "password": secret, "adult": "yes", "terms": "yes", "transfer": "yes"} {
			form.Set(name, value)
		}
		p.post("/sign-up", form).leads("/verify")
		done := p.post("/verify", p.get(g.link(luz, "/verify")).filled("form[action='/verify']")).is(303).Header().Get("Location")
		next := p.get(done).is(200).at("main a.main", "href")
		p.post("/sign-in", url.Values{"email": {luz}, "password": {secret}, "next": {p.get(next).filled("form[action='/sign-in']").Get("next")}}).
			leads("/checkout/pack-100")
	})
}

func TestNobodyIsLedElsewhereAfterSigningIn(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		p.post("/sign-out", nil).leads("/")
		p.get("/account").leads("/sign-in?next=%2Faccount")
		p.post("/account/tokens", url.Values{"name": {"x"}}).is(401)
		for _, next := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"} {
			if got := p.get("/sign-in?"+url.Values{"next": {next}}.Encode()).is(200).at("input[name=next]", "value"); got != "" {
				t.Errorf("next: %q", got)
			}
			p.post("/sign-in", url.Values{"email": {luz}, "password": {secret}, "next": {next}}).leads("/lab")
			p.post("/preferences", url.Values{"theme": {"dark"}, "back": {next}}).leads("/")
			p.post("/sign-out", nil).leads("/")
		}
	})
}

func TestAForgottenPasswordIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		g.customer(luz)
		p := g.stranger()
		p.get("/password/forgot").is(200)
		p.post("/password/forgot", url.Values{"email": {"luz"}}).is(422).has("#email-wrong")
		p.post("/password/forgot", url.Values{"email": {"nobody@example.com"}}).leads("/password/forgot?sent")
		p.post("/password/forgot", url.Values{"email": {luz}}).leads("/password/forgot?sent")
		p.get("/password/forgot?sent").is(200)
		link := g.link(luz, "/password/reset")
		form := p.get(link).is(200).says("main", luz).filled("form[action='/password/reset']")
		form.Set("password", "1234567")
		p.post("/password/reset", form).is(422).has("#password-wrong")
		form.Set("password", "a quite different sentence")
		p.post("/password/reset", form).leads("/sign-in")
		p.get("/sign-in").is(200).has(".notice.good[role=status]")
		p.get("/sign-in").is(200).lacks(".notice") // once
		p.post("/sign-in", url.Values{"email": {luz}, "password": {secret}}).is(422)
		p.post("/sign-in", url.Values{"email": {luz}, "password": {"a quite different sentence"}}).leads("/lab")
		g.stranger().get(link).is(410).has("a[href='/password/forgot']")
		g.stranger().post("/password/reset", form).is(410)
	})
}

func TestTooManyGuessesAreToldWhenToComeBack(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.stranger()
		f := url.Values{"email": {luz}, "password": {"a guess of mine"}}
		for range 10 {
			p.post("/sign-in", f).is(422)
		}
		a := p.post("/sign-in", f).is(429).has(".notice.bad")
		if a.Header().Get("Retry-After") == "" || a.at("#email", "value") != luz {
			t.Error("when to come back, or the address, is not said")
		}
		for range 5 {
			p.post("/verify", url.Values{"email": {luz}}).leads("/verify")
		}
		p.post("/verify", url.Values{"email": {luz}}).is(429).has(".notice.bad")
		p.post("/verify", url.Values{"email": {"luz"}}).is(422).has("#email-wrong")
	})
}

func TestTheAccountPageChangesThePassword(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		other := g.stranger()
		other.post("/sign-in", url.Values{"email": {luz}, "password": {secret}}).leads("/lab")
		p.get("/account").is(200).says("main", luz, p.account.UID).says("#sessions", "This device")
		p.post("/account/password", url.Values{"current": {"no"}, "new": {"another long sentence"}}).is(422).has("#current-wrong")
		p.post("/account/password", url.Values{"current": {secret}, "new": {"luz"}}).is(422).has("#new-wrong").lacks("#current[value]")
		p.post("/account/password", url.Values{"current": {secret}, "new": {"another long sentence"}}).leads("/account")
		p.get("/account").is(200).has(".notice.good")
		other.get("/account").leads("/sign-in?next=%2Faccount")
	})
}

func TestSessionsEndFromTheAccountPage(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p, mallory := g.customer(luz), g.customer("mallory@example.com")
		dbtest.Clock(g.d).Advance(time.Minute)
		other := g.stranger()
		other.post("/sign-in", url.Values{"email": {luz}, "password": {secret}}).leads("/lab")
		end := p.get("/account").at("#sessions li form[action$='/revoke']", "action")
		mallory.post(end, nil).is(404)
		p.post(end, nil).leads("/account#sessions")
		other.get("/account").leads("/sign-in?next=%2Faccount")
		p.post("/account/sessions/revoke", nil).leads("/sign-in")
		p.get("/sign-in").is(200).has(".notice.good")
		p.get("/account").leads("/sign-in?next=%2Faccount")
	})
}

func TestATokenIsShownOnce(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p, mallory := g.customer(luz), g.customer("mallory@example.com")
		p.post("/account/tokens", url.Values{"name": {" "}}).is(422).has("#name-wrong")
		p.post("/account/tokens", url.Values{"name": {"<b>darktable</b>"}}).leads("/account#tokens")
		plain := p.get("/account").is(200).says("#tokens", "<b>darktable</b>").text(".secret")
		if !strings.HasPrefix(plain, "slt_") {
			t.Fatalf("no token: %q", plain)
		}
		p.get("/account").is(200).lacks(".secret")
		program := g.stranger()
		program.header.Set("Authorization", "Bearer "+plain)
		program.get("/account").is(403) // a token is not a session
		end := p.get("/account").at("#tokens form[action$='/revoke']", "action")
		mallory.post(end, nil).is(404)
		p.post(end, nil).leads("/account#tokens")
		program.get("/account").is(401)
		p.post(end, nil).is(404)
	})
}

func TestAnotherSiteSignsNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		p := g.customer(luz)
		p.header.Set("Sec-Fetch-Site", "cross-site")
		for _, path := range []string{"/sign-out", "/account/tokens", "/account/sessions/revoke", "/checkout/pack-25", "/preferences"} {
			p.post(path, url.Values{"name": {"x"}}).is(403)
		}
		p.header = nil
		p.get("/account").is(200)
	})
}
