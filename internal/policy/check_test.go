package policy_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"safelight/internal/fact"
	"safelight/internal/policy"
	"safelight/internal/shop"
)

// changed is a preset with one replacement in one policy file, which stands
// there once.
func changed(t testing.TB, name, file, old, new string) (*shop.Shop, fstest.MapFS) {
	t.Helper()
	s, err := shop.Load("../../shops/" + name)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	all, err := filepath.Glob(filepath.Join(s.Dir, "policy", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(path) == file {
			if strings.Count(string(data), old) != 1 {
				t.Fatalf("%q stands %d times in %s", old, strings.Count(string(data), old), file)
			}
			data = []byte(strings.Replace(string(data), old, new, 1))
		}
		files[filepath.Base(path)] = &fstest.MapFile{Data: data}
	}
	return s, files
}

// cut is the text from one mark up to another, in a preset's file.
func cut(t testing.TB, name, file, from, to string) string {
	t.Helper()
	data, err := os.ReadFile("../../shops/" + name + "/policy/" + file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), from)
	part, _, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("%q … %q is not in %s", from, to, file)
	}
	return from + part
}

func TestThePresetsAreProven(t *testing.T) {
	for _, name := range []string{"opendream", "winno", "aijet", "neiroset"} {
		t.Run(name, func(t *testing.T) {
			if err := preset(t, name)[policy.Refund].Prove(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFaultsAreNamedWhereTheyAre(t *testing.T) {
	rule := func(level, grounds, rest string) string {
		return "## 6 Changes\n\n```rule\nid: another\nprecedence: " + level + "\ngrounds: " + grounds + "\n" + rest + "\n```\n"
	}
	for _, c := range []struct{ name, file, old, new, want string }{
		{"a clause deleted", "refund.md", cut(t, "opendream", "refund.md", "### 2.2 Unused", "## 3 "), "", "clause 2.2 is promised"},
		{"a clause deleted is missed in the translation", "refund.md", cut(t, "opendream", "refund.md", "### 2.2 Unused", "## 3 "), "", "refund.es.md"},
		{"a clause that another's rule cites", "refund.md", "### 3-req ", "### 3-ask ", "cites clause 3-req, which does not exist"},
		{"a clause of a translation deleted", "refund.es.md", cut(t, "opendream", "refund.es.md", "### 2.1 ", "### 2.2"), "", "clause 2.1 of the original"},
		{"a rule deleted", "refund.md", cut(t, "opendream", "refund.md", "```rule\nid: results", "```case"), "", "clause 2.1 promises, but no rule"},
		{"the general rule deleted", "refund.md", cut(t, "opendream", "refund.md", "```rule\nid: all_else", "```case"), "", "everything_else"},
		{"two rules for one case", "refund.md", "## 6 Changes\n", rule("final_sales", "[quality]", "decide: deny"), "both apply to"},
		{"a rule that hides another", "refund.md", "## 6 Changes\n", rule("open_disputes", "[quality]", "decide: deny"), "the example"},
		{"a rule that never decides", "refund.md", "## 6 Changes\n", rule("exceptions", "[quality]", "applies: order.delivered && !order.delivered\ndecide: deny"), "rule another never decides"},
		{"a rule's name twice", "refund.md", "## 6 Changes\n", strings.Replace(rule("exceptions", "[quality]", "decide: deny"), "another", "results", 1), "rule results stands here a second time"},
		{"a wrong unit", "refund.md", "refund_window: 7 days", "refund_window: 7 dollars", `"7 dollars" has no unit that is known`},
		{"a share for a promised time", "refund.md", "review_within: 3 business days", "review_within: 3 %", "setting review_within: a length of time"},
		{"a share for a window", "refund.md", "refund_window: 7 days", "refund_window: 7 %", "not a setting with a length of time"},
		{"a window in other units than its example", "refund.md", "refund_window: 7 days", "refund_window: 7 hours", "the example"},
		{"a setting missing", "refund.md", "  refund_window: 7 days\n", "", "{{refund_window}} is no setting"},
		{"a setting unused", "refund.md", "settings:\n", "settings:\n  grace: 2 days\n", "setting grace: nothing uses it"},
		{"a window that never closes", "refund.md", "  - {from: latest_extra_capture, for: refund_window, late: 3-req}\nevidence:\n  need: [{any: [given.transaction_id, given.receipt_number, given.invoice_number]}]\ndecide: review\nremedies: [refund, credit]\namount: excess\n```\n\n```rule\nid: failure_after_delivery",
			"  - {from: at, for: refund_window, late: 3-req}\nevidence:\n  need: [{any: [given.transaction_id, given.receipt_number, given.invoice_number]}]\ndecide: review\nremedies: [refund, credit]\namount: excess\n```\n\n```rule\nid: failure_after_delivery", "its window never closes"},
		{"a fact that does not exist", "refund.md", "applies: order.delivered\ndecide: deny", "applies: order.deliverd\ndecide: deny", "order.deliverd"},
		{"money with tokens", "refund.md", "## 6 Changes\n", rule("exceptions", "[quality]", "decide: review\nremedies: [refund]\namount: captured + pack.tokens"), "no matching overload"},
		{"money with a plain number", "refund.md", "## 6 Changes\n", rule("exceptions", "[quality]", "applies: captured > 5\ndecide: deny"), "money is compared with a plain number"},
		{"a choice that is none", "refund.md", "## 6 Changes\n", rule("exceptions", "[quality]", `applies: order.kind == "bag"`+"\ndecide: deny"), `order.kind is never "bag"`},
		{"a condition that is an amount", "refund.md", "## 6 Changes\n", rule("exceptions", "[quality]", "applies: captured\ndecide: deny"), "is of type money, not bool"},
		{"an unknown key of a rule", "refund.md", "## 6 Changes\n", rule("exceptions", "[quality]", "decied: deny"), "decied"},
		{"an unknown level", "refund.md", "## 6 Changes\n", rule("whenever", "[quality]", "decide: deny"), `"whenever" is not one of the levels`},
		{"a level without a rule", "refund.md", "precedence: [", "precedence: [nothing, ", `no rule stands on the level "nothing"`},
		{"a ground that is none", "refund.md", "## 6 Changes\n", rule("exceptions", "[boredom]", "decide: deny"), "boredom"},
		{"evidence that is not the customer's", "refund.md", "## 6 Changes\n", rule("exceptions", "[quality]", "evidence: {need: [order.number]}\ndecide: review"), "order.number is nothing that a customer gives"},
		{"a grant without an example", "refund.md", "## 6 Changes\n", rule("exceptions", "[scheduled_work]", "decide: grant\nremedies: [credit]"), "no worked example shows what it decides"},
		{"an example that fails", "refund.md", `expect: {outcome: review, amount: "10.00", remedies: [refund, credit], clauses: ["3"]}`, `expect: {outcome: grant, amount: "11.00"}`, "outcome is review, expected grant"},
		{"an example with facts of nowhere", "refund.md", "  given: {receipt_number: ", "  given: {receipt: ", "given.receipt: not a known fact"},
		{"a block of an unknown kind", "refund.md", "```statement", "```statment", "a block of an unknown kind: statment"},
		{"a block that does not end", "refund.md", "for.\n```\n", "for.\n", "line"},
		{"a rule in a translation", "refund.es.md", "## 6 ", "```rule\nid: x\n```\n\n## 6 ", "stands in the prevailing file alone"},
		{"a translation of another version", "privacy.es.md", `version: "2026-02-20"`, `version: "2025-01-01"`, "2025-01-01"},
		{"a statement in one language alone", "refund.es.md", cut(t, "opendream", "refund.es.md", "```statement", "```\n") + "```\n", "", "the statement stands in one language alone"},
		{"no statement for the checkout", "refund.md", cut(t, "opendream", "refund.md", "```statement", "```\n") + "```\n", "", "no statement: a buyer must be asked"},
		{"no version", "terms.md", `version: "2026-02-20"`, `version: "soon"`, "version: a date"},
		{"an unknown key of the head", "refund.md", "prevailing: en", "prevailing: en\nvalid: yes", "valid"},
		{"a fact of the shop that is none", "terms.md", "{{operator}}", "{{oprator}}", "oprator"},
		{"no head", "terms.md", "---\ntitle", "title", "the head between two lines of ---"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := policy.Check(changed(t, "opendream", c.file, c.old, c.new))
			if c.want == "line" { // what follows decides what is said first
				c.want = ""
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("said %v, want %q", err, c.want)
			}
			for _, line := range strings.Split(err.Error(), "\n") {
				var file, rest string
				var n int
				if _, scan := fmt.Sscanf(strings.Replace(line, ":", " ", 2), "%s %d %s", &file, &n, &rest); scan != nil || !strings.HasSuffix(file, ".md") || n < 1 {
					t.Errorf("%q is not FILE:LINE: what", line)
				}
			}
		})
	}
}

func TestMoreUseNeverRefundsMoreIsProven(t *testing.T) {
	err := policy.Check(changed(t, "neiroset", "refund.md", "  not_used: pack.tokens - pack.used\n", "  not_used: pack.tokens\n"))
	if err == nil || !strings.Contains(err.Error(), "the example") {
		t.Errorf("counting used tokens as unused is said to be %v", err)
	}
	s, files := changed(t, "neiroset", "refund.md", "amount: unused * price_of_one", "amount: (pack.used + 1) * price_of_one")
	for name := range files { // without its examples, the proof alone has to find it
		files[name].Data = []byte(dropCases(string(files[name].Data)))
	}
	if err := policy.Check(s, files); err == nil {
		t.Error("a refund that grows with use is not found")
	}
}

// dropCases leaves the examples' expectations out.
func dropCases(text string) string {
	lines := strings.Split(text, "\n")
	kept := lines[:0]
	for _, l := range lines {
		if !strings.HasPrefix(l, "expect:") {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

func TestEveryCaseHasAnAnswerWithinItsBounds(t *testing.T) {
	for _, name := range []string{"opendream", "winno", "aijet", "neiroset"} {
		d := preset(t, name)[policy.Refund]
		for c := range d.Sample(5000, 7) {
			decision := d.Decide(c)
			text := d.Texts[d.Prevailing]
			if decision.Outcome == "" || len(decision.Clauses) == 0 {
				t.Fatalf("%s: no answer to %s", name, told(t, c))
			}
			for _, id := range decision.Clauses {
				if _, ok := text.Clause(id); !ok {
					t.Fatalf("%s cites %s, which does not exist", name, id)
				}
			}
			if a := decision.Amount; a != nil && a.Minor <= 0 || decision.Outcome == policy.Deny && (a != nil || len(decision.Remedies) > 0) {
				t.Fatalf("%s: %+v for %s", name, decision, told(t, c))
			}
			again, err := fact.Parse([]byte(told(t, c)))
			if err != nil {
				t.Fatal(err)
			}
			if x, y := fmt.Sprint(decision.Outcome, decision.Clauses, decision.Amount), fmt.Sprint(d.Decide(again).Outcome, d.Decide(again).Clauses, d.Decide(again).Amount); len(x) != len(y) {
				t.Fatalf("%s: the same facts give %s and %s", name, x, y)
			}
		}
	}
}

func told(t *testing.T, c *fact.Case) string {
	t.Helper()
	data, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestADraftIsReadFromAnyFile(t *testing.T) {
	s, files := changed(t, "opendream", "refund.md", "refund_window: 7 days", "refund_window: 8 days")
	path := filepath.Join(t.TempDir(), "draft.md")
	if err := os.WriteFile(path, files["refund.md"].Data, 0o600); err != nil {
		t.Fatal(err)
	}
	d, doubts, err := policy.LoadDraft(s, policy.Refund, path)
	var f *policy.Fault
	if d == nil || err != nil || !errors.As(doubts, &f) || f.File != path || !strings.Contains(f.Text, "example") {
		t.Errorf("the example of the seventh day is not held against the draft: %v, %v", doubts, err)
	}
}

func BenchmarkDecide(b *testing.B) {
	d := preset(b, "neiroset")[policy.Refund]
	cases := []*fact.Case{}
	for c := range d.Sample(2000, 3) {
		cases = append(cases, c)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		d.Decide(cases[i%len(cases)])
		i++
	}
}
