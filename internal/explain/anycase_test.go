package explain

import (
	"math/big"
	"strconv"
	"time"

	"pgregory.net/rapid"

	"safelight/internal/fact"
	"safelight/internal/money"
)

// made is about when the made-up cases happen.
var made = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

var (
	anyMoment = rapid.Map(rapid.IntRange(-40*24*3600, 40*24*3600), func(s int) time.Time { return made.Add(time.Duration(s) * time.Second) })
	anyMinor  = rapid.OneOf(rapid.Int64Range(0, 30_000), rapid.SampledFrom([]int64{0, 1, 1490, 82000, money.Max / 4}))
	anyCount  = rapid.OneOf(rapid.Int64Range(0, 5), rapid.SampledFrom([]int64{7, 100, 300, 1_000_000, 1 << 60}))
)

// anyCase is a case with any of its facts given.
func anyCase(t *rapid.T) *fact.Case {
	c := &fact.Case{}
	currency := rapid.SampledFrom([]string{"USD", "RUB", "JPY", "KWD"}).Draw(t, "currency")
	amount := func(name string) money.Amount { return money.Of(anyMinor.Draw(t, name), money.Currency(currency)) }
	for _, f := range fact.Fields {
		if f.Name != "at" && f.Name != "ground" && rapid.IntRange(0, 2).Draw(t, f.Name+" is given") == 0 {
			continue
		}
		switch p := f.At(c).(type) {
		case **bool:
			v := rapid.Bool().Draw(t, f.Name)
			*p = &v
		case **int64:
			v := anyCount.Draw(t, f.Name)
			*p = &v
		case **string:
			v := rapid.SampledFrom(append([]string{"fraudulent", "duplicate", "another reason"}, f.Choices...)).Draw(t, f.Name)
			if len(f.Choices) > 0 {
				v = rapid.SampledFrom(f.Choices).Draw(t, f.Name)
			}
			*p = &v
		case **time.Time:
			v := anyMoment.Draw(t, f.Name)
			*p = &v
		case **money.Amount:
			v := amount(f.Name)
			*p = &v
		case **big.Rat:
			*p = big.NewRat(rapid.Int64Range(0, 1_000_000).Draw(t, f.Name), 1_000_000)
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "captures") {
		c.Order.Captured = append(c.Order.Captured, fact.Capture{ID: "ch-" + strconv.Itoa(i), Amount: amount("capture"), At: anyMoment.Draw(t, "captured")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "works") {
		from := anyMoment.Draw(t, "work")
		m := fact.Maintenance{From: from, To: from.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "length")) * time.Second)}
		if announced := anyMoment.Draw(t, "announced"); announced.Before(from) {
			m.AnnouncedAt = &announced
		}
		c.Outage.Maintenance = append(c.Outage.Maintenance, m)
	}
	c.Task.Exists = c.Task != fact.Task{}
	consistent(c, currency)
	return c
}

// consistent takes back what could not be read.
func consistent(c *fact.Case, currency string) {
	c.Order.Currency = &currency
	if c.Order.PaidAt != nil && c.At.Before(*c.Order.PaidAt) {
		c.At, c.Order.PaidAt = c.Order.PaidAt, c.At
	}
	if c.Outage.From != nil && c.Outage.To != nil && c.Outage.To.Before(*c.Outage.From) {
		c.Outage.From, c.Outage.To = c.Outage.To, c.Outage.From
	}
	if p := &c.Pack; p.Tokens != nil {
		for _, part := range []**int64{&p.Used, &p.Expired} {
			if *part != nil {
				v := **part % (*p.Tokens/2 + 1)
				*part = &v
			}
		}
	}
}
