package explain

import (
	"math/big"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// formula writes expressions for people. With a scene, names are written as
// their values; without one, as their labels.
type formula struct {
	voice
	doc   *policy.Document
	scene *policy.Evaluation // nil: no case
	rule  *policy.Rule
	tree  *ast.AST // of the expression being written
}

func (f formula) of(e *policy.Expr) formula {
	f.tree = e.Tree()
	return f
}

// name is the fact, setting or figure that the expression is; "" where it is
// none.
func (f formula) name(e ast.Expr) string {
	if r := f.tree.ReferenceMap()[e.ID()]; r != nil {
		return r.Name
	}
	return ""
}

// signs of arithmetic with how strongly they bind.
var signs = map[string]struct {
	text  string
	binds int
}{operators.Add: {" + ", 1}, operators.Subtract: {" − ", 1}, operators.Multiply: {" × ", 2}, operators.Divide: {" ÷ ", 2}}

// arithmetic writes the expression; what binds less strongly than its
// surroundings stands in parentheses.
func (f formula) arithmetic(e ast.Expr, binds int) string {
	if name := f.name(e); name != "" {
		return f.leaf(name, binds)
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return f.value(e.AsLiteral())
	case ast.CallKind:
		return f.call(e.AsCall(), binds)
	}
	return f.T("policy.not_known")
}

func (f formula) call(c ast.CallExpr, binds int) string {
	args := c.Args()
	switch sign, ok := signs[c.FunctionName()]; {
	case ok:
		s := f.arithmetic(args[0], sign.binds) + sign.text + f.arithmetic(args[1], sign.binds+1)
		if sign.binds < binds {
			return "(" + s + ")"
		}
		return s
	case c.FunctionName() == operators.Index:
		return f.row(args[0], args[1])
	case c.FunctionName() == operators.Conditional && f.scene != nil:
		if f.eval(args[0]) == types.True {
			return f.arithmetic(args[1], binds)
		}
		return f.arithmetic(args[2], binds)
	case c.FunctionName() == operators.Conditional:
		return "(" + f.T("policy.if_choice", "if", f.condition(args[0]), "then", f.arithmetic(args[1], 0), "otherwise", f.arithmetic(args[2], 0)) + ")"
	}
	return f.labels(c)
}

// leaf writes a name: a setting as its value; a figure that has no exact
// decimals as its own expression.
func (f formula) leaf(name string, binds int) string {
	if rest, ok := strings.CutPrefix(name, "settings."); ok {
		if s, ok := f.doc.Setting(rest); ok {
			return s.In(f.Printer)
		}
	}
	if f.scene == nil {
		return f.label(name)
	}
	val, ok := f.scene.Value(name)
	if !ok {
		return f.label(name)
	}
	if q, ok := val.(policy.Quantity); ok {
		if _, exact := f.Exact(q.Rat, 0); !exact {
			if e := f.let(name); e != nil {
				return f.of(e).arithmetic(e.Tree().Expr(), max(binds, 1)+1)
			}
		}
	}
	return f.value(val)
}

func (f formula) let(name string) *policy.Expr {
	if f.rule == nil {
		return nil
	}
	for _, l := range f.rule.Let {
		if l.Name == name {
			return l.Is
		}
	}
	return nil
}

// row writes an entry of a table: the one that the case picks, or all.
func (f formula) row(table, key ast.Expr) string {
	s, ok := f.doc.Setting(strings.TrimPrefix(f.name(table), "settings."))
	if !ok {
		return ""
	}
	if f.scene != nil {
		if k, ok := f.eval(key).(types.String); ok {
			if row, ok := f.doc.Setting(s.Name + "." + string(k)); ok {
				return row.In(f.Printer)
			}
		}
		return f.T("policy.not_known")
	}
	rows := make([]string, len(s.Table))
	for i := range s.Table {
		rows[i] = f.choice(f.name(key), s.Table[i].Name) + ": " + s.Table[i].In(f.Printer)
	}
	return "(" + strings.Join(rows, ", ") + ")"
}

// value writes a value without its currency.
func (f formula) value(v ref.Val) string {
	switch v := v.(type) {
	case policy.Quantity:
		if v.Money() {
			return f.bare(v.Rat)
		}
		s, _ := f.Exact(v.Rat, 0)
		return s
	case types.Int:
		return f.Number(int64(v))
	case types.Duration:
		return f.length(v.Duration)
	case types.Timestamp:
		return f.moment(v.Time)
	case types.Bool:
		return f.yes(bool(v))
	case types.String:
		return string(v)
	}
	return f.T("policy.not_known")
}

// bare writes money without its currency.
func (f formula) bare(r *big.Rat) string {
	least := 0
	if f.scene != nil && f.scene.Facts().Order.Currency != nil {
		least = f.scene.Currency().Digits()
	}
	s, _ := f.Exact(r, least)
	return s
}

// result writes a value with its currency, after the sign that leads to it.
func (f formula) result(v ref.Val) (text, sign string) {
	q, ok := v.(policy.Quantity)
	if !ok {
		return f.value(v), " = "
	}
	text, exact := f.Exact(q.Rat, 0)
	if q.Money() {
		text, exact = f.money(q.Rat, f.scene.Currency())
	}
	if exact {
		return text, " = "
	}
	return text, " ≈ "
}

// label is what people read for a name: of the arithmetic, or a fact's.
func (f formula) label(name string) string {
	if f.let(name) != nil {
		return figureName(f.doc, f.Lang, name)
	}
	return f.named("fact", name)
}

// figureName is the text's own name for a figure.
func figureName(d *policy.Document, l i18n.Lang, name string) string {
	for _, t := range []*policy.Text{d.Texts[l], d.Texts[d.Prevailing]} {
		if t != nil && t.Labels[name] != "" {
			return t.Labels[name]
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}

// unknown is the value of what eval cannot work out.
var unknown ref.Val = types.NewUnknown(0, nil)

// eval works out a part of an expression in the scene, as the whole was.
func (f formula) eval(e ast.Expr) ref.Val {
	if name := f.name(e); name != "" {
		if v, ok := f.scene.Value(name); ok && !types.IsUnknown(v) {
			return v
		}
		return unknown
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return e.AsLiteral()
	case ast.ListKind:
		all := make([]ref.Val, 0, e.AsList().Size())
		for _, one := range e.AsList().Elements() {
			all = append(all, f.eval(one))
		}
		return types.NewRefValList(types.DefaultTypeAdapter, all)
	case ast.CallKind:
		if v := f.apply(e.AsCall()); v != nil && !types.IsUnknownOrError(v) {
			return v
		}
	}
	return unknown
}

func (f formula) apply(c ast.CallExpr) ref.Val {
	args := c.Args()
	if len(args) == 0 || len(args) == 1 && c.FunctionName() != "known" && c.FunctionName() != operators.LogicalNot {
		return unknown
	}
	a := f.eval(args[0])
	switch c.FunctionName() {
	case "known":
		return types.Bool(a != unknown)
	case operators.LogicalAnd, operators.LogicalOr:
		return logical(c.FunctionName() == operators.LogicalOr, a, f.eval(args[1]))
	}
	if a == unknown {
		return unknown
	}
	switch c.FunctionName() {
	case operators.LogicalNot:
		return types.Bool(a != types.True)
	case operators.Conditional:
		if a == types.True {
			return f.eval(args[1])
		}
		return f.eval(args[2])
	}
	b := f.eval(args[1])
	if b == unknown {
		return unknown
	}
	return operate(c.FunctionName(), a, b)
}

// logical is && where decisive is false, || where it is true.
func logical(decisive bool, a, b ref.Val) ref.Val {
	for _, v := range []ref.Val{a, b} {
		if v == types.Bool(decisive) {
			return v
		}
	}
	if a == unknown || b == unknown {
		return unknown
	}
	return types.Bool(!decisive)
}

// operate applies an operator to two known values.
func operate(operator string, a, b ref.Val) ref.Val {
	switch operator {
	case operators.Equals:
		return a.Equal(b)
	case operators.NotEquals:
		return types.Bool(a.Equal(b) != types.True)
	case operators.In:
		return b.(traits.Container).Contains(a)
	case operators.Index:
		return a.(traits.Indexer).Get(b)
	case operators.Add:
		return a.(traits.Adder).Add(b)
	case operators.Subtract:
		return a.(traits.Subtractor).Subtract(b)
	case operators.Multiply:
		return a.(traits.Multiplier).Multiply(b)
	case operators.Divide:
		return a.(traits.Divider).Divide(b)
	}
	c, ok := a.(traits.Comparer)
	if !ok {
		return unknown
	}
	n, ok := c.Compare(b).(types.Int)
	switch {
	case !ok:
		return unknown
	case operator == operators.Less:
		return types.Bool(n < 0)
	case operator == operators.LessEquals:
		return types.Bool(n <= 0)
	case operator == operators.Greater:
		return types.Bool(n > 0)
	case operator == operators.GreaterEquals:
		return types.Bool(n >= 0)
	}
	return unknown
}
