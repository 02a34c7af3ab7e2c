package i18n

import (
	"regexp"
	"strings"
	"testing"
)

func TestCreditsGoByTheShopsName(t *testing.T) {
	before := For(English).N("web.credits_n", 2)
	if err := CallCredits("token"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := CallCredits("credit"); err != nil {
			t.Error(err)
		}
		if got := For(English).N("web.credits_n", 2); got != before {
			t.Errorf("credits do not go by their own name again: %q", got)
		}
	})
	for want, got := range map[string]string{
		"1 token": For(English).N("web.credits_n", 1), "2 tokens": For(English).N("web.credits_n", 2), "Tokens": For(English).T("web.credits"),
		"2 tokens (es)": For(Spanish).N("web.credits_n", 2) + " (es)", "2 токена": For(Russian).N("web.credits_n", 2), "5 токенов": For(Russian).N("web.credits_n", 5),
		"Купить токены": For(Russian).T("web.nav_buy"),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if err := CallCredits("gem"); err == nil || !strings.Contains(err.Error(), "gem") {
		t.Errorf("a name that nobody knows: %v", err)
	}
}

func TestNoMessageForgetsTheName(t *testing.T) {
	left := map[Lang]*regexp.Regexp{English: regexp.MustCompile(`(?i)\bcredits?\b`), Spanish: regexp.MustCompile(`(?i)crédito`), Russian: regexp.MustCompile(`(?i)кредит(а|у|ом|е|ы|ов|ам|ами|ах)?(\PL|$)`)}
	load(func(l Lang, key, text string) string {
		s := units["token"][l]
		said := regexp.MustCompile(`{{[^}]*}}`).ReplaceAllString(rename(l, text, s[0], s[1]), "")
		if m := left[l].FindString(said); m != "" {
			t.Errorf("%s, %s: still says %q: %s", l, key, m, said)
		}
		return text
	})
}

func TestOnlyTheWordItselfIsRenamed(t *testing.T) {
	for text, want := range map[string]string{
		"{{.credits}} credits": "{{.credits}} tokens", "It was credited.": "It was credited.", "Credit, credits": "Token, tokens", "accredited": "accredited",
	} {
		if got := rename(English, text, "credit", "token"); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := rename(Russian, "Кредиты и кредитов, кредитный", "кредит", "токен"); got != "Токены и токенов, кредитный" {
		t.Error(got)
	}
}
