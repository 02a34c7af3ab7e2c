package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"safelight/internal/i18n"
	"safelight/internal/shop"
)

// A Unit is what a span counts.
type Unit string

// The units. A day of a window is 24 hours; business days skip Saturdays,
// Sundays and the shop's holidays.
const (
	Minutes      Unit = "minutes"
	Hours        Unit = "hours"
	Days         Unit = "days"
	CalendarDays Unit = "calendar days"
	Weeks        Unit = "weeks"
	BusinessDays Unit = "business days"
)

var unitLength = map[Unit]time.Duration{Minutes: time.Minute, Hours: time.Hour, Days: 24 * time.Hour, CalendarDays: 24 * time.Hour, Weeks: 7 * 24 * time.Hour}

// A Span is a length of time in one unit.
type Span struct {
	N    int
	Unit Unit
}

var spanText = regexp.MustCompile(`^(\d+) (minute|hour|day|calendar day|week|business day)s?$`)

// parseSpan reads "7 days".
func parseSpan(s string) (Span, bool) {
	m := spanText.FindStringSubmatch(s)
	if m == nil {
		return Span{}, false
	}
	n, err := strconv.Atoi(m[1])
	return Span{n, Unit(m[2] + "s")}, err == nil && n > 0 && n <= 100_000
}

// Fixed is the span as a duration; business days have none.
func (s Span) Fixed() (time.Duration, bool) {
	d, ok := unitLength[s.Unit]
	return time.Duration(s.N) * d, ok
}

// After is the last instant of the span that begins at t.
func (s Span) After(t time.Time, holidays []shop.Day) time.Time {
	if d, ok := s.Fixed(); ok {
		return t.Add(d)
	}
	for left := s.N; left > 0; {
		t = t.Add(24 * time.Hour)
		if !off(t, holidays) {
			left--
		}
	}
	return t
}

func off(t time.Time, holidays []shop.Day) bool {
	weekday := t.UTC().Weekday()
	return weekday == time.Saturday || weekday == time.Sunday || slices.Contains(holidays, shop.DayOf(t))
}

// In writes the span in the printer's language: "3 business days".
func (s Span) In(p *i18n.Printer) string {
	return p.N("policy.span_"+strings.ReplaceAll(string(s.Unit), " ", "_"), s.N)
}

func (s Span) String() string { return fmt.Sprintf("%d %s", s.N, s.Unit) }
