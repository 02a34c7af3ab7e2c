package fault

import (
	"errors"
	"maps"
	"strings"
)

// Kind is the class of an error. A Kind is itself an error, so that
// errors.Is(err, fault.NotFound) works through any wrapping.
type Kind string

// The kinds, with the HTTP status that serve gives each.
const (
	Invalid         Kind = "invalid"         // 422: the input is wrong and can be corrected
	Malformed       Kind = "malformed"       // 400: the request cannot be read
	Unauthenticated Kind = "unauthenticated" // 401: nobody is signed in
	Payment         Kind = "payment"         // 402: not enough credits
	Forbidden       Kind = "forbidden"       // 403: known, but not allowed
	NotFound        Kind = "not_found"       // 404: absent, or not yours
	Conflict        Kind = "conflict"        // 409: it clashes with what is
	Gone            Kind = "gone"            // 410: it was here
	TooLarge        Kind = "too_large"       // 413
	Unsupported     Kind = "unsupported"     // 415
	RateLimited     Kind = "rate_limited"    // 429
	Unavailable     Kind = "unavailable"     // 503: later
	Internal        Kind = "internal"        // 500: our fault
)

func (k Kind) Error() string { return string(k) }

// Args are the parameters of an error's sentence.
type Args map[string]any

// An Error has a kind, a stable code (the i18n key of its sentence) and an
// English sentence for where no language is known.
type Error struct {
	Kind     Kind
	Code     string
	Sentence string
	Field    string // the input that is wrong, if one is
	Args     Args
	cause    error
}

// New makes an error. Code is "slice.what_is_wrong".
func New(kind Kind, code, sentence string) *Error {
	return &Error{Kind: kind, Code: code, Sentence: sentence}
}

func (e *Error) Error() string {
	s := e.Code + ": " + e.Sentence
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Name is the code without its slice: what programs outside compare.
func (e *Error) Name() string {
	_, name, _ := strings.Cut(e.Code, ".")
	return name
}

// With returns a copy of e whose sentence has the parameters a besides its own.
func (e *Error) With(a Args) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = Args{}
	}
	maps.Copy(c.Args, a)
	return &c
}

// On returns a copy of e that blames the input field.
func (e *Error) On(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because returns a copy of e with its cause, for the log alone.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is e's kind or an error with e's code.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Kind:
		return e.Kind == t
	case *Error:
		return e.Code == t.Code
	}
	return false
}

var internal = New(Internal, "fault.internal", "Something went wrong on our side.")

// Of finds the [Error] in err. An error that has none is Internal, with err as
// its cause.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var k Kind
	if errors.As(err, &k) && k != Internal {
		return New(k, "fault."+string(k), string(k)).Because(err)
	}
	return internal.Because(err)
}
