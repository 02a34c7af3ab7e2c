package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"safelight/internal/fact"
)

// An Expr is a typed expression over the facts of a case.
type Expr struct {
	Source string
	Uses   []string // the names in it, sorted
	ast    *cel.Ast
	run    cel.Program
}

// Tree is the checked expression, to be read alone.
func (e *Expr) Tree() *ast.AST { return e.ast.NativeRep() }

// language is what the expressions of one document are written in.
type language struct{ env *cel.Env }

// derived are the names that are worked out from the facts.
var derived = map[string]*types.Type{
	"captured": moneyType, "refunded": moneyType, "refundable": moneyType, "excess": moneyType,
	"latest_extra_capture": types.TimestampType, "dispute.open": types.BoolType, "task.exists": types.BoolType,
	"outage.exists": types.BoolType, "outage.uncut": types.DurationType, "outage.length": types.DurationType,
}

func celType(t fact.Type) *types.Type {
	switch t {
	case fact.Bool:
		return types.BoolType
	case fact.Count, fact.Share:
		return numberType
	case fact.Money, fact.Price:
		return moneyType
	case fact.Time:
		return types.TimestampType
	}
	return types.StringType
}

// vocabulary builds the language of a document with these settings.
func vocabulary(settings []Setting) (language, error) {
	options := append(quantities(), cel.Function("known", cel.Overload("known", []*types.Type{types.NewTypeParamType("T")}, types.BoolType,
		cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(!types.IsUnknownOrError(v)) }), cel.OverloadIsNonStrict())))
	for _, f := range fact.Fields {
		options = append(options, cel.Variable(f.Name, celType(f.Type)))
	}
	for name, t := range derived {
		options = append(options, cel.Variable(name, t))
	}
	for i := range settings {
		options = append(options, cel.Variable("settings."+settings[i].Name, settings[i].celType()))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return language{}, fmt.Errorf("policy: %w", err)
	}
	return language{env}, nil
}

// with is the language with one more name.
func (l language) with(name string, t *types.Type) (language, error) {
	env, err := l.env.Extend(cel.Variable(name, t))
	return language{env}, err
}

// compile reads an expression that must be of one of these types.
func (l language) compile(source string, want ...*types.Type) (*Expr, *types.Type, error) {
	checked, issues := l.env.Compile(source)
	if issues.Err() != nil {
		return nil, nil, errors.New(plainIssue(source, issues))
	}
	got := checked.OutputType()
	if !slices.ContainsFunc(want, got.IsExactType) {
		return nil, nil, fmt.Errorf("%q is of type %s, not %s", source, got, want[0])
	}
	e := &Expr{Source: source, ast: checked}
	for _, reference := range checked.NativeRep().ReferenceMap() {
		if reference.Name != "" && !slices.Contains(e.Uses, reference.Name) {
			e.Uses = append(e.Uses, reference.Name)
		}
	}
	slices.Sort(e.Uses)
	if err := literals(checked); err != nil {
		return nil, nil, fmt.Errorf("%q: %w", source, err)
	}
	var err error
	if e.run, err = l.env.Program(checked, cel.EvalOptions(cel.OptOptimize)); err != nil {
		return nil, nil, err
	}
	return e, got, nil
}

var name = regexp.MustCompile(`^[a-zA-Z_][\w.]*`)

// plainIssue is the first complaint in one line.
func plainIssue(source string, issues *cel.Issues) string {
	e := issues.Errors()[0]
	at := min(e.Location.Column(), len(source))
	if strings.Contains(e.Message, "undeclared reference") {
		return fmt.Sprintf("%s is not a name that rules know", name.FindString(source[at:]))
	}
	return fmt.Sprintf("%q, column %d: %s", source, at+1, strings.Split(e.Message, "\n")[0])
}

// literals sees that money is compared with no number but zero, and a choice
// with nothing that it cannot be.
func literals(checked *cel.Ast) (fault error) {
	native := checked.NativeRep()
	ast.PostOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 || fault != nil {
			return
		}
		left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
		switch f := native.ReferenceMap()[left.ID()]; {
		case f != nil && f.Name != "":
			fault = choices(f.Name, right)
		}
		comparison := slices.Contains([]string{"_<_", "_<=_", "_>_", "_>=_", "_==_"}, e.AsCall().FunctionName())
		if comparison && native.GetType(left.ID()).IsExactType(moneyType) && right.Kind() == ast.LiteralKind && right.AsLiteral() != types.Int(0) {
			fault = errors.New(`money is compared with a plain number; make it a setting, with its currency's decimals: "5.00"`)
		}
	}))
	return fault
}

// choices sees that what a fact is compared with is one of its choices.
func choices(name string, with ast.Expr) error {
	f, ok := fact.Lookup(name)
	if !ok || f.Type != fact.Choice {
		return nil
	}
	all := []ast.Expr{with}
	if with.Kind() == ast.ListKind {
		all = with.AsList().Elements()
	}
	for _, e := range all {
		if e.Kind() != ast.LiteralKind {
			continue
		}
		if s, _ := e.AsLiteral().Value().(string); !slices.Contains(f.Choices, s) {
			return fmt.Errorf("%s is never %q, but one of %s", name, s, strings.Join(f.Choices, ", "))
		}
	}
	return nil
}

// eval gives the value; what depends on an unknown fact is unknown, and so is
// what cannot be worked out.
func (e *Expr) eval(in *scene) ref.Val {
	v, _, err := e.run.Eval(in)
	if err != nil && in.problem != nil {
		in.problem(e, err)
	}
	if err != nil || types.IsUnknownOrError(v) {
		return unknown
	}
	return v
}

var unknown ref.Val = types.NewUnknown(0, nil)

// truth of a condition.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

func (e *Expr) truth(in *scene) truth {
	if e == nil {
		return yes
	}
	switch e.eval(in) {
	case types.True:
		return yes
	case types.False:
		return no
	}
	return maybe
}

// instant is the value of a time; false where it is not known.
func (e *Expr) instant(in *scene) (time.Time, bool) {
	t, ok := e.eval(in).(types.Timestamp)
	return t.Time, ok
}
