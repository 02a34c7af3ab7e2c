package explain

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"safelight/internal/i18n"
	"safelight/internal/policy"
)

var update = flag.Bool("update", false, "write the letters anew")

// refundOf is the refund policy of a shop's folder.
func refundOf(t testing.TB, dir string) *policy.Document {
	t.Helper()
	set, err := policy.LoadShop(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set[policy.Refund]
}

// cases are the worked examples of the test shop, by name.
func cases(t testing.TB) (*policy.Document, map[string]*policy.Decision) {
	d := refundOf(t, "testdata/shop")
	all := map[string]*policy.Decision{}
	for _, e := range d.Examples() {
		all[e.Titles[i18n.English]] = d.Decide(e.Facts)
	}
	return d, all
}

func TestLettersReadAsTheyDid(t *testing.T) {
	_, all := cases(t)
	for name, d := range all {
		for _, l := range i18n.Languages {
			file, got := filepath.Join("testdata", "letters", name+"."+string(l)+".txt"), Letter(d, l)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(file); err != nil || string(want) != got {
				t.Errorf("%s is (%v)\n%s", file, err, got)
			}
		}
	}
}

func TestALetterIsComplete(t *testing.T) {
	doc, all := cases(t)
	outcomes := map[policy.Outcome]bool{}
	for name, d := range all {
		outcomes[d.Outcome] = true
		for _, l := range i18n.Languages {
			v, letter, text := voice{i18n.For(l)}, Letter(d, l), doc.In(l)
			wants := []string{v.named("about", *d.Facts().Ground), v.moment(*d.Facts().At), doc.Version, v.named("prevails", "en"), text.Title,
				"The law of Ireland applies.", "Test Shop Ltd, registered under No. 000000, VAT No. IE0000000, 1 Example Street, Example Town", "billing@example.com"}
			for _, id := range d.Clauses {
				c, _ := text.Clause(id)
				wants = append(wants, v.T("policy.clause_title", "number", c.Number(), "title", c.Title))
				for _, p := range policy.Passages(c.Body) {
					wants = append(wants, p.Text)
				}
			}
			for _, s := range Steps(d, l) {
				wants = append(wants, s.Text+": "+s.Value)
			}
			for _, want := range append(wants, next(v, d)...) {
				if !strings.Contains(letter, want) {
					t.Errorf("%s in %s does not say %q:\n%s", name, l, want, letter)
				}
			}
		}
	}
	if len(outcomes) != 4 {
		t.Errorf("the cases have the outcomes %v alone", outcomes)
	}
}

// next is what the letter must say of what happens now.
func next(v voice, d *policy.Decision) []string {
	switch {
	case d.Outcome == policy.Deny:
		return []string{v.T("policy.next_claim", "contact", "billing@example.com", "span", v.span("policy.span_", policy.Span{N: 10, Unit: policy.CalendarDays}))}
	case d.Outcome == policy.Review:
		return []string{v.moment(*d.ReviewBy)}
	case d.Outcome == policy.Incomplete:
		return []string{v.named("send", d.Missing[0]), v.moment(d.Window.Closes)}
	case d.Remedies[0] == policy.Money:
		return []string{v.moment(*d.SettleBy), v.Money(*d.Amount)}
	}
	return []string{writer{newTeller(d, v.Lang)}.granted(d.Remedies[0])}
}

func TestStepsHoldTheExactArithmetic(t *testing.T) {
	_, all := cases(t)
	for name, want := range map[string]string{
		"outage-with-tokens-left": `Period: 3 days from the end of the outage | from 12 March 2026, 06:00:00 UTC to 15 March 2026, 06:00:00 UTC
Request received | 13 March 2026, 09:00:00 UTC, in time
Tokens left | 300 − 80 − 20 = 200
Price of one token | 1,799.00 ÷ 300 ≈ €5.996667
Amount | 200 × (1,799.00 ÷ 300) ≈ €1,199.333333
Rounded half up to 0.01 | €1,199.33`,
		"charged-twice-and-partly-returned": `Period: 7 days from the latest extra charge | from 11 March 2026, 10:02:00 UTC to 18 March 2026, 10:02:00 UTC
Request received | 13 March 2026, 09:00:00 UTC, in time
Charged in all | 14.90 + 14.90 = €29.80
What was charged beyond the price and not returned | 29.80 − 14.90 = €14.90
The most that can be returned | €14.90
At most what is left of the payment | 29.80 − 25.00 = €4.80`,
		"cancelled-commission": `Charged in all | €99.99
What is left of the payment | 99.99 − 0.00 = €99.99
Amount | €99.99
Fee kept back | 99.99 × 25 % = €24.9975
Rounded half up to 0.01 | €25.00
Returned after the fee | 99.99 − 25.00 = €74.99`,
		"outage-with-announced-work": `Time of the outage that is counted | from 11 March 2026, 00:00:00 UTC to 12 March 2026, 06:00:00 UTC
Length of the outage | 30 hours
Announced work that is cut out | from 11 March 2026, 12:00:00 UTC to 11 March 2026, 15:00:00 UTC, announced on 9 March 2026, 12:00:00 UTC
Length that counts | 15 hours < 24 hours`,
		"outage-with-no-tokens-left": `Tokens left | 100 − 100 − 0 = 0
Price of one token | 14.90 ÷ 100 = €0.149
Amount | 0 × 0.149 = €0.00
Nothing is left to return | €0.00`,
		"outage-of-unknown-extent": `Period: 3 days from the end of the outage | from 12 March 2026, 06:00:00 UTC to 15 March 2026, 06:00:00 UTC
Request received | 13 March 2026, 09:00:00 UTC, in time`,
		"another-reason": "",
	} {
		var got []string
		for _, s := range Steps(all[name], i18n.English) {
			got = append(got, plainSpaces.Replace(s.Text+" | "+s.Value))
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: the steps are\n%s\nwant\n%s", name, strings.Join(got, "\n"), want)
		}
	}
}

// internal finds names that are for policies, not for people.
var internal = regexp.MustCompile(`\b(given|order|pack|pass|task|subscription|commission|print|outage|account|dispute|settings|policy|fact)\.[a-z_]+|\b[a-z]+_[a-z_]+\b|\[policy|\{\{|<no value>`)

func TestLettersAreForPeopleWhateverTheCase(t *testing.T) {
	var docs []*policy.Document
	for _, name := range []string{"testdata/shop", "../../shops/opendream", "../../shops/winno", "../../shops/aijet", "../../shops/neiroset"} {
		docs = append(docs, refundOf(t, name))
	}
	addresses := regexp.MustCompile(`\S+@\S+`)
	rapid.Check(t, func(t *rapid.T) {
		doc := rapid.SampledFrom(docs).Draw(t, "shop")
		c := anyCase(t)
		d := doc.Decide(c)
		for _, l := range i18n.Languages {
			letter := addresses.ReplaceAllString(Letter(d, l), "")
			if found := internal.FindString(letter); found != "" {
				t.Fatalf("%q stands in the letter:\n%s", found, letter)
			}
			for _, s := range Steps(d, l) {
				if s.Text == "" || s.Value == "" {
					t.Fatalf("a step without words: %q, %q", s.Text, s.Value)
				}
			}
			if letter != addresses.ReplaceAllString(Letter(d, l), "") {
				t.Fatal("the second letter differs")
			}
		}
	})
}

func TestALetterCitesNoOtherClause(t *testing.T) {
	for _, name := range []string{"testdata/shop", "../../shops/neiroset"} {
		doc := refundOf(t, name)
		for _, e := range doc.Examples() {
			d := doc.Decide(e.Facts)
			var cited []string
			for _, p := range Paragraphs(d, i18n.English) {
				for _, b := range p.Blocks {
					if b.Quote != nil {
						cited = append(cited, b.Quote.Clause)
					}
				}
			}
			if strings.Join(cited, " ") != strings.Join(d.Clauses, " ") {
				t.Errorf("%s: quotes %v, decided by %v", e.Title(i18n.English, doc.Prevailing), cited, d.Clauses)
			}
		}
	}
}
