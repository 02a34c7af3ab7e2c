package web

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"safelight/internal/explain"
	"safelight/internal/fact"
	"safelight/internal/i18n"
)

// reasons are those of a bank for a chargeback, as the processor names them.
var reasons = []string{"fraudulent", "unrecognized", "debit_not_authorized", "product_unacceptable", "product_not_received", "duplicate",
	"credit_not_processed", "subscription_canceled", "general"}

// questions fills the form: what every case has, and what the rules for this
// one use.
func (s *Server) questions(v *DecideView, a *asked, names []string) {
	v.Item = Question{Field: a.field("item", "decide.item"), Live: true, Groups: s.items(a)}
	if len(s.Shop.Currencies) > 1 {
		v.Currency = &Question{Field: a.field("currency", "web.currency"), Live: true, Groups: []Choices{{}}}
		for _, c := range s.Shop.Currencies {
			v.Currency.Groups[0].Options = append(v.Currency.Groups[0].Options, Option{Value: string(c), Label: string(c), Checked: c == a.currency})
		}
	}
	v.Times = []Question{a.time("paid", "decide.paid", a.paid), a.time("at", "decide.at", a.at)}
	v.Times[1].Hint = a.p.T("decide.utc")
	v.Ground = Question{Field: a.field("ground", "decide.ground"), Live: true, Groups: a.grounds()}
	for _, name := range names {
		f, single := fact.Lookup(name)
		switch {
		case settled(name):
		case f.Customer() && f.Type != fact.Count:
			v.Given = append(v.Given, Tick{Name: name, Label: a.p.T("decide.ask_" + name), Checked: a.answer(name) == "yes", Wrong: a.wrong[name]})
		case name == "order.captured":
			v.Facts = append(v.Facts, a.charges()...)
		case name == "outage.maintenance":
			for _, n := range []string{"from", "to", "announced"} {
				v.rare(a.moments("work."+n, "decide.work_"+n), a)
			}
		case single && rarely(name):
			v.rare(a.question(f), a)
		case single:
			v.Facts = append(v.Facts, a.question(f))
		}
	}
}

// rare adds a question to those that are folded away until one is answered.
func (v *DecideView) rare(q Question, a *asked) {
	v.Rare = append(v.Rare, q)
	v.RareOpen = v.RareOpen || a.answer(q.Name) != ""
}

func rarely(name string) bool {
	return strings.HasPrefix(name, "account.") || strings.HasPrefix(name, "dispute.") || name == "order.refunded"
}

// field is the field with what was answered, or what is wrong with it.
func (a *asked) field(name, key string) Field {
	return Field{Name: name, Label: a.p.T(key), Value: a.answer(name), Wrong: a.wrong[name], Optional: true, Autocomplete: "off"}
}

func (a *asked) time(name, key string, t time.Time) Question {
	q := a.moments(name, key)
	q.Hint, q.Optional = "", false
	if q.Wrong == "" || q.Value == "" {
		q.Value = browserTime(t)
	}
	return q
}

// moments asks for a time that may be left open.
func (a *asked) moments(name, key string) Question {
	q := Question{Field: a.field(name, key), Step: "any"}
	q.Type = "datetime-local"
	if t, ok := a.moment(name); ok {
		q.Value = browserTime(t)
	}
	q.Hint = a.p.T("decide.empty_unknown")
	return q
}

// browserTime is a time as a field wants it: with seconds where there are any.
func browserTime(t time.Time) string {
	if t.Second() == 0 {
		return t.Format("2006-01-02T15:04")
	}
	return t.Format(typed)
}

// items are what the shop sells, by kind.
func (s *Server) items(a *asked) (all []Choices) {
	for _, i := range s.Catalog.Items() {
		heading := a.p.T("decide.kind_" + string(i.Kind))
		if len(all) == 0 || all[len(all)-1].Heading != heading {
			all = append(all, Choices{Heading: heading})
		}
		name := i.Names[a.p.Lang]
		if name == "" {
			name = i.Names[s.Shop.Languages[0]]
		}
		if price, err := s.Catalog.Amount(i, a.currency, a.now); err == nil {
			name = a.p.T("decide.item_line", i18n.Args{"name": name, "price": a.p.Money(price)})
		}
		last := &all[len(all)-1]
		last.Options = append(last.Options, Option{Value: i.ID, Label: name, Checked: i.ID == a.item.ID})
	}
	return all
}

func (a *asked) grounds() []Choices {
	options := func(all []fact.Ground) (list []Option) {
		for _, g := range all {
			list = append(list, Option{Value: string(g), Label: explain.GroundName(a.p, g), Checked: g == a.ground})
		}
		return list
	}
	kind := string(a.item.Kind)
	return []Choices{{Options: []Option{{Label: a.p.T("decide.ground_choose"), Checked: a.ground == ""}}},
		{Heading: a.p.T("decide.ground_usual"), Options: options(usual[kind])}, {Heading: a.p.T("decide.ground_other"), Options: options(unusual(kind))}}
}

// charges ask what was taken for the order.
func (a *asked) charges() []Question {
	how := Question{Field: a.field("charges", "decide.charges")}
	chosen := or(how.Value, usualCharges(a.ground))
	options := []Option{}
	for _, n := range []string{"0", "1", "2", "3"} {
		options = append(options, Option{Value: n, Label: a.p.T("decide.charges_" + n), Checked: n == chosen})
	}
	how.Groups = []Choices{{Options: options}}
	much := Question{Field: a.field("charged", "decide.charged")}
	much.Hint = a.p.T("decide.wrong_money", args("example", a.price.Decimal()))
	last := a.moments("last", "decide.last")
	last.Hint = a.p.T("decide.last_hint")
	switch a.ground {
	case "duplicate_charge":
		return []Question{how, last}
	case "erroneous_charge":
		return []Question{how, much, last}
	}
	return []Question{how}
}

// question asks for one fact by its type.
func (a *asked) question(f fact.Field) Question {
	q := Question{Field: a.field(f.Name, "decide.ask_"+f.Name)}
	switch {
	case f.Type == fact.Bool:
		q.Groups = a.answers(f.Name, "yes", "no")
	case f.Name == "dispute.reason":
		q.Groups = a.answers(f.Name, reasons...)
	case f.Type == fact.Choice:
		q.Groups = a.answers(f.Name, f.Choices...)
	case f.Type == fact.Time:
		q = a.moments(f.Name, "decide.ask_"+f.Name)
	case f.Type == fact.Count:
		q.Type, q.Step = "number", "1"
	}
	switch f.Name {
	case "outage.to":
		q.Hint = a.p.T("decide.empty_lasting")
	case "dispute.opened_at", "order.refunded", "outage.from":
		q.Hint = a.p.T("decide.empty_none")
	}
	return q
}

// answers are the choices of a question; not to know is one of them.
func (a *asked) answers(name string, values ...string) []Choices {
	chosen := a.answer(name)
	all := []Option{{Label: a.p.T("decide.unknown"), Checked: !slices.Contains(values, chosen)}}
	for _, v := range values {
		label := explain.ChoiceName(a.p, name, v)
		if v == "yes" || v == "no" {
			label = a.p.T("decide." + v)
		}
		all = append(all, Option{Value: v, Label: upper(label), Checked: v == chosen})
	}
	return []Choices{{Options: all}}
}

// upper begins a text with a capital letter.
func upper(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
