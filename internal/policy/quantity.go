package policy

import (
	"math/big"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// The types of exact quantities in expressions: money in units of its currency,
// and numbers. Both are fractions; nothing is rounded before the end.
var (
	arithmetic = traits.AdderType | traits.SubtractorType | traits.MultiplierType | traits.DividerType | traits.ComparerType
	moneyType  = types.NewOpaqueType("money").WithTraits(arithmetic)
	numberType = types.NewOpaqueType("number").WithTraits(arithmetic)
)

// Quantity is an exact value in an expression: money in units of its currency, or
// a number.
type Quantity struct {
	*big.Rat
	of *types.Type
}

func moneyOf(r *big.Rat) Quantity  { return Quantity{r, moneyType} }
func numberOf(r *big.Rat) Quantity { return Quantity{r, numberType} }

// operand reads the other side: a Quantity, or a literal.
func operand(v ref.Val) (Quantity, bool) {
	switch v := v.(type) {
	case Quantity:
		return v, true
	case types.Int:
		return numberOf(new(big.Rat).SetInt64(int64(v))), true
	}
	return Quantity{}, false
}

func (q Quantity) with(v ref.Val, do func(o Quantity) ref.Val) ref.Val {
	if types.IsUnknownOrError(v) {
		return v
	}
	o, ok := operand(v)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	return do(o)
}

// Add implements traits.Adder.
func (q Quantity) Add(v ref.Val) ref.Val {
	return q.with(v, func(o Quantity) ref.Val { return Quantity{new(big.Rat).Add(q.Rat, o.Rat), q.of} })
}

// Subtract implements traits.Subtractor.
func (q Quantity) Subtract(v ref.Val) ref.Val {
	return q.with(v, func(o Quantity) ref.Val { return Quantity{new(big.Rat).Sub(q.Rat, o.Rat), q.of} })
}

// Multiply implements traits.Multiplier: with money on either side it is money.
func (q Quantity) Multiply(v ref.Val) ref.Val {
	return q.with(v, func(o Quantity) ref.Val {
		of := q.of
		if o.of == moneyType {
			of = moneyType
		}
		return Quantity{new(big.Rat).Mul(q.Rat, o.Rat), of}
	})
}

// Divide implements traits.Divider: money by money is a number.
func (q Quantity) Divide(v ref.Val) ref.Val {
	return q.with(v, func(o Quantity) ref.Val {
		if o.Sign() == 0 {
			return types.NewErr("division by zero")
		}
		of := q.of
		if o.of == moneyType {
			of = numberType
		}
		return Quantity{new(big.Rat).Quo(q.Rat, o.Rat), of}
	})
}

// Compare implements traits.Comparer.
func (q Quantity) Compare(v ref.Val) ref.Val {
	return q.with(v, func(o Quantity) ref.Val { return types.Int(q.Cmp(o.Rat)) })
}

// Equal implements ref.Val.
func (q Quantity) Equal(v ref.Val) ref.Val {
	return q.with(v, func(o Quantity) ref.Val { return types.Bool(q.Cmp(o.Rat) == 0) })
}

// ConvertToNative implements ref.Val.
func (q Quantity) ConvertToNative(reflect.Type) (any, error) { return q.Rat, nil }

// ConvertToType implements ref.Val.
func (q Quantity) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a %s does not become a %s", q.of.TypeName(), t.TypeName())
}

// Type implements ref.Val.
func (q Quantity) Type() ref.Type { return q.of }

// Value implements ref.Val.
func (q Quantity) Value() any { return q.Rat }

// quantities declares what may be done with money and numbers. A literal is a
// number; it stands on the right, and is not compared for equality: what is
// none is <= 0.
func quantities() []cel.EnvOption {
	money, number, literal := moneyType, numberType, types.IntType
	over := func(op, id string, l, r, result *types.Type) cel.EnvOption {
		return cel.Function(op, cel.Overload(id, []*types.Type{l, r}, result))
	}
	all := []cel.EnvOption{
		over(operators.Add, "add_money", money, money, money), over(operators.Add, "add_number", number, number, number),
		over(operators.Add, "add_literal", number, literal, number),
		over(operators.Subtract, "subtract_money", money, money, money), over(operators.Subtract, "subtract_number", number, number, number),
		over(operators.Subtract, "subtract_literal", number, literal, number),
		over(operators.Multiply, "multiply_number", number, number, number), over(operators.Multiply, "multiply_money", money, number, money),
		over(operators.Multiply, "multiply_by_money", number, money, money), over(operators.Multiply, "multiply_literal", number, literal, number),
		over(operators.Multiply, "multiply_money_literal", money, literal, money),
		over(operators.Divide, "divide_number", number, number, number), over(operators.Divide, "divide_money", money, number, money),
		over(operators.Divide, "divide_money_literal", money, literal, money), over(operators.Divide, "divide_literal", number, literal, number),
		over(operators.Divide, "divide_money_money", money, money, number),
	}
	for op, name := range map[string]string{operators.Less: "less", operators.LessEquals: "less_equals",
		operators.Greater: "greater", operators.GreaterEquals: "greater_equals"} {
		all = append(all, over(op, name+"_money", money, money, types.BoolType), over(op, name+"_number", number, number, types.BoolType),
			over(op, name+"_money_literal", money, literal, types.BoolType), over(op, name+"_literal", number, literal, types.BoolType))
	}
	return all
}

// Money reports whether it is money, and no plain number.
func (q Quantity) Money() bool { return q.of == moneyType }
