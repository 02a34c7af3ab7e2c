package mail_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"safelight/internal/i18n"
	"safelight/internal/mail"
)

var shop = mail.Shop{Name: "OpenDream", Contact: "support@example.com", BaseURL: "https://opendream.example", Accent: "#d8442f"}

func receipt() mail.Letter {
	return mail.Letter{Subject: "Receipt for order OD-2026-0007", Greeting: "Hello,",
		Paragraphs: []string{"Thank you. The payment has arrived and the credits are on your account.", "The invoice is attached."},
		Rows: [][2]string{{"Order", "OD-2026-0007"}, {"Pack", "Pack of 50 credits"}, {"Credits", "50"}, {"Amount", "$19.00"},
			{"Date", "1 March 2026, 10:00 UTC"}, {"Payment", "pi_3PqLkJ2eZvKYlo2C1x7Kd9aB"}},
		Button: mail.Button{Label: "Open the order", URL: "https://opendream.example/orders/ord_06esaxg3vdh8cd3ty6f4wk0vhc"},
		Note:   "When you paid you accepted the refund policy, version 3: “I ask for the credits at once and know that used credits are not refunded.” Questions about this payment: billing@example.com",
		Shop:   shop}
}

func TestALetterSaysTheSameInTextAndInHTML(t *testing.T) {
	for _, lang := range i18n.Languages {
		l := receipt()
		l.Unsubscribe = "https://opendream.example/unsubscribe?token=abc"
		text, page := mail.Compose(i18n.For(lang), l)
		shown := words(t, page)
		for _, want := range append([]string{l.Subject, l.Greeting, l.Note, l.Button.URL, "OpenDream", "support@example.com", "$19.00", "Payment"}, l.Paragraphs...) {
			if !strings.Contains(shown, want) {
				t.Errorf("%s: the page does not show %q", lang, want)
			}
			if want != l.Subject && !strings.Contains(text, want) {
				t.Errorf("%s: the text does not say %q", lang, want)
			}
		}
		for _, missing := range []string{"[mail.", "<no value>"} {
			if strings.Contains(text+page, missing) {
				t.Errorf("%s: the letter shows %q", lang, missing)
			}
		}
		if !strings.Contains(text, l.Unsubscribe) || !strings.Contains(page, l.Unsubscribe) {
			t.Errorf("%s: nobody can unsubscribe", lang)
		}
	}
}

func TestALetterShowsTextAsText(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>&lt;`
	l := mail.Letter{Subject: evil, Preheader: evil, Greeting: evil, Paragraphs: []string{evil}, Rows: [][2]string{{evil, evil}}, Note: evil,
		Button: mail.Button{Label: evil, URL: "https://x.example/" + evil}, Unsubscribe: "https://x.example/" + evil,
		Shop: mail.Shop{Name: evil, Contact: evil, BaseURL: "https://x.example/" + evil, Accent: `red"><script>`}}
	_, page := mail.Compose(i18n.For(i18n.English), l)
	for _, n := range nodes(t, page) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "img") {
			t.Errorf("the page has <%s>", n.Data)
		}
	}
	if n := strings.Count(words(t, page), evil); n < 8 {
		t.Errorf("the text is shown %d times", n)
	}
}

func TestALetterLeadsNowhereButToPages(t *testing.T) {
	for _, u := range []string{"javascript:alert(1)", "data:text/html,x", "", "//evil.example", "ftp://x"} {
		l := receipt()
		l.Button.URL, l.Unsubscribe, l.Shop.BaseURL = u, u, u
		_, page := mail.Compose(i18n.For(i18n.English), l)
		if strings.Contains(page, "href=") {
			t.Errorf("%q became a link", u)
		}
	}
}

func TestALetterLoadsNothing(t *testing.T) {
	_, page := mail.Compose(i18n.For(i18n.English), receipt())
	for _, n := range nodes(t, page) {
		for _, a := range n.Attr {
			if a.Key == "src" || a.Key == "background" || a.Key == "srcset" || strings.Contains(a.Val, "url(") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "link" || n.Data == "style" || n.Data == "img" {
			t.Errorf("the page has <%s>", n.Data)
		}
	}
	if len(page) > 100_000 { // more is cut off by some mail programs
		t.Errorf("the page has %d bytes", len(page))
	}
	if to := os.Getenv("SAFELIGHT_LETTER"); to != "" { // to be looked at
		if err := os.WriteFile(to, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func nodes(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	all := []*html.Node{}
	for n := range root.Descendants() {
		all = append(all, n)
	}
	return all
}

func words(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	for _, n := range nodes(t, page) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + "\n")
		}
	}
	return b.String()
}
