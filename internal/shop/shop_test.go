package shop

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPresetsLoad(t *testing.T) {
	folders, err := filepath.Glob("../../shops/*/shop.yaml")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no presets found: %v", err)
	}
	for _, f := range folders {
		s, err := Load(filepath.Dir(f))
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Name != filepath.Base(filepath.Dir(f)) {
			t.Errorf("%s calls itself %s", f, s.Name)
		}
	}
}

func TestAFaultyShopDoesNotLoad(t *testing.T) {
	good, err := os.ReadFile("../../shops/opendream/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"an unknown field", "mode: sandbox", "mode: sandbox\ncolour: red", "colour"},
		{"a missing title", "title: OpenDream", `title: ""`, "title: is missing"},
		{"a mode that is none", "mode: sandbox", "mode: test", "mode: sandbox or live"},
		{"an unknown language", "[en, es, ru]", "[en, de]", `"de"`},
		{"an unknown currency", "[USD, MXN]", "[USD, ZZZ]", `"ZZZ"`},
		{"a contact that is no address", "billing@example.com", "billing at example", "contact.billing"},
		{"a colour that is none", "#d8442f", "red", "look.accent"},
		{"a limit of zero", "max_side: 20_000", "max_side: 0", "lab.max_side"},
		{"a duration that is none", "keep_results: 7d", "keep_results: a week", "a week"},
		{"a unit that has no name here", "mode: sandbox", "mode: sandbox\nunit: gem", "unit: one of"},
		{"a country in words", "country: MX", "country: Mexico", "legal.country"},
		{"an operator without a name", "operator: OpenDream (placeholder operator)", `operator: ""`, "legal.operator"},
		{"a holiday that is no date", "[2026-01-01,", "[2026-02-30,", "2026-02-30"},
		{"a holiday named twice", "[2026-01-01,", "[2026-01-01, 2026-01-01,", "holidays"},
		{"a theme that is none", `accent: "#d8442f"`, "accent: \"#d8442f\"\n  theme: sepia", "look.theme"},
		{"type that is too heavy", `accent: "#d8442f"`, "accent: \"#d8442f\"\n  weight: 900", "look.weight"},
		{"type that flares too much", `accent: "#d8442f"`, "accent: \"#d8442f\"\n  flare: 101", "look.flare"},
		{"a front page missing in a language", "front:\n  en:", "front:\n  xx:", "front.xx"},
		{"a front page without a title", "title: Print it larger than you shot it", `title: ""`, "front.en: title"},
		{"a promise without a clause", `{clause: "3.1", text: "Money`, `{clause: "", text: "Money`, "front.en: a promise"},
		{"a consent missing in a language", "  ru:\n    adult", "  xx:\n    adult", "consent.ru"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			text := strings.Replace(string(good), c.old, c.new, 1)
			if text == string(good) {
				t.Fatalf("%q is not in the preset", c.old)
			}
			if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "shop.yaml") {
				t.Errorf("got %v, want one that names shop.yaml and %q", err, c.want)
			}
		})
	}
}

func TestAFaultyHeroDoesNotLoad(t *testing.T) {
	good, err := os.ReadFile("../../shops/winno/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"as it ships", "", "", ""},
		{"a picture that is not there", "hero-before.jpg", "nothing.jpg", "hero.before"},
		{"a picture from elsewhere", "before: hero-before.jpg", "before: ../winno/hero-before.jpg", "hero.before"},
		{"a file that is no picture", "after: hero-after.jpg", "after: shop.yaml", "hero.after"},
		{"a picture that became smaller", "before: hero-before.jpg", "before: hero-after.jpg\n  after: hero-before.jpg #", "hero.after: of the same shape"},
		{"a picture that nobody can hear of", "alt: {en: Paint", "alt: {es: Paint", "hero.alt: en"},
		{"a photograph of nobody", "license: CC BY 4.0, ", "", "hero.photo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"hero-before.jpg", "hero-after.jpg"} {
				data, err := os.ReadFile("../../shops/winno/" + name)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			text := strings.Replace(string(good), c.old, c.new, 1)
			if c.name == "a picture that became smaller" {
				text = strings.Replace(text, "\n  after: hero-after.jpg", "", 1)
			}
			if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Load(dir)
			if c.want == "" && (err != nil || s.Hero.After.Width != 2*s.Hero.Before.Width) {
				t.Errorf("does not load: %v", err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want one that names %q", err, c.want)
			}
		})
	}
}

func TestTheLookIsPlainWhereNothingIsSaid(t *testing.T) {
	s, err := Load("../../shops/opendream")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Look{Accent: "#d8442f", Theme: Dark, Weight: 300, Flare: 100}); s.Look != want {
		t.Errorf("the look is %+v, not %+v", s.Look, want)
	}
}

func TestTextsNameOnlyWhatTheShopSays(t *testing.T) {
	s := Shop{Contact: Contact{Billing: "b@example.com", Privacy: "p@example.com", Support: "s@example.com"}, Legal: Legal{Operator: "O", TaxID: "7"}}
	want := map[string]string{"billing_contact": "b@example.com", "privacy_contact": "p@example.com", "support_contact": "s@example.com", "operator": "O", "tax_id": "7"}
	if got := s.Facts(); !maps.Equal(got, want) {
		t.Errorf("the facts are %v", got)
	}
}

func TestTheSellerIsNamedWithWhatTheLawAsksFor(t *testing.T) {
	for _, c := range []struct {
		legal Legal
		want  string
	}{
		{Legal{Operator: "O", Country: "MX"}, "O"},
		{Legal{Operator: "O", Address: "A", Country: "MX"}, "O|A"},
		{Legal{Operator: "O", Address: "A", Country: "RU", Registration: "R", TaxID: "T", LegalAddress: "L"}, "O|R|T|L"},
	} {
		if got := strings.Join(c.legal.Seller(), "|"); got != c.want {
			t.Errorf("the seller is %s, not %s", got, c.want)
		}
	}
}

func TestNobodyWorksOnWeekendsAndHolidays(t *testing.T) {
	s := Shop{Holidays: []Day{{2026, time.January, 1}, {2026, time.January, 5}}}
	for text, works := range map[string]bool{"2025-12-31T23:59:59Z": true, "2026-01-01T00:00:00Z": false, "2026-01-01T23:59:59Z": false, "2026-01-02T00:00:00Z": true,
		"2026-01-03T12:00:00Z": false, "2026-01-04T12:00:00Z": false, "2026-01-05T12:00:00Z": false, "2026-01-02T01:00:00+03:00": false} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if s.Works(at) != works {
			t.Errorf("%s: works is %v", text, !works)
		}
	}
}

func TestDurationsAreWrittenInDaysOrGosUnits(t *testing.T) {
	for text, want := range map[string]time.Duration{"3d": 72 * time.Hour, "36h": 36 * time.Hour, "90m": 90 * time.Minute} {
		var d Duration
		if err := d.UnmarshalYAML([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v, %v", text, time.Duration(d), err)
		}
	}
}
