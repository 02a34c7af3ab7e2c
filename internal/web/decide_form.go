package web

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"safelight/internal/catalog"
	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/money"
)

// asked is the form as it was sent: what was understood of it, and what is
// wrong with the rest, by field.
type asked struct {
	q        url.Values
	p        *i18n.Printer
	now      time.Time
	item     catalog.Item
	currency money.Currency
	ground   fact.Ground
	paid     time.Time
	at       time.Time
	price    money.Amount
	facts    map[string]any // by group, as JSON has them
	wrong    map[string]string
}

// answer is what was sent, cut to what any answer needs.
func (a *asked) answer(name string) string {
	s := strings.TrimSpace(strings.ToValidUTF8(a.q.Get(name), ""))
	if len(s) > 100 {
		s = s[:100]
	}
	return strings.ToValidUTF8(s, "")
}

func (a *asked) fault(name, key string, args ...i18n.Args) {
	if a.wrong[name] == "" {
		a.wrong[name] = a.p.T(key, args...)
	}
}

// put notes a fact by its name, "pack.used".
func (a *asked) put(name string, v any) {
	group, rest, nested := strings.Cut(name, ".")
	if !nested {
		a.facts[name] = v
		return
	}
	members, _ := a.facts[group].(map[string]any)
	if members == nil {
		members = map[string]any{}
		a.facts[group] = members
	}
	members[rest] = v
}

const typed = "2006-01-02T15:04:05" // as browsers send a time

// layouts are the ways in which a time is understood, all in UTC.
var layouts = []string{"2006-01-02T15:04", typed, "2006-01-02 15:04", "2006-01-02 15:04:05", time.RFC3339, "2006-01-02"}

// moment is a time that was given, and whether it was.
func (a *asked) moment(name string) (time.Time, bool) {
	text := a.answer(name)
	if text == "" {
		return time.Time{}, false
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, text); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t.UTC(), true
		}
	}
	a.fault(name, "decide.wrong_time")
	return time.Time{}, false
}

var (
	wholeNumber = regexp.MustCompile(`^[0-9]{1,15}$`)
	plainAmount = regexp.MustCompile(`^[0-9]{1,12}([.,][0-9]{1,6})?$`)
	plainShare  = regexp.MustCompile(`^(0([.,][0-9]{1,6})?|1([.,]0{1,6})?)$`)
)

func (a *asked) count(name string) (json.Number, bool) {
	text := a.answer(name)
	if text == "" {
		return "", false
	}
	if !wholeNumber.MatchString(text) {
		a.fault(name, "decide.wrong_count")
		return "", false
	}
	n := strings.TrimLeft(text, "0")
	return json.Number(or(n, "0")), true
}

func (a *asked) amount(name string) (money.Amount, bool) {
	text := strings.ReplaceAll(a.answer(name), ",", ".")
	if text == "" {
		return money.Amount{}, false
	}
	_, cents, _ := strings.Cut(text, ".")
	v, err := money.Parse(text, a.price.Currency)
	if err != nil || !plainAmount.MatchString(text) || len(cents) > a.price.Currency.Digits() {
		a.fault(name, "decide.wrong_money", args("example", a.price.Decimal()))
		return money.Amount{}, false
	}
	return v, true
}

// fact reads the answer to one question by the type of its fact.
func (a *asked) fact(f fact.Field) {
	text := a.answer(f.Name)
	switch {
	case text == "":
	case f.Customer() && f.Type != fact.Count:
		a.given(f)
	case f.Type == fact.Bool:
		if text != "yes" && text != "no" {
			a.fault(f.Name, "decide.wrong_choice")
			return
		}
		a.put(f.Name, text == "yes")
	case f.Type == fact.Count:
		if n, ok := a.count(f.Name); ok {
			a.put(f.Name, n)
		}
	case f.Type == fact.Share:
		if !plainShare.MatchString(text) {
			a.fault(f.Name, "decide.wrong_share")
			return
		}
		a.put(f.Name, strings.ReplaceAll(text, ",", "."))
	case f.Type == fact.Money:
		if v, ok := a.amount(f.Name); ok {
			a.put(f.Name, v.Decimal())
		}
	case f.Type == fact.Time:
		if t, ok := a.moment(f.Name); ok {
			a.put(f.Name, t.Format(time.RFC3339))
		}
	case f.Type == fact.Choice && !slices.Contains(f.Choices, text), f.Name == "dispute.reason" && !slices.Contains(reasons, text):
		a.fault(f.Name, "decide.wrong_choice")
	default:
		a.put(f.Name, text)
	}
}

// given puts in what the customer would send along: only that it is there
// matters.
func (a *asked) given(f fact.Field) {
	if a.answer(f.Name) != "yes" {
		a.fault(f.Name, "decide.wrong_choice")
		return
	}
	switch f.Type {
	case fact.Bool:
		a.put(f.Name, true)
	case fact.Time:
		a.put(f.Name, a.paid.Format(time.RFC3339))
	case fact.Money:
		a.put(f.Name, a.price.Decimal())
	default:
		a.put(f.Name, "given")
	}
}

// captured makes the list of payments of what the reader says about them.
func (a *asked) captured() {
	n := a.answer("charges")
	if n == "" {
		n = usualCharges(a.ground)
	}
	i := slices.Index([]string{"0", "1", "2", "3"}, n)
	if i < 0 {
		a.fault("charges", "decide.wrong_choice")
		return
	}
	each, other := a.amount("charged")
	if !other {
		each = a.price
	}
	last, known := a.moment("last")
	if !known {
		last = a.paid.Add(2 * time.Minute)
	} else if last.Before(a.paid) {
		a.fault("last", "decide.wrong_order")
	}
	list := []map[string]any{}
	for k := range i {
		at := a.paid
		if k > 0 {
			at = last
		}
		list = append(list, map[string]any{"id": "charge " + string(rune('1'+k)), "amount": each.Decimal(), "at": at.Format(time.RFC3339)})
	}
	a.put("order.captured", list)
}

func usualCharges(g fact.Ground) string {
	if g == "duplicate_charge" {
		return "2"
	}
	return "1"
}

// maintenance is the one piece of announced work that can be told.
func (a *asked) maintenance() {
	from, begun := a.moment("work.from")
	to, over := a.moment("work.to")
	if !begun || !over {
		return
	}
	if to.Before(from) {
		a.fault("work.to", "decide.wrong_end")
		return
	}
	work := map[string]any{"from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339)}
	if t, ok := a.moment("work.announced"); ok {
		work["announced_at"] = t.Format(time.RFC3339)
	}
	a.put("outage.maintenance", []any{work})
}

// parse makes the case of the facts. What cannot be true together is a fault of
// a field.
func (a *asked) parse() *fact.Case {
	if len(a.wrong) > 0 {
		return nil
	}
	text, err := json.Marshal(a.facts)
	if err != nil {
		a.fault("", "decide.wrong_together")
		return nil
	}
	c, err := fact.Parse(text)
	var wrong *fact.Error
	switch {
	case err == nil:
		return c
	case errors.As(err, &wrong):
		a.contradiction(wrong.Field)
	default:
		a.fault("", "decide.wrong_together")
	}
	return nil
}

// contradiction blames the field that the error names.
func (a *asked) contradiction(field string) {
	switch {
	case field == "at":
		a.fault("at", "decide.wrong_order")
	case field == "outage.to":
		a.fault("outage.to", "decide.wrong_end")
	case strings.HasPrefix(field, "pack."):
		a.fault(field, "decide.wrong_many")
	case strings.HasPrefix(field, "order.captured"):
		a.fault("charged", "decide.wrong_money", args("example", a.price.Decimal()))
	default:
		a.fault(field, "decide.wrong_together")
	}
}
