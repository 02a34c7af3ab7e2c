package policy

import (
	"fmt"
	"math/big"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"safelight/internal/fact"
	"safelight/internal/money"
)

// An Evaluation is a case as the expressions of a rule see it, so that who
// explains a decision has the very values that made it. What is not known is a
// value for which [types.IsUnknown] holds.
type Evaluation struct{ in scene }

// Evaluate looks at the case through the document, with the values that the
// rule names worked out; without a rule there are none of these. c.At is set.
func (d *Document) Evaluate(c *fact.Case, r *Rule) *Evaluation {
	e := &Evaluation{scene{c: c, doc: d}}
	if r == nil {
		return e
	}
	e.in.lets = make(map[string]ref.Val, len(r.Let))
	for _, l := range r.Let {
		e.in.lets[l.Name] = l.Is.eval(&e.in)
	}
	return e
}

// Facts are those of the case.
func (e *Evaluation) Facts() *fact.Case { return e.in.c }

// Of is the value of an expression.
func (e *Evaluation) Of(x *Expr) ref.Val { return x.eval(&e.in) }

// Value is what a name stands for: a fact, what is derived from facts, a
// setting, or what the rule names; false where it stands for nothing here.
func (e *Evaluation) Value(name string) (ref.Val, bool) {
	v, ok := e.in.ResolveName(name)
	if !ok {
		return unknown, false
	}
	return v.(ref.Val), true
}

// Currency is the order's; empty where it is not known.
func (e *Evaluation) Currency() money.Currency { return e.in.currency() }

// Units is how many of the smallest units one unit of the currency has.
func (e *Evaluation) Units() int64 { return e.in.units() }

// Rounded is money in the smallest unit, half up, as decisions round it.
func (e *Evaluation) Rounded(q *big.Rat) int64 { return e.in.rounded(q) }

// Minor is the money that a name stands for, in the smallest unit; 0 where it
// is not known.
func (e *Evaluation) Minor(name string) int64 {
	if v, _ := e.Value(name); !types.IsUnknown(v) {
		if q, ok := v.(Quantity); ok {
			return e.in.rounded(q.Rat)
		}
	}
	return 0
}

// Condition reads a condition in the document's language.
func (d *Document) Condition(source string) (*Expr, error) {
	speak, err := vocabulary(d.Settings)
	if err != nil {
		return nil, err
	}
	e, _, err := speak.compile(source, types.BoolType)
	if err != nil {
		return nil, fmt.Errorf("policy: condition: %w", err)
	}
	return e, nil
}
