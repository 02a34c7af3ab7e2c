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
	"sync"
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
	r := reader{dec: decoders.Get().(*jsontext.Decoder), c: &Case{}}
	defer decoders.Put(r.dec)
	r.dec.Reset(bytes.NewBuffer(data))
	if err := r.all(); err != nil {
		return nil, err
	}
	if err := r.c.Validate(); err != nil {
		return nil, err
	}
	return r.c, nil
}

var decoders = sync.Pool{New: func() any { return jsontext.NewDecoder(bytes.NewBuffer(nil)) }}

// reader reads a case. Amounts wait for the currency, which may stand after
// them.
type reader struct {
	dec     *jsontext.Decoder
	c       *Case
	amounts []amount
}

// amount is money as it was written. It belongs to a field, or else to a
// capture.
type amount struct {
	text    string
	field   *Field
	capture int
}

func (a amount) name() string {
	if a.field != nil {
		return a.field.Name
	}
	return "order.captured." + strconv.Itoa(a.capture) + ".amount"
}

func (r *reader) all() error {
	if err := r.open('{', "a JSON object"); err != nil {
		return err
	}
	if err := r.members(r.top); err != nil {
		return err
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return wrong("", "something follows the JSON object")
	}
	return r.money()
}

// here is an error of what was read last.
func (r *reader) here(problem string, args ...any) error {
	return wrong(dotted(r.dec.StackPointer()), problem, args...)
}

func (r *reader) token() (jsontext.Token, error) {
	t, err := r.dec.ReadToken()
	if err != nil {
		return t, unreadable(err)
	}
	return t, nil
}

// unreadable names where a syntax error is.
func unreadable(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return wrong(dotted(syntax.JSONPointer), "given twice")
	case errors.As(err, &syntax):
		return wrong(dotted(syntax.JSONPointer), "not JSON: %v at byte %d", syntax.Err, syntax.ByteOffset)
	}
	return wrong("", "not JSON: the text ends too early")
}

func dotted(p jsontext.Pointer) string { return strings.Join(slices.Collect(p.Tokens()), ".") }

func (r *reader) open(kind jsontext.Kind, what string) error {
	t, err := r.token()
	switch {
	case err != nil:
		return err
	case t.Kind() == 'n':
		return r.here("null; leave out what is not known")
	case t.Kind() != kind:
		return r.here("not %s", what)
	}
	return nil
}

// members calls each for the names of an object that was opened.
func (r *reader) members(each func(name string) error) error {
	for {
		t, err := r.token()
		if err != nil {
			return err
		}
		if t.Kind() == '}' {
			return nil
		}
		if err := each(t.String()); err != nil {
			return err
		}
	}
}

// top reads a member of the whole: a field, or a group of them.
func (r *reader) top(name string) error {
	if f := tree[""][name]; f != nil {
		return r.value(f)
	}
	fields := tree[name]
	if fields == nil {
		return r.here("not a known fact")
	}
	if err := r.open('{', "an object"); err != nil {
		return err
	}
	r.c.Task.Exists = r.c.Task.Exists || name == "task"
	return r.members(func(member string) error {
		switch f := fields[member]; {
		case f != nil:
			return r.value(f)
		case name == "order" && member == "captured":
			return r.list(r.capture)
		case name == "outage" && member == "maintenance":
			return r.list(r.maintenance)
		}
		return r.here("not a known fact")
	})
}

func (r *reader) value(f *Field) (err error) {
	switch p := f.at(r.c).(type) {
	case **bool:
		*p = new(bool)
		**p, err = r.boolean()
	case **int64:
		*p = new(int64)
		**p, err = r.count()
	case **time.Time:
		*p = new(time.Time)
		**p, err = r.time()
	case **money.Amount:
		return r.amount(amount{field: f})
	case **big.Rat:
		if f.Type == Price {
			return r.amount(amount{field: f})
		}
		*p, err = r.share()
	case **string:
		*p = new(string)
		if **p, err = r.text(); err == nil && f.Choices != nil && !slices.Contains(f.Choices, **p) {
			err = r.here("%q is not one of %s", **p, strings.Join(f.Choices, ", "))
		}
	}
	return err
}

func (r *reader) list(each func() error) error {
	if err := r.open('[', "a list"); err != nil {
		return err
	}
	for r.dec.PeekKind() != ']' {
		if err := r.open('{', "an object"); err != nil {
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}

func (r *reader) capture() error {
	i := len(r.c.Order.Captured)
	r.c.Order.Captured = append(r.c.Order.Captured, Capture{})
	one, priced := &r.c.Order.Captured[i], false
	err := r.members(func(name string) (err error) {
		switch name {
		case "id":
			one.ID, err = r.text()
		case "amount":
			priced = true
			err = r.amount(amount{capture: i})
		case "at":
			one.At, err = r.time()
		default:
			err = r.here("not a known fact")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case one.ID == "":
		return r.lacks("id")
	case !priced:
		return r.lacks("amount")
	case one.At.IsZero():
		return r.lacks("at")
	}
	return nil
}

// lacks is an error of the object that ended.
func (r *reader) lacks(name string) error {
	return wrong(dotted(r.dec.StackPointer())+"."+name, "is missing")
}

func (r *reader) maintenance() error {
	var m Maintenance
	err := r.members(func(name string) (err error) {
		switch name {
		case "from":
			m.From, err = r.time()
		case "to":
			m.To, err = r.time()
		case "announced_at":
			m.AnnouncedAt = new(time.Time)
			*m.AnnouncedAt, err = r.time()
		default:
			err = r.here("not a known fact")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case m.From.IsZero():
		return r.lacks("from")
	case m.To.IsZero():
		return r.lacks("to")
	case m.To.Before(m.From):
		return wrong(dotted(r.dec.StackPointer())+".to", "is before from")
	}
	r.c.Outage.Maintenance = append(r.c.Outage.Maintenance, m)
	return nil
}
