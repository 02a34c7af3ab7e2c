package fact

import "math"

// Validate finds what cannot be true together. The error is an [*Error].
func (c *Case) Validate() error {
	switch {
	case c.At == nil:
		return wrong("at", "is missing")
	case c.Ground == nil:
		return wrong("ground", "is missing")
	case c.Order.PaidAt != nil && c.At.Before(*c.Order.PaidAt):
		return wrong("at", "is before order.paid_at")
	case c.Outage.From != nil && c.Outage.To != nil && c.Outage.To.Before(*c.Outage.From):
		return wrong("outage.to", "is before outage.from")
	}
	if err := c.Pack.check(); err != nil {
		return err
	}
	return c.sum()
}

func (p Pack) check() error {
	n := func(v *int64) int64 {
		if v == nil {
			return 0
		}
		return *v
	}
	switch {
	case p.Tokens != nil && n(p.Used) > *p.Tokens:
		return wrong("pack.used", "more tokens than the pack has")
	case p.Tokens != nil && n(p.Expired) > *p.Tokens-n(p.Used):
		return wrong("pack.expired", "with pack.used more tokens than the pack has")
	case p.FreeTokens != nil && n(p.FreeUsed) > *p.FreeTokens:
		return wrong("pack.free_used", "more tokens than were free")
	}
	return nil
}

// sum sees that what was captured can be added up.
func (c *Case) sum() error {
	total := int64(0)
	for _, one := range c.Order.Captured {
		if one.Amount.Minor > math.MaxInt64-total {
			return wrong("order.captured", "the sum does not fit in 64 bits")
		}
		total += one.Amount.Minor
	}
	return nil
}
