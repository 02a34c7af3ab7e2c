package web

// SignUpView is the page where an account is made.
type SignUpView struct {
	Page
	Problem    string // what is wrong with the whole
	Email      Field
	Password   Field
	Agreements []Tick // the statements of account, in their order
	Seal       string // of the statements as shown; sent back with the form
	Next       string // where to go afterwards
}

// A Tick is a box that is never ticked for the reader, except when they ticked it before.
type Tick struct {
	Name     string
	Label    string
	Lang     string // of the label, where it is not the page's
	Links    []Link // documents that the label speaks of
	Wrong    string
	Checked  bool
	Required bool
}

// SignInView is the page where one signs in.
type SignInView struct {
	Page
	Problem  string
	Email    Field
	Password Field
	Next     string
}

// VerifyView says that a mail is on its way, or what came of its link.
type VerifyView struct {
	Page
	Outcome VerifyOutcome
	Email   string
	Ask     Field  // for the address, when it is not known
	Problem string // why the link was not sent again
	Token   string // of the link, to be confirmed
	Next    string // where to go when it is done
	Mailbox string // the sandbox's mailbox; empty for a real shop
}

// A VerifyOutcome is how far the verification of an address is.
type VerifyOutcome string

// The outcomes.
const (
	VerifySent  VerifyOutcome = "sent"
	VerifyAsk   VerifyOutcome = "ask" // the link is open and waits for a yes
	VerifyDone  VerifyOutcome = "done"
	VerifyStale VerifyOutcome = "stale" // used before, or too old
)

// ForgotView asks for the address of a forgotten password, or says that a
// letter is on its way.
type ForgotView struct {
	Page
	Problem string
	Email   Field
	Sent    bool
	Mailbox string // the sandbox's mailbox; empty for a real shop
}

// ResetView asks for a new password. Stale is a link that no longer works.
type ResetView struct {
	Page
	Problem  string
	Email    string
	Token    string
	Password Field
	Stale    bool
}

// AccountView is the page with everything about the reader's account.
type AccountView struct {
	Page
	Facts    []Fact // e-mail, UID, since when
	Problem  string // of the password form
	Current  Field
	New      Field
	Sessions []SessionLine
	Tokens   []TokenLine
	Token    Field
	Fresh    string // a token just made, shown this once
}

// A SessionLine is one place where the reader is signed in.
type SessionLine struct {
	ID      string
	Where   string // "Firefox on Linux, 203.0.113.7"
	When    string // "Last seen 22 November 2026, 14:03 UTC"
	Current bool
}

// A TokenLine is one API token; the token itself is not kept.
type TokenLine struct {
	ID   string
	Name string
	When string // "Made … Last used …"
}
