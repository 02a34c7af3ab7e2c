package fact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"safelight/internal/money"
)

// An Error says which field of the facts is wrong, and how.
type Error struct {
	Field   string // "" for the whole
	Problem string
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

func wrong(field, problem string, args ...any) error {
	return &Error{Field: field, Problem: fmt.Sprintf(problem, args...)}
}

// Parse reads one JSON object. The error is an [*Error].
func Parse(data []byte) (*Case, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, wrong("", "the facts are empty")
	}
	r := reader{dec: jsontext.NewDecoder(bytes.NewBuffer(data)), c: &Case{}}
	if err := r.all(); err != nil {
		return nil, err
	}
	if err := r.c.Validate(); err != nil {
		return nil, err
	}
	return r.c, nil
}

// reader reads a case. Amounts wait for the currency, which may stand after
// them.
type reader struct {
	dec     *jsontext.Decoder
	c       *Case
	amounts []amount
	prices  []price
}

type amount struct {
	field, text string
	into        func(money.Amount)
}

type price struct {
	field, text string
	into        func(*big.Rat)
}

func (r *reader) all() error {
	if err := r.open("", '{', "a JSON object"); err != nil {
		return err
	}
	if err := r.members("", r.member); err != nil {
		return err
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return wrong("", "something follows the JSON object")
	}
	return r.money()
}

// token reads the next one; syntax errors name where they are.
func (r *reader) token() (jsontext.Token, error) {
	t, err := r.dec.ReadToken()
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil:
		return t, nil
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return t, wrong(dotted(syntax.JSONPointer), "given twice")
	case errors.As(err, &syntax):
		return t, wrong(dotted(syntax.JSONPointer), "not JSON: %v at byte %d", syntax.Err, syntax.ByteOffset)
	default:
		return t, wrong("", "not JSON: the text ends too early")
	}
}

func dotted(p jsontext.Pointer) string { return strings.Join(slices.Collect(p.Tokens()), ".") }

func (r *reader) open(field string, kind jsontext.Kind, what string) error {
	t, err := r.token()
	switch {
	case err != nil:
		return err
	case t.Kind() == 'n':
		return wrong(field, "null; leave out what is not known")
	case t.Kind() != kind:
		return wrong(field, "not %s", what)
	}
	return nil
}

// members calls each for the names of an object that was opened.
func (r *reader) members(prefix string, each func(field string) error) error {
	for {
		t, err := r.token()
		if err != nil {
			return err
		}
		if t.Kind() == '}' {
			return nil
		}
		if err := each(prefix + t.String()); err != nil {
			return err
		}
	}
}

func (r *reader) member(field string) error {
	if f := byName[field]; f != nil {
		return r.value(f)
	}
	switch {
	case field == "order.captured":
		return r.list(field, r.capture)
	case field == "outage.maintenance":
		return r.list(field, r.maintenance)
	case groups[field]:
		if err := r.open(field, '{', "an object"); err != nil {
			return err
		}
		r.c.Task.Exists = r.c.Task.Exists || field == "task"
		return r.members(field+".", r.member)
	}
	return wrong(field, "not a known fact")
}

func (r *reader) value(f *Field) error {
	switch p := f.at(r.c).(type) {
	case **bool:
		v, err := r.boolean(f.Name)
		*p = &v
		return err
	case **int64:
		v, err := r.count(f.Name)
		*p = &v
		return err
	case **time.Time:
		v, err := r.time(f.Name)
		*p = &v
		return err
	case **money.Amount:
		return r.amount(f.Name, func(a money.Amount) { *p = &a })
	case **big.Rat:
		return r.fraction(f, func(v *big.Rat) { *p = v })
	case **string:
		v, err := r.text(f.Name)
		if err == nil && f.Choices != nil && !slices.Contains(f.Choices, v) {
			err = wrong(f.Name, "%q is not one of %s", v, strings.Join(f.Choices, ", "))
		}
		*p = &v
		return err
	}
	panic("fact: " + f.Name + " has no reader")
}

func (r *reader) list(field string, each func(field string) error) error {
	if err := r.open(field, '[', "a list"); err != nil {
		return err
	}
	for i := 0; r.dec.PeekKind() != ']'; i++ {
		element := field + "." + strconv.Itoa(i)
		if err := r.open(element, '{', "an object"); err != nil {
			return err
		}
		if err := each(element); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}

func (r *reader) capture(field string) error {
	i := len(r.c.Order.Captured)
	r.c.Order.Captured = append(r.c.Order.Captured, Capture{})
	missing := []string{"id", "amount", "at"}
	err := r.members("", func(name string) (err error) {
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
		one := &r.c.Order.Captured[i]
		switch f := field + "." + name; name {
		case "id":
			one.ID, err = r.text(f)
		case "amount":
			err = r.amount(f, func(a money.Amount) { r.c.Order.Captured[i].Amount = a })
		case "at":
			one.At, err = r.time(f)
		default:
			err = wrong(f, "not a known fact")
		}
		return err
	})
	return whole(field, missing, err)
}

func (r *reader) maintenance(field string) error {
	var m Maintenance
	missing := []string{"from", "to"}
	err := r.members("", func(name string) (err error) {
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
		switch f := field + "." + name; name {
		case "from":
			m.From, err = r.time(f)
		case "to":
			m.To, err = r.time(f)
		case "announced_at":
			var t time.Time
			t, err = r.time(f)
			m.AnnouncedAt = &t
		default:
			err = wrong(f, "not a known fact")
		}
		return err
	})
	if err == nil && len(missing) == 0 && m.To.Before(m.From) {
		err = wrong(field+".to", "is before from")
	}
	r.c.Outage.Maintenance = append(r.c.Outage.Maintenance, m)
	return whole(field, missing, err)
}

// whole complains of what an element of a list lacks.
func whole(field string, missing []string, err error) error {
	if err == nil && len(missing) > 0 {
		return wrong(field+"."+missing[0], "is missing")
	}
	return err
}
