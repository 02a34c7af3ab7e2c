package policy

import (
	"strings"
	"testing"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"pgregory.net/rapid"

	"safelight/internal/fact"
	"safelight/internal/i18n"
)

func TestEverythingHasANameInEveryLanguage(t *testing.T) {
	for _, l := range i18n.Languages {
		v := voice{i18n.For(l)}
		need := func(kind, name string) {
			if key := "policy." + kind + "." + name; !v.Has(key) {
				t.Errorf("%s: %s is missing", l, key)
			}
		}
		for _, f := range fact.Fields {
			need("fact", f.Name)
			for _, c := range f.Choices {
				if f.Name != "ground" {
					need("value", f.Name+"."+c)
				}
			}
			switch {
			case f.Type == fact.Bool:
				need("is", f.Name)
				need("isnt", f.Name)
			case f.Customer():
				need("send", f.Name)
			case f.Type == fact.Time && f.Name != "at":
				need("since", f.Name)
			}
		}
		for name, typ := range derived {
			need("fact", name)
			if typ.String() == "bool" {
				need("is", name)
				need("isnt", name)
			}
		}
		for _, g := range fact.Grounds {
			need("ground", string(g))
			need("about", string(g))
		}
		for _, r := range remedies {
			need("remedy", string(r))
		}
		for _, o := range []Outcome{Grant, Deny, Review, Incomplete} {
			need("outcome", string(o))
			need("decided", string(o))
		}
		need("prevails", string(l))
	}
}

func TestARuleIsSaidInWords(t *testing.T) {
	doc := refundOf(t, "testdata/shop")
	for id, want := range map[string]string{
		"duplicate": `Applies to requests for this reason: “duplicate charge”.
Required: there is an extra charge that has not been returned. Otherwise the request is denied (clause 1).
The request must come within 7 days from the latest extra charge; a later one is denied (clause 1).
Where there was one charge alone, the time runs from the payment.
Needed from the customer: one of these: the transaction id or the receipt number. What is missing is asked for first.
A person decides; what may come of it: a refund or a credit to the account. Amount: what was charged beyond the price and not returned, at most what is left of the payment. If nothing is left by this calculation, the request is denied (clause 1).`,
		"pack": `Applies to requests for this reason: “outage of the service”.
Only where the purchase is “pack”.
Required: the whole service was down. Otherwise the request is denied (clause 2).
The request must come within 3 days from the end of the outage; a later one is denied (clause 2).
Tokens left = tokens in the pack − tokens used − tokens expired.
Price of one token = price of the order ÷ tokens in the pack.
The request is granted: a refund. Amount: tokens left × price of one token, at most what is left of the payment. If nothing is left by this calculation, the request is denied (clause 2.1).
Where our records do not say enough, a person decides.`,
		"ended": `Applies to every request that nothing above has decided.
Only where there are signs of fraud or abuse or the state of the account is “ended for a violation”.
The request is denied (clause 6).`,
	} {
		for _, r := range doc.Rules {
			if got := strings.Join(r.Words(i18n.For(i18n.English)), "\n"); r.ID == id && got != want {
				t.Errorf("%s is said as\n%s\nwant\n%s", id, got, want)
			}
		}
	}
}

func TestRulesAndExamplesAreForPeople(t *testing.T) {
	for _, name := range []string{"testdata/shop", "../../shops/opendream", "../../shops/winno", "../../shops/aijet", "../../shops/neiroset"} {
		doc := refundOf(t, name)
		for _, l := range i18n.Languages {
			p := i18n.For(l)
			for _, r := range doc.Rules {
				for _, s := range r.Words(p) {
					if found := internal.FindString(s); found != "" || s == "" {
						t.Errorf("%s, rule %s in %s: %q stands in %q", name, r.ID, l, found, s)
					}
				}
			}
			for _, e := range doc.Examples() {
				told := e.Words(doc, p)
				if told.Outcome == "" || len(told.Facts) == 0 || len(told.Clauses) == 0 {
					t.Errorf("%s: the example %q is told as %v", name, told.Title, told)
				}
			}
		}
	}
}

func TestWhatIsExplainedIsWhatDecided(t *testing.T) {
	docs := []*Document{refundOf(t, "testdata/shop"), refundOf(t, "../../shops/winno"), refundOf(t, "../../shops/neiroset")}
	rapid.Check(t, func(t *rapid.T) {
		doc := rapid.SampledFrom(docs).Draw(t, "shop")
		s := &scene{c: anyCase(t), doc: doc, lets: map[string]ref.Val{}}
		for _, r := range doc.Rules {
			f := doc.formula(voice{i18n.For(i18n.English)}, r, s)
			for _, l := range r.Let {
				s.lets[l.Name] = l.Is.eval(s)
			}
			for _, e := range r.expressions() {
				want, got := e.eval(s), f.of(e).eval(e.tree().Expr())
				if same := want == got || want != unknown && got != unknown && want.Equal(got) == types.True; !same {
					t.Fatalf("%q is %v, explained as %v", e.Source, want, got)
				}
			}
		}
	})
}

func TestWhatMattersStandsInTheWords(t *testing.T) {
	doc := refundOf(t, "testdata/shop")
	for _, r := range doc.Rules {
		for _, e := range r.expressions() {
			f := doc.formula(voice{i18n.For(i18n.English)}, r, nil).of(e)
			if e.tree().Expr().Kind() == ast.CallKind && f.condition(e.tree().Expr(), true) == "" && f.words(e.tree().Expr()) == "" {
				t.Errorf("%q has no words", e.Source)
			}
		}
	}
}
