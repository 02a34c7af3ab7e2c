package fact

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"safelight/internal/money"
)

// scalar reads a value of the kind, which is called what.
func (r *reader) scalar(kind jsontext.Kind, what string) (string, error) {
	t, err := r.token()
	switch {
	case err != nil:
		return "", err
	case t.Kind() == 'n':
		return "", r.here("null; leave out what is not known")
	case t.Kind() != kind:
		return "", r.here("not %s", what)
	}
	return t.String(), nil
}

func (r *reader) text() (string, error) {
	s, err := r.scalar('"', "a text")
	if err == nil && strings.TrimSpace(s) == "" {
		err = r.here("empty; leave out what is not known")
	}
	return s, err
}

func (r *reader) boolean() (bool, error) {
	t, err := r.token()
	switch {
	case err != nil:
		return false, err
	case t.Kind() == 'n':
		return false, r.here("null; leave out what is not known")
	case t.Kind() != 't' && t.Kind() != 'f':
		return false, r.here("neither true nor false")
	}
	return t.Kind() == 't', nil
}

const digits = "0123456789"

func (r *reader) count() (int64, error) {
	s, err := r.scalar('0', "a whole number")
	switch {
	case err != nil:
		return 0, err
	case strings.HasPrefix(s, "-"):
		return 0, r.here("%s is negative", s)
	case strings.Trim(s, digits) != "":
		return 0, r.here("%s is not a whole number in plain digits", s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, r.here("%s does not fit in 64 bits", s)
	}
	return n, nil
}

func (r *reader) time() (time.Time, error) {
	s, err := r.text()
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || strings.Contains(s, ",") || t.Year() < 1 {
		return time.Time{}, r.here("not an RFC 3339 time")
	}
	return t.Add(beyond(s)).UTC(), nil
}

// beyond is a nanosecond where the text has a fraction that is finer, so that
// what is later stays later.
func beyond(s string) time.Duration {
	_, fraction, _ := strings.Cut(s, ".")
	fraction, _, _ = strings.Cut(strings.TrimRight(fraction, "Z"), "+")
	fraction, _, _ = strings.Cut(fraction, "-")
	if len(fraction) > 9 && strings.Trim(fraction[9:], "0") != "" {
		return 1
	}
	return 0
}

// decimal reads a text such as "19.00".
func (r *reader) decimal() (string, error) {
	s, err := r.scalar('"', `a decimal in quotes, like "19.00"`)
	if err != nil {
		return "", err
	}
	whole, cents, point := strings.Cut(s, ".")
	switch {
	case strings.TrimSpace(s) == "":
		return "", r.here("empty; leave out what is not known")
	case strings.HasPrefix(s, "-"):
		return "", r.here("%s is negative", s)
	case whole == "" || point && cents == "" || strings.Trim(whole, digits) != "" || strings.Trim(cents, digits) != "" || len(s) > 40:
		return "", r.here(`%q is not a plain decimal like "19.00"`, s)
	}
	return s, nil
}

func (r *reader) amount(a amount) (err error) {
	a.text, err = r.decimal()
	r.amounts = append(r.amounts, a)
	return err
}

func (r *reader) share() (*big.Rat, error) {
	s, err := r.decimal()
	if err != nil {
		return nil, err
	}
	v, _ := new(big.Rat).SetString(s)
	if v.Cmp(big.NewRat(1, 1)) > 0 {
		return nil, r.here("%s is more than 1", s)
	}
	return v, nil
}

// money reads the amounts, now that the currency is known.
func (r *reader) money() error {
	if r.c.Order.Currency == nil {
		if len(r.amounts) > 0 {
			return wrong(r.amounts[0].name(), "an amount without order.currency")
		}
		return nil
	}
	currency := money.Currency(*r.c.Order.Currency)
	if !currency.Valid() {
		return wrong("order.currency", "%q is not an ISO 4217 code", string(currency))
	}
	for _, a := range r.amounts {
		if err := r.priced(a, currency); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) priced(a amount, currency money.Currency) error {
	_, cents, _ := strings.Cut(a.text, ".")
	if a.field != nil && a.field.Type == Price {
		if len(cents) > 6 {
			return wrong(a.name(), "%s has more than 6 decimals", a.text)
		}
		*a.field.at(r.c).(**big.Rat), _ = new(big.Rat).SetString(a.text)
		return nil
	}
	if len(cents) > currency.Digits() {
		return wrong(a.name(), "%s has more decimals than %s, which has %d", a.text, currency, currency.Digits())
	}
	v, err := money.Parse(a.text, currency)
	if err != nil || v.Minor > money.Max {
		return wrong(a.name(), "%s is more than can be paid", a.text)
	}
	if a.field == nil {
		r.c.Order.Captured[a.capture].Amount = v
		return nil
	}
	*a.field.at(r.c).(**money.Amount) = &v
	return nil
}
