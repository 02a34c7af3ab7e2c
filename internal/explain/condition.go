package explain

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"safelight/internal/fact"
	"safelight/internal/policy"
)

// condition says when the expression is true. With a scene it says only what
// makes it so in the case.
func (f formula) condition(e ast.Expr) string { return f.clause(e, true, false) }

func (f formula) clause(e ast.Expr, want, inner bool) string {
	if name := f.name(e); name != "" {
		return f.truth(name, want)
	}
	if e.Kind() == ast.LiteralKind && e.AsLiteral() == types.Bool(want) {
		return f.T("policy.always")
	} else if e.Kind() == ast.LiteralKind {
		return f.T("policy.never")
	}
	if e.Kind() != ast.CallKind {
		return f.T("policy.if_other", "what", f.words(e))
	}
	c := e.AsCall()
	switch op := c.FunctionName(); op {
	case operators.LogicalAnd, operators.LogicalOr:
		return f.joined(e, op, want, inner)
	case operators.LogicalNot:
		return f.clause(c.Args()[0], !want, inner)
	case operators.Conditional:
		return f.chosen(e, want, inner)
	case "known":
		return f.known(c.Args()[0], want)
	case operators.In:
		return f.among(c, want)
	default:
		return f.comparison(c, want)
	}
}

// truth says that a fact that is so or not is so, or not.
func (f formula) truth(name string, want bool) string {
	kind := map[bool]string{true: "is", false: "isnt"}[want]
	if f.has(kind, name) {
		return f.named(kind, name)
	}
	return f.T("policy.if_answer", "what", f.label(name), "value", f.yes(want))
}

// known says that a fact is known, or not.
func (f formula) known(e ast.Expr, want bool) string {
	if name := f.name(e); f.has("is", name) {
		key := map[bool]string{true: "policy.if_told", false: "policy.if_untold"}[want]
		return f.T(key, "what", f.named("is", name))
	}
	key := map[bool]string{true: "policy.if_known", false: "policy.if_unknown"}[want]
	return f.T(key, "what", f.the(e))
}

// the is a fact with its article.
func (f formula) the(e ast.Expr) string {
	if name := f.name(e); f.has("the", name) {
		return f.named("the", name)
	}
	return f.words(e)
}

// joined says several conditions: negated, what was "and" becomes "or".
func (f formula) joined(e ast.Expr, op string, want, inner bool) string {
	if f.scene != nil {
		return f.list(f.shown(e, want), "policy.and")
	}
	all := f.parts(e, op, nil)
	all = slices.DeleteFunc(all, func(one ast.Expr) bool { return f.implied(one, all) })
	said := make([]string, 0, len(all))
	for _, one := range all {
		if s := f.clause(one, want, len(all) > 1); s != "" && !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	word := "policy.or"
	if (op == operators.LogicalAnd) == want {
		word = "policy.and"
	}
	s := f.list(said, word)
	if inner && len(said) > 1 {
		return "(" + s + ")"
	}
	return s
}

// shown are the facts of the case that make the expression as wanted; what the
// case is about anyway, the ground and the purchase, is left out where there
// is more to say.
func (f formula) shown(e ast.Expr, want bool) (said []string) {
	reasons := f.reasons(e, want, nil)
	kind := func(one reason) bool { return slices.Equal(f.names(one.e, nil), []string{"order.kind"}) }
	if others := slices.DeleteFunc(slices.Clone(reasons), kind); len(others) > 0 {
		reasons = others
	}
	for _, r := range reasons {
		if s := f.clause(r.e, r.want, false); s != "" && !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	return said
}

// A reason is a part of a condition that is, or is not, so.
type reason struct {
	e    ast.Expr
	want bool
}

// reasons takes a condition apart into those parts that made it as wanted.
func (f formula) reasons(e ast.Expr, want bool, all []reason) []reason {
	op := ""
	if e.Kind() == ast.CallKind && f.name(e) == "" {
		op = e.AsCall().FunctionName()
	}
	switch op {
	case operators.LogicalNot:
		return f.reasons(e.AsCall().Args()[0], !want, all)
	case operators.LogicalAnd, operators.LogicalOr:
		parts := f.parts(e, op, nil)
		parts = slices.DeleteFunc(parts, func(one ast.Expr) bool { return f.implied(one, parts) })
		made := slices.DeleteFunc(slices.Clone(parts), func(one ast.Expr) bool { return f.eval(one) != types.Bool(want) })
		if len(made) == 0 {
			made = parts
		}
		for _, one := range made {
			all = f.reasons(one, want, all)
		}
		return all
	case operators.Conditional:
		args := e.AsCall().Args()
		if f.eval(args[0]) == types.True {
			return f.reasons(args[1], want, f.reasons(args[0], true, all))
		}
		return f.reasons(args[2], want, all)
	case "known":
		if want { // it stands among the facts
			return all
		}
	}
	return append(all, reason{e, want})
}

// parts are the operands of a chain of one operator.
func (f formula) parts(e ast.Expr, op string, all []ast.Expr) []ast.Expr {
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == op {
		for _, one := range e.AsCall().Args() {
			all = f.parts(one, op, all)
		}
		return all
	}
	return append(all, e)
}

// implied: that something is known goes without saying beside what it is.
func (f formula) implied(e ast.Expr, among []ast.Expr) bool {
	negated := e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.LogicalNot
	if negated || e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "known" {
		return false
	}
	name := f.name(e.AsCall().Args()[0])
	return slices.ContainsFunc(among, func(other ast.Expr) bool {
		return other.ID() != e.ID() && slices.Contains(f.names(other, nil), name)
	})
}

// names are all facts, settings and figures in the expression, in their order.
func (f formula) names(e ast.Expr, all []string) []string {
	if name := f.name(e); name != "" {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
		return all
	}
	switch e.Kind() {
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			all = f.names(e.AsCall().Target(), all)
		}
		for _, one := range e.AsCall().Args() {
			all = f.names(one, all)
		}
	case ast.ListKind:
		for _, one := range e.AsList().Elements() {
			all = f.names(one, all)
		}
	}
	return all
}

// chosen is one condition or another, by a third.
func (f formula) chosen(e ast.Expr, want, inner bool) string {
	args := e.AsCall().Args()
	if f.scene != nil {
		return f.list(f.shown(e, want), "policy.and")
	}
	both := func(when bool, then ast.Expr) string {
		return "(" + f.list([]string{f.clause(args[0], when, true), f.clause(then, want, true)}, "policy.and") + ")"
	}
	s := f.list([]string{both(true, args[1]), both(false, args[2])}, "policy.or")
	if inner {
		return "(" + s + ")"
	}
	return s
}

// list joins with a last "and" or "or".
func (f formula) list(all []string, word string) string { return f.voice.list(all, word) }

func (v voice) list(all []string, word string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last, comma := all[len(all)-1], ", "
	if slices.ContainsFunc(all[:len(all)-1], func(s string) bool { return strings.Contains(s, ", ") }) {
		comma = "; "
	}
	s := strings.Join(all[:len(all)-1], comma)
	if comma == "; " {
		s += ";"
	}
	return s + " " + v.joint(word, last) + " " + last
}

// joint is "and" or "or" before this word: Spanish says "e" before i and "u"
// before o.
func (v voice) joint(word, next string) string {
	s := v.T(word)
	next = strings.ToLower(next)
	switch {
	case s == "y" && (strings.HasPrefix(next, "i") || strings.HasPrefix(next, "hi")) && !strings.HasPrefix(next, "hie"):
		return "e"
	case s == "o" && (strings.HasPrefix(next, "o") || strings.HasPrefix(next, "ho")):
		return "u"
	}
	return s
}

// among says that a fact is one of several, or none of them.
func (f formula) among(c ast.CallExpr, want bool) string {
	name := f.name(c.Args()[0])
	var all []string
	if list := c.Args()[1]; list.Kind() == ast.ListKind {
		for _, one := range list.AsList().Elements() {
			all = append(all, f.operand(name, one))
		}
	}
	if want || len(all) < 2 {
		return f.equal(c.Args()[0], f.list(all, "policy.or"), want)
	}
	last := len(all) - 1
	return f.equal(c.Args()[0], strings.Join(all[:last], f.T("policy.nor_comma")+" ")+" "+f.T("policy.nor")+" "+all[last], false)
}

// equal says that a fact has a value, or has not; in a case, which it has.
func (f formula) equal(e ast.Expr, value string, want bool) string {
	name, what := f.name(e), f.the(e)
	if f.scene != nil {
		if name == "ground" { // the letter begins with it
			return ""
		}
		if got, ok := f.eval(e).(types.String); ok {
			return f.T("policy.if_eq", "what", what, "value", f.quoted(name, string(got)))
		}
		return f.is(what, f.value(f.eval(e)), true)
	}
	if !f.tree.GetType(e.ID()).IsExactType(types.StringType) {
		return f.is(what, value, want)
	}
	key := map[bool]string{true: "policy.if_eq", false: "policy.if_ne"}[want]
	return f.T(key, "what", what, "value", value)
}

// is writes an equation.
func (f formula) is(what, value string, want bool) string {
	key := map[bool]string{true: "policy.if_is", false: "policy.if_isnt"}[want]
	return f.T(key, "what", what, "value", value)
}

// operand writes the right side of a comparison with a fact.
func (f formula) operand(name string, e ast.Expr) string {
	if e.Kind() == ast.LiteralKind {
		if s, ok := e.AsLiteral().(types.String); ok {
			return f.quoted(name, string(s))
		}
	}
	return f.words(e)
}

// quoted is what a fact can be, in quotes.
func (v voice) quoted(name, s string) string {
	return v.T("policy.quote", "value", v.choice(name, s))
}

// words writes an expression with labels, whatever the case.
func (f formula) words(e ast.Expr) string {
	f.scene = nil
	return f.arithmetic(e, 0)
}

var opposite = map[string]string{operators.Equals: operators.NotEquals, operators.NotEquals: operators.Equals, operators.Less: operators.GreaterEquals,
	operators.GreaterEquals: operators.Less, operators.Greater: operators.LessEquals, operators.LessEquals: operators.Greater}

var comparisons = map[string]string{operators.Less: "lt", operators.LessEquals: "le", operators.Greater: "gt", operators.GreaterEquals: "ge",
	operators.Equals: "eq", operators.NotEquals: "ne"}

func (f formula) comparison(c ast.CallExpr, want bool) string {
	op := c.FunctionName()
	if comparisons[op] == "" || len(c.Args()) != 2 {
		return f.T("policy.if_other", "what", f.labels(c))
	}
	if !want {
		op = opposite[op]
	}
	left, right := c.Args()[0], c.Args()[1]
	name := f.name(left)
	if right.Kind() == ast.LiteralKind {
		if b, ok := right.AsLiteral().(types.Bool); ok {
			return f.clause(left, (op == operators.Equals) == bool(b), true)
		}
		if s := f.zero(name, op, right); s != "" {
			return s
		}
	}
	if t := f.tree.GetType(left.ID()); t.IsExactType(types.TimestampType) {
		return f.time(op, c)
	}
	switch op {
	case operators.Equals, operators.NotEquals:
		return f.equal(left, f.operand(name, right), op == operators.Equals)
	}
	return f.measured(name, op, left, right)
}

// measured compares quantities; in a case it says what there is.
func (f formula) measured(name, op string, left, right ast.Expr) string {
	if f.scene == nil {
		kind := comparisons[op]
		if f.has(kind, name) {
			return f.fill(kind, name, "value", f.words(right))
		}
		return f.T("policy.if_"+kind, "what", f.words(left), "value", f.words(right))
	}
	got := f.value(f.eval(left))
	if f.has("got", name) {
		return f.fill("got", name, "value", got)
	}
	return f.is(f.words(left), got, true)
}

// labels are what an expression that has no words of its own looks at.
func (f formula) labels(c ast.CallExpr) string {
	var names, said []string
	if c.IsMemberFunction() {
		names = f.names(c.Target(), names)
	}
	for _, one := range c.Args() {
		names = f.names(one, names)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "settings.") {
			said = append(said, f.label(name))
		}
	}
	return strings.Join(said, ", ")
}

// zero says that there is some of a thing, or none.
func (f formula) zero(name, op string, right ast.Expr) string {
	if right.AsLiteral() != types.Int(0) || !f.has("some", name) {
		return ""
	}
	switch op {
	case operators.Greater, operators.NotEquals:
		return f.named("some", name)
	case operators.LessEquals, operators.Equals:
		return f.named("zero", name)
	}
	return ""
}

// time says how two moments lie; the request within a period after something
// is a pattern of its own.
func (f formula) time(op string, e ast.CallExpr) string {
	left, right := e.Args()[0], e.Args()[1]
	if from, s := f.after(left, right); s != nil && (op == operators.LessEquals || op == operators.Greater) {
		key := map[bool]string{true: "policy.time_within", false: "policy.time_not_within"}[op == operators.LessEquals]
		return f.T(key, "span", f.span("policy.within_", *s.Span), "since", f.since(f.name(from)))
	}
	switch k := comparisons[op]; {
	case k == "eq" || k == "ne":
		return f.is(f.words(left), f.words(right), k == "eq")
	case f.name(left) == "at" && k == "lt" && f.has("before", f.name(right)):
		return f.named("before", f.name(right))
	case f.name(left) == "at" && k == "ge" && f.has("after", f.name(right)):
		return f.named("after", f.name(right))
	default:
		return f.T("policy.time_"+k, "what", f.words(left), "value", f.words(right))
	}
}

// within takes "at <= X + settings.PERIOD" apart; the setting is nil where the
// expression is something else.
func (f formula) within(e ast.Expr) (from ast.Expr, s *policy.Setting) {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operators.LessEquals {
		return nil, nil
	}
	return f.after(e.AsCall().Args()[0], e.AsCall().Args()[1])
}

func (f formula) after(left, right ast.Expr) (from ast.Expr, s *policy.Setting) {
	if f.name(left) != "at" || right.Kind() != ast.CallKind || right.AsCall().FunctionName() != operators.Add {
		return nil, nil
	}
	from = right.AsCall().Args()[0]
	s, ok := f.doc.Setting(strings.TrimPrefix(f.name(right.AsCall().Args()[1]), "settings."))
	if !ok || s.Span == nil || f.name(from) == "" {
		return nil, nil
	}
	return from, s
}

// since is a moment as the beginning of a period: "from the payment".
func (v voice) since(name string) string {
	if v.has("since", name) {
		return v.named("since", name)
	}
	return v.T("policy.since_other", "what", v.named("fact", name))
}

// groundList names several grounds.
func (v voice) groundList(all []fact.Ground) string {
	names := make([]string, len(all))
	for i, g := range all {
		names[i] = v.quoted("ground", string(g))
	}
	return v.list(names, "policy.or")
}
