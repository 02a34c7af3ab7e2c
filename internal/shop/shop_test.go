package shop

import (
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

func TestDurationsAreWrittenInDaysOrGosUnits(t *testing.T) {
	for text, want := range map[string]time.Duration{"3d": 72 * time.Hour, "36h": 36 * time.Hour, "90m": 90 * time.Minute} {
		var d Duration
		if err := d.UnmarshalYAML([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v, %v", text, time.Duration(d), err)
		}
	}
}
