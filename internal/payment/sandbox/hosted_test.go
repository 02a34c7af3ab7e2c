package sandbox_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"safelight/internal/db/dbtest"
)

func (r *rig) page(cs string, header map[string]string) (answer, *html.Node) {
	r.t.Helper()
	a := r.do("GET", "/sandbox/pay/"+cs, "", header)
	return a, parse(r.t, a)
}

func parse(t *testing.T, a answer) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(a.text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func has(n *html.Node, selector string) bool {
	return cascadia.Query(n, cascadia.MustCompile(selector)) != nil
}

func (r *rig) submit(cs string, header map[string]string, pairs ...string) answer {
	r.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for k, v := range header {
		all[k] = v
	}
	return r.do("POST", "/sandbox/pay/"+cs, form.Encode(), all)
}

func TestThePageShowsWhatIsPaidAndSaysThatItIsASandbox(t *testing.T) {
	r := one(t)
	cs := r.open()
	a, n := r.page(cs, nil)
	for _, part := range []string{"$19.00", "100 credits", "SL-1001", "ana@example.com", "Sandbox payment page: no real money."} {
		if !strings.Contains(a.text, part) {
			t.Errorf("%q is not on the page", part)
		}
	}
	for _, selector := range []string{"form[method=post] button", "input[type=radio][value='" + good + "'][checked]", "input[type=radio][value='" + declined + "']",
		"input[type=radio][value='" + disputed + "']", "input[type=radio][value='" + refundFails + "']", "label[for=number]", "a[href='https://shop.example/buy']",
		"html[lang=en]", "fieldset legend", "h1"} {
		if !has(n, selector) {
			t.Errorf("nothing fits %s", selector)
		}
	}
	if has(n, "script") || has(n, "[style]") || has(n, "[onclick]") || has(n, "style") {
		t.Error("the page needs what its own rules forbid")
	}
	csp := a.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "form-action 'self' https://shop.example;") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %s", csp)
	}
	if style := r.do("GET", "/sandbox/sandbox.css", "", nil); style.status != 200 || !strings.HasPrefix(style.header.Get("Content-Type"), "text/css") {
		t.Errorf("style %d %s", style.status, style.header.Get("Content-Type"))
	}
}

func TestThePageSpeaksTheCustomersLanguage(t *testing.T) {
	r := one(t)
	for lang, part := range map[string]string{"es": "sin dinero real", "ru": "деньги ненастоящие", "en": "no real money"} {
		a, n := r.page(r.open("locale", lang), map[string]string{"Accept-Language": "en"})
		if !strings.Contains(a.text, part) || !has(n, "html[lang="+lang+"]") {
			t.Errorf("%s: %s", lang, a.text)
		}
		if a, _ := r.page(r.open("locale", "auto"), map[string]string{"Accept-Language": lang}); !strings.Contains(a.text, part) {
			t.Errorf("a browser that prefers %s gets %s", lang, a.text)
		}
		if strings.Contains(a.text, "[sandbox.") {
			t.Errorf("%s: a message is missing", lang)
		}
	}
}

func TestPayingOnThePageLeadsBackToTheShop(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, form := range [][]string{{"card", good}, {"number", "4242 4242 4242 4242"}, {"card", declined, "number", "4242-4242-4242-4242"}} {
			cs := r.open()
			a := r.submit(cs, map[string]string{"Sec-Fetch-Site": "same-origin"}, form...)
			if a.status != 303 || a.header.Get("Location") != "https://shop.example/done?s="+cs {
				t.Errorf("%v: %d to %s", form, a.status, a.header.Get("Location"))
			}
			again := r.submit(cs, nil, "card", good)
			if again.status != 409 || !strings.Contains(again.text, "This has been paid") || has(parse(t, again), "form") || !has(parse(t, again), "a[href$='done?s="+cs+"']") {
				t.Errorf("paid again: %d %s", again.status, again.text)
			}
		}
	})
}

func TestWhatGoesWrongIsSaidOnThePage(t *testing.T) {
	r := one(t)
	cs := r.open()
	for _, c := range []struct {
		card, says string
		status     int
	}{
		{declined, "The bank declined this card.", 402},
		{"4000000000009995", "for lack of funds", 402},
		{"4111111111111111", "not one of the test cards", 422},
		{"", "not one of the test cards", 422},
	} {
		a := r.submit(cs, nil, "card", c.card)
		if a.status != c.status || !strings.Contains(a.text, c.says) || !has(parse(t, a), "form [role=alert]") {
			t.Errorf("%s: %d %s", c.card, a.status, a.text)
		}
	}
	if a := r.submit(cs, map[string]string{"Sec-Fetch-Site": "cross-site"}, "card", good); a.status != 403 {
		t.Errorf("a form of another site: %d", a.status)
	}
	if a, _ := r.page("cs_test_nobody", nil); a.status != 404 || !strings.Contains(a.text, "There is no such payment") {
		t.Errorf("an unknown session: %d", a.status)
	}
	if a := r.submit("cs_test_nobody", nil, "card", good); a.status != 404 {
		t.Errorf("paying an unknown session: %d", a.status)
	}
	dbtest.Clock(r.d).Advance(25 * time.Hour)
	a, n := r.page(cs, nil)
	if a.status != 200 || !strings.Contains(a.text, "This page has closed") || has(n, "form") || !has(n, "a[href='https://shop.example/buy']") {
		t.Errorf("an expired session: %s", a.text)
	}
}

func TestNothingOfTheShopRunsOnThePage(t *testing.T) {
	r := one(t)
	form := sessionForm()
	for i, v := range form {
		if v == "100 credits" {
			form[i] = `<script>alert(1)</script>"><img src=x>`
		}
	}
	cs := r.api("POST /v1/checkout/sessions", "", form...).get("id")
	if _, n := r.page(cs, nil); has(n, "script") || has(n, "img") {
		t.Error("the name of an item became markup")
	}
}
