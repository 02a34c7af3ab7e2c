package account

import (
	"time"

	"safelight/internal/fault"
	"safelight/internal/i18n"
)

// ID names an account: "acc_…".
type ID string

const prefix = "acc"

// Role is what somebody does in the shop.
type Role string

// The roles, each with the rights of those before it.
const (
	Customer Role = "customer"
	Reviewer Role = "reviewer" // decides cases
	Operator Role = "operator" // runs the shop
)

var ranks = map[Role]int{Customer: 1, Reviewer: 2, Operator: 3}

// KnownRole reports whether s names a role.
func KnownRole(s string) bool { return ranks[Role(s)] > 0 }

// State is how an account stands.
type State string

// The states. A suspended account can become active again; a terminated or
// deleted one cannot.
const (
	Active     State = "active"
	Suspended  State = "suspended"
	Terminated State = "terminated"
	Deleted    State = "deleted"
)

// An Account is a person.
type Account struct {
	ID         ID
	UID        string // 8 characters that the person can read out
	Email      string // as it was written
	Locale     i18n.Lang
	Role       Role
	State      State
	Reason     string // of the state; for staff
	Newsletter bool
	CreatedAt  time.Time
	VerifiedAt time.Time // zero until the address is proven
}

// Verified reports whether the address is proven.
func (a Account) Verified() bool { return !a.VerifiedAt.IsZero() }

// Usable returns why the account may not act, or nil.
func (a Account) Usable() error {
	switch {
	case a.State == Suspended:
		return ErrSuspended
	case a.State != Active:
		return ErrTerminated
	case !a.Verified():
		return ErrUnverified
	}
	return nil
}

// The errors.
var (
	ErrNotFound      = fault.New(fault.NotFound, "account.not_found", "There is no such account.")
	ErrEmail         = fault.New(fault.Invalid, "account.email", "This is not an e-mail address that we can write to.")
	ErrPasswordShort = fault.New(fault.Invalid, "account.password_short", "A password has at least 8 characters.")
	ErrPasswordLong  = fault.New(fault.Invalid, "account.password_long", "A password has at most 128 characters.")
	ErrPasswordWeak  = fault.New(fault.Invalid, "account.password_weak", "This password is too easy to guess. A few unrelated words make a good one.")
	ErrPasswordEmail = fault.New(fault.Invalid, "account.password_email", "The password is too much like the e-mail address.")
	ErrStatement     = fault.New(fault.Invalid, "account.statement", "This is needed to make an account.")
	ErrTextChanged   = fault.New(fault.Conflict, "account.text_changed", "The text has changed since this page was opened. Please read it again.")
	ErrCredentials   = fault.New(fault.Unauthenticated, "account.credentials", "The e-mail address or the password is not right.")
	ErrCurrent       = fault.New(fault.Invalid, "account.current", "The present password is not right.")
	ErrUnverified    = fault.New(fault.Forbidden, "account.unverified", "The e-mail address is not confirmed yet. We have sent the link.")
	ErrSuspended     = fault.New(fault.Forbidden, "account.suspended", "This account is suspended. Please write to us.")
	ErrTerminated    = fault.New(fault.Forbidden, "account.terminated", "This account has been closed.")
	ErrLink          = fault.New(fault.Gone, "account.link", "This link was used before or is too old.")
	ErrSignIn        = fault.New(fault.Unauthenticated, "account.sign_in", "Please sign in first.")
	ErrToken         = fault.New(fault.Unauthenticated, "account.token", "This API token is not known.")
	ErrTokenName     = fault.New(fault.Invalid, "account.token_name", "A token needs a name of up to 60 characters.")
	ErrTokenCount    = fault.New(fault.Conflict, "account.token_count", "There are 20 tokens already. Revoke one first.")
	ErrSessionNeeded = fault.New(fault.Forbidden, "account.session_needed", "An API token cannot do this. Sign in on the site.")
	ErrExists        = fault.New(fault.Conflict, "account.exists", "There is an account with this e-mail address already.")
	ErrRole          = fault.New(fault.Invalid, "account.role", "The role is one of customer, reviewer and operator.")
	ErrNotYours      = fault.New(fault.Forbidden, "account.not_yours", "Your account is not allowed to do this.")
	ErrState         = fault.New(fault.Conflict, "account.state", "The account is not in a state that allows this.")
)
