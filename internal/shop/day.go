package shop

import (
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
)

// A Day is a date, written 2026-01-01.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the date of the moment t in UTC.
func DayOf(t time.Time) Day {
	y, m, d := t.UTC().Date()
	return Day{y, m, d}
}

// UnmarshalYAML reads a date that exists.
func (d *Day) UnmarshalYAML(data []byte) error {
	var text string
	if err := yaml.Unmarshal(data, &text); err != nil {
		return err
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return fmt.Errorf("%q is not a date like 2026-01-01", text)
	}
	*d = DayOf(t)
	return nil
}

// inOrder reports whether each day comes after the one before.
func inOrder(days []Day) bool {
	for i := 1; i < len(days); i++ {
		if !days[i].Start().After(days[i-1].Start()) {
			return false
		}
	}
	return true
}

// Start is the day's first moment in UTC.
func (d Day) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// String writes the date as it is read.
func (d Day) String() string { return d.Start().Format(time.DateOnly) }

// Works reports whether the moment t is on a business day of the shop, in UTC:
// neither a Saturday nor a Sunday nor one of its holidays.
func (s *Shop) Works(t time.Time) bool {
	switch t.UTC().Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	return !slices.Contains(s.Holidays, DayOf(t))
}
