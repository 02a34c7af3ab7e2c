package sandbox

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// The API's forms name nested fields with brackets:
// line_items[0][price_data][currency].

func (c call) text(name string) string { return c.form.Get(name) }

// number reads an integer; an absent one is otherwise.
func (c call) number(name string, otherwise int64) (int64, error) {
	v := c.form.Get(name)
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, invalid(name, "parameter_invalid_integer", "Invalid integer: "+v)
	}
	return n, nil
}

// list reads name[]=…, name[0]=…, name[1]=…; their order has no meaning.
func (c call) list(name string) []string {
	all := slices.Clone(c.form[name+"[]"])
	for _, v := range c.dict(name) {
		if v != "" {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// dict reads name[key]=value.
func (c call) dict(name string) meta {
	m := meta{}
	for k, v := range c.form {
		rest, ok := strings.CutPrefix(k, name+"[")
		if key, closed := strings.CutSuffix(rest, "]"); ok && closed && key != "" && !strings.ContainsAny(key, "[]") {
			m[key] = v[0]
		}
	}
	return m
}

// only refuses parameters that the endpoint does not have, as the real API
// does.
func (c call) only(names ...string) error {
	for k := range c.form {
		root, _, _ := strings.Cut(k, "[")
		if !slices.Contains(names, root) && root != "expand" {
			return invalid(k, "parameter_unknown", "Received unknown parameter: "+k)
		}
	}
	return nil
}

// paging are the parameters of every list.
var paging = []string{"limit", "starting_after", "ending_before", "created"}

func (c call) page(kind string, names ...string) (page, error) {
	p := page{kind: kind, after: c.text("starting_after"), before: c.text("ending_before"), to: math.MaxInt64}
	if err := c.only(append(names, paging...)...); err != nil {
		return p, err
	}
	limit, err := c.number("limit", 10)
	if err != nil || limit < 1 || limit > 100 {
		return p, invalid("limit", "parameter_invalid_integer", "The limit must be from 1 to 100.")
	}
	p.limit = int(limit)
	for bound, set := range map[string]func(int64){
		"created":      func(n int64) { p.from, p.to = micros(n), micros(n+1)-1 },
		"created[gte]": func(n int64) { p.from = micros(n) },
		"created[gt]":  func(n int64) { p.from = micros(n + 1) },
		"created[lte]": func(n int64) { p.to = micros(n+1) - 1 },
		"created[lt]":  func(n int64) { p.to = micros(n) - 1 },
	} {
		if n, err := c.number(bound, -1); err != nil {
			return p, err
		} else if c.form.Has(bound) {
			set(n)
		}
	}
	return p, nil
}

func micros(seconds int64) int64 {
	const most = math.MaxInt64/1_000_000 - 1
	return max(-most, min(most, seconds)) * 1_000_000
}
