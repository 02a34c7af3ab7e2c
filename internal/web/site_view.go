package web

// PolicyView is one published policy. Body is HTML made by the policy renderer
// from the shop's own text; nothing a customer wrote can be in it.
type PolicyView struct {
	Page
	Heading  string
	Dated    string // "In force since 20 February 2026"
	Contents []Link
	Body     string
	Versions []Link
}

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
