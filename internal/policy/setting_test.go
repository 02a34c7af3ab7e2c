package policy

import (
	"strings"
	"testing"

	"safelight/internal/i18n"
)

// plainSpaces makes what holds a word and its number together comparable.
var plainSpaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

func TestSettingsAreWrittenAsEachLanguageDoes(t *testing.T) {
	for _, c := range []struct {
		value      any
		en, es, ru string
	}{
		{"1 day", "1 day", "1 día", "1 день"},
		{"7 days", "7 days", "7 días", "7 дней"},
		{"3 days", "3 days", "3 días", "3 дня"},
		{"24 hours", "24 hours", "24 horas", "24 часа"},
		{"21 hours", "21 hours", "21 horas", "21 час"},
		{"45 minutes", "45 minutes", "45 minutos", "45 минут"},
		{"2 weeks", "2 weeks", "2 semanas", "2 недели"},
		{"10 calendar days", "10 calendar days", "10 días naturales", "10 календарных дней"},
		{"3 business days", "3 business days", "3 días hábiles", "3 рабочих дня"},
		{"30 %", "30 %", "30 %", "30 %"},
		{"12.5 %", "12.5 %", "12.5 %", "12,5 %"},
		{"19.00", "19.00", "19.00", "19,00"},
		{"1234.5", "1,234.50", "1,234.50", "1 234,50"},
		{uint64(2), "2", "2", "2"},
	} {
		s, err := parseSetting("x", c.value)
		if err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[i18n.Lang]string{i18n.English: c.en, i18n.Spanish: c.es, i18n.Russian: c.ru} {
			if got := plainSpaces.Replace(s.In(i18n.For(lang))); got != want {
				t.Errorf("%v in %s is %q, want %q", c.value, lang, got, want)
			}
		}
	}
}
