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

// quantity is a value of one of these types.
type quantity struct {
	*big.Rat
	of *types.Type
}

func moneyOf(r *big.Rat) quantity  { return quantity{r, moneyType} }
func numberOf(r *big.Rat) quantity { return quantity{r, numberType} }

// operand reads the other side: a quantity, or a literal.
func operand(v ref.Val) (quantity, bool) {
	switch v := v.(type) {
	case quantity:
		return v, true
	case types.Int:
		return numberOf(new(big.Rat).SetInt64(int64(v))), true
	}
	return quantity{}, false
}

func (q quantity) with(v ref.Val, do func(o quantity) ref.Val) ref.Val {
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
func (q quantity) Add(v ref.Val) ref.Val {
	return q.with(v, func(o quantity) ref.Val { return quantity{new(big.Rat).Add(q.Rat, o.Rat), q.of} })
}

// Subtract implements traits.Subtractor.
func (q quantity) Subtract(v ref.Val) ref.Val {
	return q.with(v, func(o quantity) ref.Val { return quantity{new(big.Rat).Sub(q.Rat, o.Rat), q.of} })
}

// Multiply implements traits.Multiplier: with money on either side it is money.
func (q quantity) Multiply(v ref.Val) ref.Val {
	return q.with(v, func(o quantity) ref.Val {
		of := q.of
		if o.of == moneyType {
			of = moneyType
		}
		return quantity{new(big.Rat).Mul(q.Rat, o.Rat), of}
	})
}

// Divide implements traits.Divider: money by money is a number.
func (q quantity) Divide(v ref.Val) ref.Val {
	return q.with(v, func(o quantity) ref.Val {
		if o.Sign() == 0 {
			return types.NewErr("division by zero")
		}
		of := q.of
		if o.of == moneyType {
			of = numberType
		}
		return quantity{new(big.Rat).Quo(q.Rat, o.Rat), of}
	})
}

// Compare implements traits.Comparer.
func (q quantity) Compare(v ref.Val) ref.Val {
	return q.with(v, func(o quantity) ref.Val { return types.Int(q.Cmp(o.Rat)) })
}

// Equal implements ref.Val.
func (q quantity) Equal(v ref.Val) ref.Val {
	return q.with(v, func(o quantity) ref.Val { return types.Bool(q.Cmp(o.Rat) == 0) })
}

// ConvertToNative implements ref.Val.
func (q quantity) ConvertToNative(reflect.Type) (any, error) { return q.Rat, nil }

// ConvertToType implements ref.Val.
func (q quantity) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a %s does not become a %s", q.of.TypeName(), t.TypeName())
}

// Type implements ref.Val.
func (q quantity) Type() ref.Type { return q.of }

// Value implements ref.Val.
func (q quantity) Value() any { return q.Rat }

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
