package mail

import (
	"context"
	"time"

	"safelight/internal/fault"
	"safelight/internal/i18n"
)

// ID names a message: "mail_…".
type ID string

// Class says whether a message may be unsubscribed from.
type Class string

// The classes.
const (
	Transactional Class = "transactional" // receipts, links, notices: always sent
	Promotional   Class = "promotional"   // only to who asked for it
)

// A Message is written by [Send]. Key makes it one message however often it is
// written.
type Message struct {
	Key         string
	To          string
	Class       Class
	Lang        i18n.Lang
	Subject     string
	Text, HTML  string
	Headers     map[string]string // besides those that every message has
	Attachments []Attachment
	// Secret: the body has a link that acts for the person. It is forgotten
	// once a real mail server has taken the message.
	Secret bool
	// Unsubscribe is what [UnsubscribeURL] gave: of a promotional message, and
	// of no other.
	Unsubscribe string
}

// An Attachment is a small file: all of a message's are at most 5 MB.
type Attachment struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Content   []byte `json:"content"`
}

// A Sent is a message as the table holds it.
type Sent struct {
	ID ID
	Message
	CreatedAt time.Time
	SentAt    time.Time // zero until a mail server took it
	GivenUpAt time.Time // zero unless it never will
	Attempts  int64
	LastError string
}

// Sender hands one message to a mail server. It returns nil once the server has
// taken responsibility for it, an error that [queue.Permanent] marked when it
// never will, and may be called again after another error.
type Sender interface {
	Send(ctx context.Context, m Sent) error
}

// Keep is a Sender that sends nothing: the messages stay in the table, where a
// shop on the sandbox shows them.
type Keep struct{}

// Send does nothing.
func (Keep) Send(context.Context, Sent) error { return nil }

// Reasons not to write a message.
var (
	// ErrAddress: the address cannot be written to.
	ErrAddress = fault.New(fault.Invalid, "mail.address", "We cannot write to this address.")
	// ErrUnwanted: the address did not ask for promotional messages, or no longer.
	ErrUnwanted = fault.New(fault.Conflict, "mail.unwanted", "This address does not want such messages.")
	// ErrToken: nobody unsubscribes by this token.
	ErrToken = fault.New(fault.NotFound, "mail.token", "This link is not complete.")
)
