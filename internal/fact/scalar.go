package fact

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"safelight/internal/money"
)

// scalar reads a value of the kind, which is called what.
func (r *reader) scalar(field string, kind jsontext.Kind, what string) (string, error) {
	t, err := r.token()
	switch {
	case err != nil:
		return "", err
	case t.Kind() == 'n':
		return "", wrong(field, "null; leave out what is not known")
	case t.Kind() != kind:
		return "", wrong(field, "not %s", what)
	}
	return t.String(), nil
}

func (r *reader) text(field string) (string, error) {
	s, err := r.scalar(field, '"', "a text")
	if err == nil && strings.TrimSpace(s) == "" {
		err = wrong(field, "empty; leave out what is not known")
	}
	return s, err
}

func (r *reader) boolean(field string) (bool, error) {
	t, err := r.token()
	switch {
	case err != nil:
		return false, err
	case t.Kind() == 'n':
		return false, wrong(field, "null; leave out what is not known")
	case t.Kind() != 't' && t.Kind() != 'f':
		return false, wrong(field, "neither true nor false")
	}
	return t.Kind() == 't', nil
}

func (r *reader) count(field string) (int64, error) {
	s, err := r.scalar(field, '0', "a whole number")
	switch {
	case err != nil:
		return 0, err
	case strings.HasPrefix(s, "-"):
		return 0, wrong(field, "%s is negative", s)
	case strings.Trim(s, "0123456789") != "":
		return 0, wrong(field, "%s is not a whole number in plain digits", s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, wrong(field, "%s does not fit in 64 bits", s)
	}
	return n, nil
}

func (r *reader) time(field string) (time.Time, error) {
	s, err := r.text(field)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || strings.Contains(s, ",") {
		return time.Time{}, wrong(field, "not an RFC 3339 time")
	}
	return t.UTC(), nil
}

var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// decimal reads a text such as "19.00".
func (r *reader) decimal(field string) (string, error) {
	s, err := r.scalar(field, '"', `a decimal in quotes, like "19.00"`)
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(s) == "":
		return "", wrong(field, "empty; leave out what is not known")
	case strings.HasPrefix(s, "-"):
		return "", wrong(field, "%s is negative", s)
	case !decimal.MatchString(s) || len(s) > 40:
		return "", wrong(field, `%q is not a plain decimal like "19.00"`, s)
	}
	return s, nil
}

func (r *reader) amount(field string, into func(money.Amount)) error {
	s, err := r.decimal(field)
	r.amounts = append(r.amounts, amount{field, s, into})
	return err
}

func (r *reader) fraction(f *Field, into func(*big.Rat)) error {
	s, err := r.decimal(f.Name)
	if err != nil {
		return err
	}
	if f.Type == Price {
		r.prices = append(r.prices, price{f.Name, s, into})
		return nil
	}
	v, _ := new(big.Rat).SetString(s)
	if v.Cmp(big.NewRat(1, 1)) > 0 {
		return wrong(f.Name, "%s is more than 1", s)
	}
	into(v)
	return nil
}

// money reads the amounts, now that the currency is known.
func (r *reader) money() error {
	if len(r.amounts)+len(r.prices) == 0 && r.c.Order.Currency == nil {
		return nil
	}
	if r.c.Order.Currency == nil {
		field := ""
		if len(r.amounts) > 0 {
			field = r.amounts[0].field
		} else {
			field = r.prices[0].field
		}
		return wrong(field, "an amount without order.currency")
	}
	currency := money.Currency(*r.c.Order.Currency)
	if !currency.Valid() {
		return wrong("order.currency", "%q is not an ISO 4217 code", string(currency))
	}
	for _, a := range r.amounts {
		_, cents, _ := strings.Cut(a.text, ".")
		if len(cents) > currency.Digits() {
			return wrong(a.field, "%s has more decimals than %s, which has %d", a.text, currency, currency.Digits())
		}
		v, err := money.Parse(a.text, currency)
		if err != nil || v.Minor > money.Max {
			return wrong(a.field, "%s is more than can be paid", a.text)
		}
		a.into(v)
	}
	for _, p := range r.prices {
		if _, decimals, _ := strings.Cut(p.text, "."); len(decimals) > 6 {
			return wrong(p.field, "%s has more than 6 decimals", p.text)
		}
		v, _ := new(big.Rat).SetString(p.text)
		p.into(v)
	}
	return nil
}
