package explain

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cel.dev/cel-go/common/types"
	"pgregory.net/rapid"

	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/policy"
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
			if f.Type == fact.Choice {
				need("the", f.Name)
			}
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
		for name := range behind {
			need("fact", name)
			if slices.Contains([]string{"dispute.open", "task.exists", "outage.exists"}, name) {
				need("is", name)
				need("isnt", name)
			}
		}
		for _, g := range fact.Grounds {
			need("ground", string(g))
			need("about", string(g))
		}
		for _, r := range []policy.Remedy{policy.Redeliver, policy.Credit, policy.Money, policy.Replace, policy.Revise, policy.CancelEnd} {
			need("remedy", string(r))
		}
		for _, o := range []policy.Outcome{policy.Grant, policy.Deny, policy.Review, policy.Incomplete} {
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
Tokens left = credits in the pack − credits used − credits expired.
Price of one token = price of the order ÷ credits in the pack.
The request is granted: a refund. Amount: tokens left × price of one token, at most what is left of the payment. If nothing is left by this calculation, the request is denied (clause 2.1).
Where our records do not say enough, a person decides.`,
		"ended": `Applies to every request, whatever its reason.
Only where there are signs of fraud or abuse or the state of the account is “ended for a violation”.
The request is denied (clause 6).`,
	} {
		for _, r := range doc.Rules {
			if got := strings.Join(Rule(doc, r, i18n.For(i18n.English)), "\n"); r.ID == id && got != want {
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
				for _, s := range Rule(doc, r, p) {
					if found := internal.FindString(s); found != "" || s == "" {
						t.Errorf("%s, rule %s in %s: %q stands in %q", name, r.ID, l, found, s)
					}
				}
			}
			for _, e := range doc.Examples() {
				told := Example(doc, e, p)
				if told.Outcome == "" || len(told.Facts) == 0 || len(told.Clauses) == 0 {
					t.Errorf("%s: the example %q is told as %v", name, told.Title, told)
				}
			}
		}
	}
}

func TestWhatIsExplainedIsWhatDecided(t *testing.T) {
	docs := []*policy.Document{refundOf(t, "testdata/shop"), refundOf(t, "../../shops/winno"), refundOf(t, "../../shops/neiroset")}
	rapid.Check(t, func(t *rapid.T) {
		doc := rapid.SampledFrom(docs).Draw(t, "shop")
		c := anyCase(t)
		for _, r := range doc.Rules {
			worked := doc.Evaluate(c, r)
			f := formula{voice: voice{i18n.For(i18n.English)}, doc: doc, rule: r, scene: worked}
			for _, e := range r.Expressions() {
				want, got := worked.Of(e), f.of(e).eval(e.Tree().Expr())
				if same := types.IsUnknown(want) && types.IsUnknown(got) || !types.IsUnknown(want) && !types.IsUnknown(got) && want.Equal(got) == types.True; !same {
					t.Fatalf("%q is %v, explained as %v", e.Source, want, got)
				}
			}
		}
	})
}

func TestEveryExpressionHasWords(t *testing.T) {
	doc := refundOf(t, "testdata/shop")
	for source, want := range map[string]string{
		`order.delivered && !order.can_redeliver`:        "what was paid for was delivered and it cannot be delivered or credited now",
		`!(order.delivered || task.exists)`:              "what was paid for was not delivered and the request is not about a single task",
		`order.delivered == false`:                       "what was paid for was not delivered",
		`order.delivered ? task.exists : outage.exists`:  "(what was paid for was delivered and the request is about a task) or (what was paid for was not delivered and there was an outage)",
		`!(order.kind in ["pack", "pass"])`:              "the purchase is not “pack” or “unlimited pass”",
		`order.kind != "print"`:                          "the purchase is not “print”",
		`known(order.delivered) && order.delivered`:      "what was paid for was delivered",
		`!known(order.delivered)`:                        "it is not known whether what was paid for was delivered",
		`!known(print.state)`:                            "the state of the print is not known",
		`pack.used == pack.tokens`:                       "credits used = credits in the pack",
		`pack.used * 2 >= pack.tokens - pack.expired`:    "credits used × 2 ≥ credits in the pack − credits expired",
		`captured <= 0`:                                  "no payment was captured",
		`outage.length < settings.outage_length`:         "less than 24 hours of the outage counts",
		`at <= order.paid_at + settings.refund_window`:   "the request came within 7 days from the payment",
		`at > order.paid_at + settings.refund_window`:    "the request did not come within 7 days from the payment",
		`at >= subscription.period_end`:                  "the request came after the end of the paid period",
		`outage.from < order.paid_at`:                    "beginning of the outage earlier than: time of the payment",
		`order.number.startsWith("A")`:                   "a further condition on: order",
		`ground == "other" && order.number.size() > 3`:   "the ground of the request is “another reason” and order > 3",
		`given.screenshot || given.photos || true`:       "a picture of the error was given, photos were given or always",
		`!(pack.used > 1 && (order.delivered || false))`: "credits used ≤ 1 or (what was paid for was not delivered and always)",
	} {
		e, err := doc.Condition(source)
		if err != nil {
			t.Fatal(err)
		}
		if got := (formula{voice: voice{i18n.For(i18n.English)}, doc: doc}).of(e).condition(e.Tree().Expr()); got != want {
			t.Errorf("%s is said as %q, want %q", source, got, want)
		}
	}
}

func TestEveryMessageKnowsItsParameters(t *testing.T) {
	for _, l := range i18n.Languages {
		data, err := os.ReadFile("../i18n/messages/policy." + string(l) + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^(policy\.\S+):`).FindAllStringSubmatch(string(data), -1) {
			if s := (voice{i18n.For(l)}).T(m[1]); strings.Contains(s, "<no value>") {
				t.Errorf("%s in %s has a parameter that words.go does not list: %s", m[1], l, s)
			}
		}
	}
}
