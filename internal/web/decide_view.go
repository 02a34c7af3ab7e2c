package web

// DecideView is the page on which anybody tries a case against the refund
// policy.
type DecideView struct {
	Page
	Lede     string
	Problem  string
	Item     Question
	Currency *Question // nil where there is no choice
	Times    []Question
	Ground   Question
	Facts    []Question
	Given    []Tick
	Rare     []Question
	RareOpen bool
	Verdict  *Verdict
	Policy   Link
}

// A Question is a field of any kind with its choices in groups.
type Question struct {
	Field
	Groups []Choices // none for an input
	Live   bool      // other questions depend on the answer: it is sent at once
	Step   string    // of a number
}

// Choices are options under a heading, which may be empty.
type Choices struct {
	Heading string
	Options []Option
}

// A Verdict is a decision as its reader sees it.
type Verdict struct {
	State    State
	Heading  string
	Facts    []Fact
	Clauses  []Quoted
	Steps    []Fact
	Missing  []string
	Letter   string
	Lang     string // of the clauses and the letter, where it is not the page's
	Version  string
	Sentence string
}

// Quoted is a clause with its text.
type Quoted struct {
	Number string
	Title  string
	Body   string // HTML from the policy renderer
	URL    string
}
