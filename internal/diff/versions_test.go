package diff

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"safelight/internal/i18n"
	"safelight/internal/policy"
	"safelight/internal/shop"
)

func side(marks []Stretch, leave Edit) string {
	var b strings.Builder
	for _, m := range marks {
		if m.Edit != leave {
			b.WriteString(m.Text)
		}
	}
	return b.String()
}

func TestAComparisonHoldsBothTextsWhole(t *testing.T) {
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"one ", "two ", "three", "\n", " ", "four, ", "пять "}), 0, 30),
		func(w []string) string { return strings.Join(w, "") })
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		marks := Texts(before, after)
		if side(marks, Inserted) != before || side(marks, Deleted) != after {
			t.Fatalf("%q to %q gives %+v", before, after, marks)
		}
		for _, m := range marks {
			if m.Edit != Kept && before == after {
				t.Fatal("equal texts differ")
			}
		}
	})
}

func TestAComparisonMarksTheWordsThatChanged(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"within 7 days of the charge", "within 14 days of the charge", "within [-7-] {+14+} days of the charge"},
		{"one", "one two", "[-one-]{+one two+}"},
		{"a paragraph\nanother", "a paragraph", "a paragraph\n[-another-]"},
	} {
		var b strings.Builder
		for _, m := range Texts(c.before, c.after) {
			b.WriteString(bracketed(m))
		}
		if got := strings.Join(strings.Fields(b.String()), " "); got != strings.Join(strings.Fields(c.want), " ") {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// edited is opendream's refund policy with one replacement.
func edited(t *testing.T, file, old, new string) *policy.Document {
	t.Helper()
	set, err := policy.Load(changed(t, file, old, new))
	if err != nil {
		t.Fatal(err)
	}
	return set[policy.Refund]
}

func TestADifferenceNamesWhatChanged(t *testing.T) {
	set, err := policy.Load(preset(t))
	if err != nil {
		t.Fatal(err)
	}
	before := set[policy.Refund]
	if got := Versions(before, before, i18n.English); len(got) != 0 {
		t.Errorf("a document differs from itself: %+v", got)
	}
	longer := edited(t, "refund.md", "review_within: 3 business days", "review_within: 5 business days")
	for lang, want := range map[i18n.Lang]string{i18n.English: "Value changed, ", i18n.Spanish: "Valor cambiado, ", i18n.Russian: "Value changed, "} {
		text := inWords(Versions(before, longer, lang), i18n.For(lang))
		if lang != i18n.Russian && !strings.Contains(text, want) || !strings.Contains(text, "→") {
			t.Errorf("%s: the setting is not named: %s", lang, text)
		}
	}
	reworded := edited(t, "refund.md", "Credits are added to your account the moment your payment completes.", "Credits are added to your account within an hour.")
	changes := Versions(before, reworded, i18n.English)
	if len(changes) != 1 || changes[0].What != OfClause || changes[0].Kind != Changed || changes[0].ID != "1.1" {
		t.Fatalf("the clause is not named: %+v", changes)
	}
	if text := inWords(changes, i18n.For(i18n.English)); !strings.Contains(text, "Clause 1.1, “Delivery”, has changed") || !strings.Contains(text, "{+within an hour.+}") {
		t.Error(text)
	}
}

func inWords(changes []Change, p *i18n.Printer) string {
	lines := []string{}
	for _, c := range changes {
		lines = append(lines, c.Words(p)...)
	}
	return strings.Join(lines, "\n")
}

func TestClausesThatComeGoAndMoveAreTold(t *testing.T) {
	clause := func(id, body string) policy.Clause {
		return policy.Clause{ID: id, Title: "Title " + id, Level: 2, Body: body}
	}
	doc := func(all ...policy.Clause) *policy.Document {
		return &policy.Document{Prevailing: i18n.English, Texts: map[i18n.Lang]*policy.Text{i18n.English: {Lang: i18n.English, Clauses: all}}}
	}
	a, b, c, d := clause("1", "one"), clause("2", "two"), clause("3", "three"), clause("4", "- four\n- five")
	got := inWords(Versions(doc(a, b, c), doc(c, a, d), i18n.English), i18n.For(i18n.English))
	for _, want := range []string{"Clause 4, “Title 4”, is new", "Clause 2, “Title 2”, was removed", "stands at another place", "{+• four+}\n{+• five+}", "[-two-]"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Count(got, "was removed") != 1 {
		t.Errorf("a clause is removed twice:\n%s", got)
	}
}

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
