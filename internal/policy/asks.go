package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"safelight/internal/fact"
)

// Asks names the facts that the rules for this ground can use for a purchase of
// this kind, in the order of [fact.Fields], with order.captured after
// order.paid_at and outage.maintenance after outage.complete: so that a form
// asks nothing that would change nothing.
func (d *Document) Asks(g fact.Ground, kind string) []string {
	c := &fact.Case{}
	text := string(g)
	c.Ground, c.Order.Kind = &text, &kind
	look := &glance{scene{c: c, doc: d}}
	used := map[string]bool{}
	for _, r := range d.byGround[g] {
		applies := look.truth(r.Applies)
		if applies == no {
			continue
		}
		r.uses(used)
		if applies == yes && r.Branches[len(r.Branches)-1].When == nil {
			break // always decides: nothing after it is tried
		}
	}
	return slices.DeleteFunc(slices.Clone(askable), func(name string) bool { return !used[name] })
}

// uses notes the facts that the rule can use.
func (r *Rule) uses(all map[string]bool) {
	for _, name := range r.everything {
		all[name] = true
		for _, from := range sources[name] {
			all[from] = true
		}
	}
	for _, names := range r.Evidence.Need {
		for _, name := range names {
			all[name] = true
		}
	}
	for _, b := range r.Branches {
		if b.Amount != nil { // it is at most what is left of the payment
			all["order.captured"], all["order.refunded"] = true, true
		}
	}
}

// askable are all facts in the order in which a form asks for them.
var askable = func() (all []string) {
	for _, f := range fact.Fields {
		all = append(all, f.Name)
		switch f.Name {
		case "order.paid_at":
			all = append(all, "order.captured")
		case "outage.complete":
			all = append(all, "outage.maintenance")
		}
	}
	return all
}()

// A glance is a case of which nothing is known but its kind and its ground; the
// usual thing is not assumed either.
type glance struct{ of scene }

// ResolveName implements interpreter.Activation.
func (g *glance) ResolveName(name string) (any, bool) {
	v, ok := g.of.ResolveName(name)
	if ok && name != "order.kind" && name != "ground" && !strings.HasPrefix(name, "settings.") {
		return unknown, true
	}
	return v, ok
}

// Parent implements interpreter.Activation.
func (*glance) Parent() interpreter.Activation { return nil }

// truth is what is certain whatever else there is to know.
func (g *glance) truth(e *Expr) truth {
	if e == nil {
		return yes
	}
	plain := !slices.ContainsFunc(e.Uses, func(name string) bool { return name != "order.kind" })
	if strings.Contains(e.Source, "known(") && !plain {
		return maybe
	}
	v, _, err := e.run.Eval(g)
	if err != nil {
		return maybe
	}
	return certain(v)
}

func certain(v ref.Val) truth {
	switch v {
	case types.True:
		return yes
	case types.False:
		return no
	}
	return maybe
}
