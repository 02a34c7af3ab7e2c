package fact

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"

	"safelight/internal/money"
)

// MarshalJSON writes what is known, as [Parse] reads it: the same bytes for the
// same case.
func (c *Case) MarshalJSON() ([]byte, error) {
	all := map[string]any{}
	put := func(name string, v any) {
		group, rest, nested := strings.Cut(name, ".")
		if !nested {
			all[name] = v
			return
		}
		if all[group] == nil {
			all[group] = map[string]any{}
		}
		all[group].(map[string]any)[rest] = v
	}
	if c.Task.Exists {
		all["task"] = map[string]any{}
	}
	for _, f := range Fields {
		if v, known := written(f.at(c)); known {
			put(f.Name, v)
		}
	}
	if len(c.Order.Captured) > 0 {
		list := []map[string]any{}
		for _, one := range c.Order.Captured {
			list = append(list, map[string]any{"id": one.ID, "amount": one.Amount.Decimal(), "at": one.At.UTC().Format(time.RFC3339Nano)})
		}
		put("order.captured", list)
	}
	if len(c.Outage.Maintenance) > 0 {
		list := []map[string]any{}
		for _, m := range c.Outage.Maintenance {
			one := map[string]any{"from": m.From.UTC().Format(time.RFC3339Nano), "to": m.To.UTC().Format(time.RFC3339Nano)}
			if m.AnnouncedAt != nil {
				one["announced_at"] = m.AnnouncedAt.UTC().Format(time.RFC3339Nano)
			}
			list = append(list, one)
		}
		put("outage.maintenance", list)
	}
	return json.Marshal(all)
}

func written(at any) (any, bool) {
	switch p := at.(type) {
	case **bool:
		return *p, *p != nil
	case **int64:
		return *p, *p != nil
	case **string:
		return *p, *p != nil
	case **time.Time:
		if *p == nil {
			return nil, false
		}
		return (*p).UTC().Format(time.RFC3339Nano), true
	case **money.Amount:
		if *p == nil {
			return nil, false
		}
		return (*p).Decimal(), true
	case **big.Rat:
		if *p == nil {
			return nil, false
		}
		n, _ := (*p).FloatPrec()
		return (*p).FloatString(n), true
	}
	panic("fact: a field has no writer: " + strconv.Quote("?"))
}
