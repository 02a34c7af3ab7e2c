package explain

import (
	"math/big"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/policy"
)

// A voice writes what the policy has to say in one language.
type voice struct{ *i18n.Printer }

// spoken holds messages before their parameters are filled in, by language and
// key.
var spoken sync.Map

type spokenKey struct {
	lang i18n.Lang
	key  string
}

// parameters are the names in this package's messages.
var parameters = func() i18n.Args {
	all := i18n.Args{}
	for _, name := range strings.Fields("n what value limit amount fee from to at by since span about title shop version date time day month year " +
		"clause contact law seller number unit if then otherwise left lang text") {
		all[name] = "{{." + name + "}}"
	}
	return all
}()

// T is the message with its parameters, given as name and value in turn.
func (v voice) T(key string, pairs ...string) string {
	raw := v.raw(key)
	if len(pairs) == 0 {
		return raw
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(raw, "{{.")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}}")
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				b.WriteString(pairs[i+1])
			}
		}
		raw = after
	}
}

func (v voice) raw(key string) string {
	if s, ok := spoken.Load(spokenKey{v.Lang, key}); ok {
		return s.(string)
	}
	s := v.Printer.T(key, parameters)
	spoken.Store(spokenKey{v.Lang, key}, s)
	return s
}

// named is the message of a thing of some kind: "fact", "order.kind".
func (v voice) named(kind string, names ...string) string {
	return v.raw("policy." + kind + "." + strings.Join(names, "."))
}

// fill is such a message with parameters.
func (v voice) fill(kind, name string, pairs ...string) string {
	return v.T("policy."+kind+"."+name, pairs...)
}

// has reports whether there is such a message.
func (v voice) has(kind, name string) bool {
	return !strings.HasPrefix(v.named(kind, name), "[")
}

func (v voice) span(key string, s policy.Span) string {
	return v.N(key+strings.ReplaceAll(string(s.Unit), " ", "_"), s.N)
}

// money writes an amount with all its decimals, at most six; exact is false
// where more would be needed.
func (v voice) money(r *big.Rat, c money.Currency) (text string, exact bool) {
	if c == "" {
		return v.Exact(r, 0)
	}
	_, exact = v.Exact(r, 0)
	return strings.Replace(v.Price(r.FloatString(6), c), "-", "−", 1), exact
}

// date is a day in UTC.
func (v voice) date(t time.Time) string {
	t = t.UTC()
	return v.T("i18n.date", "day", strconv.Itoa(t.Day()), "month", v.month(t.Month()), "year", t.Format("2006"))
}

func (v voice) month(m time.Month) string {
	left := v.raw("i18n.months")
	for ; m > time.January; m-- {
		_, left, _ = strings.Cut(left, " ")
	}
	name, _, _ := strings.Cut(left, " ")
	return name
}

// moment is a time in UTC to the second, or to its fraction where it has one.
func (v voice) moment(t time.Time) string {
	clock := t.UTC().Format("15:04:05.999999999")
	if v.Lang == i18n.Russian {
		clock = strings.Replace(clock, ".", ",", 1)
	}
	return v.T("i18n.date_time", "date", v.date(t), "time", clock)
}

// length writes a duration: "23 hours 59 minutes 59 seconds".
func (v voice) length(d time.Duration) string {
	var parts []string
	take := func(key string, unit time.Duration, least time.Duration) {
		if n := d / unit; n > 0 && d >= least {
			parts = append(parts, v.N(key, int(n)))
			d -= n * unit
		}
	}
	take("policy.span_days", 24*time.Hour, 72*time.Hour)
	take("policy.span_hours", time.Hour, time.Hour)
	take("policy.span_minutes", time.Minute, time.Minute)
	switch {
	case d%time.Second != 0:
		n, _ := v.Exact(big.NewRat(int64(d), int64(time.Second)), 0)
		parts = append(parts, v.T("policy.seconds_fraction", "n", n))
	case d > 0 || len(parts) == 0:
		parts = append(parts, v.N("policy.seconds", int(d/time.Second)))
	}
	return strings.Join(parts, " ")
}

// first makes the first letter large.
func first(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}
