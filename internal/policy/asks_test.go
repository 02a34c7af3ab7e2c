package policy

import (
	"reflect"
	"slices"
	"testing"

	"safelight/internal/fact"
)

func clearField(c *fact.Case, f fact.Field) { reflect.ValueOf(f.At(c)).Elem().SetZero() }

func TestAFormAsksOnlyWhatTheRulesForTheGroundUse(t *testing.T) {
	for _, c := range []struct {
		shop, kind string
		ground     fact.Ground
		want, not  []string
	}{
		{"neiroset", "pack", "outage", []string{"pack.used", "pack.expired", "outage.from", "outage.to", "outage.maintenance", "given.access_attempts"},
			[]string{"pass.generations", "print.state", "order.delivered"}},
		{"neiroset", "pass", "outage", []string{"pass.generations", "outage.from"}, []string{"pack.used"}},
		{"winno", "print", "print_defect", []string{"print.fault", "print.state", "given.photos"}, []string{"outage.from", "pack.used"}},
		{"winno", "commission", "cancel_commission", []string{"commission.stage"}, []string{"print.state", "given.photos"}},
		{"opendream", "pack", "duplicate_charge", []string{"order.captured"}, []string{"outage.from", "pack.used", "order.delivered"}},
	} {
		set, err := LoadShop("../../shops/" + c.shop)
		if err != nil {
			t.Fatal(err)
		}
		got := set[Refund].Asks(c.ground, c.kind)
		for _, name := range c.want {
			if !slices.Contains(got, name) {
				t.Errorf("%s, %s on a %s does not ask for %s: %v", c.shop, c.ground, c.kind, name, got)
			}
		}
		for _, name := range c.not {
			if slices.Contains(got, name) {
				t.Errorf("%s, %s on a %s asks for %s: %v", c.shop, c.ground, c.kind, name, got)
			}
		}
	}
}

// TestWhatIsNotAskedChangesNothing tries the worked examples of the shops with
// all facts that the form does not ask for taken away.
func TestWhatIsNotAskedChangesNothing(t *testing.T) {
	for _, name := range []string{"opendream", "winno", "aijet", "neiroset"} {
		set, err := LoadShop("../../shops/" + name)
		if err != nil {
			t.Error(err)
			continue
		}
		d := set[Refund]
		for _, e := range d.Examples() {
			if e.Facts.Order.Kind == nil {
				continue
			}
			asks := d.Asks(fact.Ground(*e.Facts.Ground), *e.Facts.Order.Kind)
			less := *e.Facts
			for _, f := range fact.Fields {
				if !slices.Contains(asks, f.Name) && !slices.Contains([]string{"at", "ground", "lang", "order.kind", "order.currency", "order.amount", "order.paid_at"}, f.Name) {
					clearField(&less, f)
				}
			}
			if !slices.Contains(asks, "order.captured") {
				less.Order.Captured = nil
			}
			a, b := d.Decide(e.Facts), d.Decide(&less)
			if a.Outcome != b.Outcome || !slices.Equal(a.Clauses, b.Clauses) {
				t.Errorf("%s, line %d: %s %v, and without what is not asked %s %v", name, e.Line, a.Outcome, a.Clauses, b.Outcome, b.Clauses)
			}
		}
	}
}
