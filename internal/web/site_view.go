package web

// ContactView says whom to write to.
type ContactView struct {
	Page
	Order  string // the order the question is about; empty for none
	Topics []Topic
}

// A Topic is one reason to write and the address for it.
type Topic struct {
	Heading string
	Text    string
	Address string
	Mailto  string
}

// ReferenceView lists the calls of the JSON API.
type ReferenceView struct {
	Page
	Base   string // "https://photos.example.com/api/v1"
	Curl   string
	Groups []CallGroup
}

// A CallGroup is the calls about one thing.
type CallGroup struct {
	Name  string
	Calls []Call
}

// A Call is one call; its sentence is in English, as the description is.
type Call struct {
	Method  string
	Path    string
	Summary string
	Note    string
}

// MailboxView is the sandbox's mailbox: the letters that a real shop would
// have sent.
type MailboxView struct {
	Page
	Letters []LetterLine
}

// A LetterLine is one letter in the mailbox.
type LetterLine struct {
	ID          string
	Subject     string
	To          string
	When        string
	Class       string
	Text        []Paragraph
	HTML        string // address of its other form; empty when it has none
	Attachments []Link
}

// A Paragraph is text with the addresses in it as links.
type Paragraph []Link

// ColophonView names who made the pictures and the software.
type ColophonView struct {
	Page
	Photos   []Credit
	Software []Credit
}

// A Credit names a work, its author and its licence.
type Credit struct {
	Work    string
	Author  string
	License Link
	Note    string
}

// TroubleView says what went wrong and what to do next.
type TroubleView struct {
	Page
	Heading string
	Text    string
	Request string // id for whoever looks into it
	Next    []Link // the first is the main one
}
