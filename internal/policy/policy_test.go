package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safelight/internal/i18n"
	"safelight/internal/shop"
)

func preset(t *testing.T) *shop.Shop {
	t.Helper()
	s, err := shop.Load("../../shops/opendream")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// changed is the preset with one replacement in one policy file.
func changed(t *testing.T, file, old, new string) *shop.Shop {
	t.Helper()
	s := *preset(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.Dir)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "policy", file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%q is not in %s", old, file)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Dir = dir
	return &s
}

func TestPresetsLoad(t *testing.T) {
	set, err := Load(preset(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range set {
		for lang, text := range d.Texts {
			page, err := text.HTML()
			if err != nil || strings.Contains(page, "{{") || strings.Contains(page, "```") {
				t.Errorf("%s in %s does not render: %v", name, lang, err)
			}
		}
	}
	if got := set[Refund].In(i18n.Russian); got.Lang != i18n.English {
		t.Errorf("a reader of Russian gets %s, not the prevailing text", got.Lang)
	}
}

func TestOD_R_2_TheStatementIsOnThePageAndInTheFirstPerson(t *testing.T) {
	set, err := Load(preset(t))
	if err != nil {
		t.Fatal(err)
	}
	for lang, first := range map[i18n.Lang]string{i18n.English: "I understand", i18n.Spanish: "Entiendo"} {
		text := set[Refund].In(lang)
		page, err := text.HTML()
		if err != nil || !strings.HasPrefix(text.Statement, first) || !strings.Contains(page, text.Statement) {
			t.Errorf("%s: the statement %q is not the page's (%v)", lang, text.Statement, err)
		}
	}
}

func TestAFaultyPolicyDoesNotLoad(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"no version", "refund.md", `version: "2026-02-20"`, `version: ""`, "version"},
		{"an unknown field in the head", "refund.md", "prevailing: en", "prevailing: en\nvalid: yes", "valid"},
		{"a clause twice", "refund.md", "### 1.2 ", "### 1.1 ", "clause 1.1"},
		{"a translation without a clause", "refund.es.md", "### 4.3 Tu", "Tu", "refund.es.md"},
		{"a translation of another version", "privacy.es.md", "2026-02-20", "2025-01-01", "2025-01-01"},
		{"a setting that is none", "terms.md", "{{operator}}", "{{oprator}}", "oprator"},
		{"a block of an unknown kind", "refund.md", "```statement", "```statment", "statment"},
		{"a statement in one language alone", "refund.es.md", "```statement\nEntiendo que la IA es imperfecta y no pediré que me devuelvan el dinero porque un resultado no alcance lo que esperaba.\n```", "", "statement"},
	} {
		if _, err := Load(changed(t, c.file, c.old, c.new)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want one that names %q", c.name, err, c.want)
		}
	}
}

func TestTheHashCoversEveryLanguage(t *testing.T) {
	before, err := Load(preset(t))
	if err != nil {
		t.Fatal(err)
	}
	for file, old := range map[string]string{"refund.md": "All purchases", "refund.es.md": "Todas las compras"} {
		after, err := Load(changed(t, file, old, "9"))
		if err != nil || after[Refund].Hash == before[Refund].Hash {
			t.Errorf("a change in %s leaves the hash (%v)", file, err)
		}
	}
}
