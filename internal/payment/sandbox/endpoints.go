package sandbox

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"safelight/internal/db"
)

// routes of the API: "*" stands for an id.
var routesOfAPI = map[string]endpoint{
	"POST /v1/checkout/sessions":             (*Server).createSession,
	"GET /v1/checkout/sessions":              lister(kindSession, "payment_intent"),
	"GET /v1/checkout/sessions/*":            getter[session],
	"POST /v1/checkout/sessions/*/expire":    expireSession,
	"GET /v1/checkout/sessions/*/line_items": lineItems,
	"GET /v1/payment_intents":                lister(kindIntent, ""),
	"GET /v1/payment_intents/*":              getter[intent],
	"GET /v1/charges":                        lister(kindCharge, "payment_intent"),
	"GET /v1/charges/*":                      getter[charge],
	"GET /v1/events":                         lister(kindEvent, ""),
	"GET /v1/events/*":                       getter[event],
	"POST /v1/refunds":                       createRefund,
	"GET /v1/refunds":                        lister(kindRefund, "charge"),
	"GET /v1/refunds/*":                      getter[refund],
	"GET /v1/disputes":                       lister(kindDispute, "charge"),
	"GET /v1/disputes/*":                     getter[dispute],
	"POST /v1/disputes/*":                    updateDispute,
	"POST /v1/disputes/*/close":              concedeDispute,
}

// route finds the endpoint and reads the ids out of the path.
func route(c *call) (endpoint, bool) {
	parts := strings.Split(c.path, "/")
	for i, p := range parts {
		if strings.ContainsRune(p, '_') && slices.Contains([]string{"cs", "pi", "ch", "evt", "re", "dp"}, strings.SplitN(p, "_", 2)[0]) {
			c.ids = append(c.ids, p)
			parts[i] = "*"
		}
	}
	do, ok := routesOfAPI[c.method+" "+strings.Join(parts, "/")]
	return do, ok
}

func getter[T object](_ *Server, ctx context.Context, tx *db.Tx, c call) (any, error) {
	if err := c.only(); err != nil {
		return nil, err
	}
	return load[T](ctx, tx, c.ids[0])
}

func lister(kind, parent string) endpoint {
	return func(_ *Server, ctx context.Context, tx *db.Tx, c call) (any, error) {
		p, err := c.page(kind, parent, "type", "types")
		if err != nil {
			return nil, err
		}
		p.parent, p.types = c.text(parent), c.list("types")
		if t := c.text("type"); t != "" {
			p.types = append(p.types, t)
		}
		data, more, err := find(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		l := list{Object: "list", Data: []any{}, HasMore: more, URL: c.path}
		for _, o := range data {
			part, err := shown(o, false)
			if err != nil {
				return nil, err
			}
			l.Data = append(l.Data, part)
		}
		return l, nil
	}
}

func expireSession(_ *Server, ctx context.Context, tx *db.Tx, c call) (any, error) {
	if err := c.only(); err != nil {
		return nil, err
	}
	return expire(ctx, tx, c.ids[0])
}

func lineItems(_ *Server, ctx context.Context, tx *db.Tx, c call) (any, error) {
	cs, err := load[session](ctx, tx, c.ids[0])
	if err != nil {
		return nil, err
	}
	cs.LineItems.URL = c.path
	return cs.LineItems, nil
}

func createRefund(_ *Server, ctx context.Context, tx *db.Tx, c call) (any, error) {
	if err := c.only("charge", "payment_intent", "amount", "reason", "metadata"); err != nil {
		return nil, err
	}
	of := c.text("charge")
	if pi := c.text("payment_intent"); pi != "" && of == "" {
		i, err := load[intent](ctx, tx, pi)
		if err != nil {
			return nil, err
		}
		of = string(i.LatestCharge)
	}
	if of == "" {
		return nil, invalid("", "parameter_missing", "One of the following params should be provided for this request: payment_intent or charge.")
	}
	amount, err := c.number("amount", 0)
	if err != nil {
		return nil, err
	}
	if c.form.Has("amount") && amount < 1 {
		return nil, invalid("amount", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	return giveBack(ctx, tx, of, amount, c.text("reason"), c.dict("metadata"))
}

func updateDispute(_ *Server, ctx context.Context, tx *db.Tx, c call) (any, error) {
	if err := c.only("evidence", "submit", "metadata"); err != nil {
		return nil, err
	}
	return answerDispute(ctx, tx, c.ids[0], c.dict("evidence"), c.text("submit") == "true")
}

func concedeDispute(_ *Server, ctx context.Context, tx *db.Tx, c call) (any, error) {
	return closeDispute(ctx, tx, c.ids[0], "lost")
}

// expanded writes an answer in which the named ids are replaced by the
// objects themselves, up to four levels deep.
func expanded(ctx context.Context, tx *db.Tx, o any, paths []string) ([]byte, error) {
	data, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	if _, isList := o.(list); !isList {
		if data, err = shown(data, slices.Contains(paths, "line_items")); err != nil {
			return nil, err
		}
	}
	if len(paths) == 0 {
		return data, nil
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	for _, p := range paths {
		steps := strings.Split(p, ".")
		if len(steps) > 4 {
			return nil, invalid("expand", "", "You cannot expand more than 4 levels of a property.")
		}
		if err := expandAt(ctx, tx, tree, steps); err != nil {
			return nil, err
		}
	}
	return json.Marshal(tree)
}

func expandAt(ctx context.Context, tx *db.Tx, at any, steps []string) error {
	if all, ok := at.([]any); ok {
		for _, o := range all {
			if err := expandAt(ctx, tx, o, steps); err != nil {
				return err
			}
		}
		return nil
	}
	o, ok := at.(map[string]any)
	if !ok || len(steps) == 0 {
		return nil
	}
	if ref, ok := o[steps[0]].(string); ok && ref != "" {
		data, err := raw(ctx, tx, ref)
		if err != nil {
			return invalid("expand", "", "This property cannot be expanded ("+steps[0]+").")
		}
		part, err := shown(data, false)
		if err != nil {
			return err
		}
		var inner any
		if err := json.Unmarshal(part, &inner); err != nil {
			return err
		}
		o[steps[0]] = inner
	}
	return expandAt(ctx, tx, o[steps[0]], steps[1:])
}
